"""The risk of what happened or may happen: how bad it would be times how likely it is (SKR's risk matrix)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

SEVERITIES = (1, 2, 3, 4)
"""Mindre, måttlig, betydande, katastrofal."""
PROBABILITIES = (1, 2, 3, 4)
"""Mycket liten, liten, stor, mycket stor."""

Band = Literal["low", "medium", "high"]
Product = Annotated[int, Meta(ge=2, le=16)]


class Limits(Struct, frozen=True):
    """From where on a risk is what (p): the municipality may set others (care/risk_limits.py).

    ``medium``: from this product on it is medium. ``high``: from this product on, or from the severity
    ``severe`` on, it is high: a händelseanalys is called for, and MAS or MAR is informed.
    """

    medium: Product = 4
    high: Product = 8
    severe: Annotated[int, Meta(ge=1, le=4)] = 3

    def band(self, severity: int, probability: int) -> Band:
        """How it is coloured."""
        found = product(severity, probability)
        if severity >= self.severe or found >= self.high:
            return "high"
        return "medium" if found >= self.medium else "low"


LIMITS = Limits()
"""Those that hold where nobody has set others."""


def product(severity: int, probability: int) -> int:
    return severity * probability
