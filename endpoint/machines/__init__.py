"""Locks of medicine cabinets, dispensers and reminders: what they report (docs/machines.md)."""
