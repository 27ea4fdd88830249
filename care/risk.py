"""The risk of what happened or may happen: how bad it would be times how likely it is (SKR's risk matrix)."""

from typing import Literal

SEVERITIES = (1, 2, 3, 4)
"""Mindre, måttlig, betydande, katastrofal."""
PROBABILITIES = (1, 2, 3, 4)
"""Mycket liten, liten, stor, mycket stor."""
EVENT_ANALYSIS_FROM = 8
"""From this product on, or from `SEVERE` on, a händelseanalys is proposed and MAS or MAR is informed (p)."""
SEVERE = 3

Band = Literal["low", "medium", "high"]


def product(severity: int, probability: int) -> int:
    return severity * probability


def calls_for_event_analysis(severity: int, probability: int) -> bool:
    return severity >= SEVERE or product(severity, probability) >= EVENT_ANALYSIS_FROM


def band(severity: int, probability: int) -> Band:
    """How it is coloured: high where it calls for a händelseanalys, low up to 3 (p), medium between."""
    if calls_for_event_analysis(severity, probability):
        return "high"
    return "low" if product(severity, probability) <= 3 else "medium"
