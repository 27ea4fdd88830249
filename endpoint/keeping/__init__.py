"""Keeping: for how long, what is erased, and what is handed out. docs/keeping.md."""
