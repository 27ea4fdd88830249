"""Loggkontroll: drawing a month of a unit's log, judging what was drawn, protocol. docs/log-control.md."""
