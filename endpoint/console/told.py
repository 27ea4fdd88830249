"""Differences as they are read: the field's name, what stood there, what stands there now."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from care.rights import Role
from care.staff import RoleInUnit
from care.unit import OnCall
from endpoint.console import times
from endpoint.console.texts import Texts
from endpoint.people.differences import Difference
from endpoint.people.roster import Roster


class Told(Struct, frozen=True):
    """One field. Each side is lines of words; none: there was, or is, nothing."""

    label: str
    before: list[str]
    after: list[str]


def told(found: Sequence[Difference], roster: Roster, t: Texts) -> list[Told]:
    """Differences in the reader's language."""
    return [
        Told(
            t(f"people.field.{one.field}"),
            _said(one.field, one.before, roster, t),
            _said(one.field, one.after, roster, t),
        )
        for one in found
    ]


def role_told(role: RoleInUnit, roster: Roster, t: Texts) -> str:
    """Omsorgspersonal, Granen, från 1 januari 2025 till och med 31 maj 2026."""
    unit = roster.units.get(role.unit)
    name = unit.name if unit else t("people.unit_gone")
    held = f"{role_name(role.role, t)}, {name}"
    if role.end is None:
        return t("people.role.from", role=held, start=times.day(role.start, t))
    if role.end < role.start:
        return t("people.role.never", role=held, start=times.day(role.start, t))
    return t("people.role.between", role=held, start=times.day(role.start, t), end=times.day(role.end, t))


def role_name(role: Role, t: Texts) -> str:
    return t(f"people.role.{role.value}")


def call_told(call: OnCall, t: Texts) -> str:
    """07:00-16:00 Karin Ström, 070-1740605."""
    hours = t("units.always") if call.start == call.end else f"{call.start}–{call.end}"
    return f"{hours} {call.name}, {call.phone}" + (f", {call.email}" if call.email else "")


def _said(name: str, value: Any, roster: Roster, t: Texts) -> list[str]:
    if value is None or value == "" or value == ():
        return []
    match name:
        case "title":
            return [t(f"title.{value}")]
        case "language":
            return [t(f"language.{value}")]
        case "kind":
            return [t(f"units.kind.{value}")]
        case "settings.news2":
            return [t(f"units.news2.{value}")]
        case "role":
            return [role_told(value, roster, t)]
        case "nurse" | "fallback":
            return [call_told(call, t) for call in value]
        case "floors":
            return list(value)
        case "closed":
            return [t("common.yes" if value else "common.no")]
    return [str(value)]
