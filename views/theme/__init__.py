"""How Rapp looks: colours, sizes, type, and the `Look` that every component is drawn with."""

from views.theme.look import Look, LookContext, use_look
from views.theme.measure import Measured, use_measured
from views.theme.theme import FONTS, flet_theme
from views.theme.tokens import DARK, LIGHT, Palette, Radius, Space, Target, Tone, tone
from views.theme.type import ROLES, Role, style, text

__all__ = [
    "DARK",
    "FONTS",
    "LIGHT",
    "ROLES",
    "Look",
    "LookContext",
    "Measured",
    "Palette",
    "Radius",
    "Role",
    "Space",
    "Target",
    "Tone",
    "flet_theme",
    "style",
    "text",
    "tone",
    "use_look",
    "use_measured",
]
