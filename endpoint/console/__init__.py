"""The console: server-rendered pages for nurses and managers.

They work without scripts; htmx keeps them fresh.
"""
