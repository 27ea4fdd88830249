"""Aktuellt: each vital sign now and last time, and its points where the unit shows NEWS2."""

from decimal import Decimal

import flet as ft

from care.forms import Answers, Coding
from views.components import card, divider, sign
from views.model.answers_read import Reading
from views.theme import Look, Space, Tone

ROWS: tuple[tuple[str, str], ...] = (
    ("respiration", "a.respiration"),
    ("spo2", "a.spo2"),
    ("pulse", "a.pulse"),
    ("systolic", "a.systolic"),
    ("consciousness", "a.consciousness"),
    ("temperature", "a.temperature"),
)
"""By NEWS2's name of each, and its linkId; in the order A to E in which they were measured."""

SHOWN_HERE = frozenset(
    {"a.oxygen", "a.diastolic"} | {link for _, link in ROWS} | {f"{link}.missing" for _, link in ROWS}
)
"""What this table says, so that the summary need not say it again."""
MARK = 52
"""Width of the column of points, dp."""
_POINTS: dict[int, Tone] = {0: "quiet", 1: "late", 2: "late", 3: "danger"}


def vitals_card(
    look: Look, now: Reading, before: Reading | None, before_at: str, parts: dict[str, int | None] | None
) -> ft.Control:
    """The table. `parts` are NEWS2's points of each; None where the unit does not show them."""
    rows: list[ft.Control] = [_head(look, before_at, parts is not None)]
    for name, link in ROWS:
        label = look.t(_label(name, now.answers))
        value = shown(now, link)
        missing = now.text(f"{link}.missing")
        past = shown(before, link) if before else ""
        points = parts.get(name) if parts else None
        if name == "spo2" and parts and points is not None:
            points += parts.get("oxygen") or 0
        words = value or (look.t("inbox.not_measured_why", why=missing.lower()) if missing else "")
        row = _row(look, label, words or look.t("inbox.not_measured"), bool(value), past, points, bool(parts))
        rows += [divider(look), row]
    return card(look, rows, spacing=Space.S)


def shown(found: Reading, link: str) -> str:
    """A value as it is said: 37,6 and 108/64 and Vaken."""
    given = found.answers.get(link)
    if not given:
        return ""
    if link == "a.systolic" and (low := found.answers.get("a.diastolic")):
        return f"{_number(given[0])}/{_number(low[0])}"
    return found.text(link) if isinstance(given[0], Coding) else _number(given[0])


def _label(name: str, answers: Answers) -> str:
    if name != "spo2":
        return f"inbox.vital_{name}"
    given = answers.get("a.oxygen")
    if not given:
        return "inbox.vital_spo2"
    return "inbox.vital_spo2_oxygen" if given[0] is True else "inbox.vital_spo2_air"


def _number(value: object) -> str:
    return f"{value.normalize():f}".replace(".", ",") if isinstance(value, Decimal) else str(value)


def _head(look: Look, before_at: str, scored: bool) -> ft.Control:
    t, p = look.t, look.palette
    if look.large:
        return look.text(t("inbox.vitals"), "label", p.ink2)
    parts: list[ft.Control] = [
        look.text(t("inbox.vitals"), "label", p.ink2, expand=9),
        look.text(t("common.now"), "small", p.ink2, expand=7),
        look.text(before_at or t("inbox.before"), "small", p.ink2, expand=6),
    ]
    if scored:
        parts.append(look.text(t("inbox.points"), "small", p.ink2, width=MARK, text_align=ft.TextAlign.END))
    return ft.Row(parts, spacing=Space.S)


def _row(
    look: Look, label: str, value: str, measured: bool, past: str, points: int | None, scored: bool
) -> ft.Control:
    p, t = look.palette, look.t
    ink = p.ink if measured else p.late
    mark: list[ft.Control] = []
    if scored:
        word = "–" if points is None else str(points)
        mark = [sign(look, word, tone=_POINTS.get(points or 0, "danger"))]
    if look.large:
        said: list[ft.Control] = [
            look.text(label, "strong"),
            look.text(value, "h2" if measured else "body", ink),
        ]
        if past:
            said.append(look.text(t("common.last_short", value=past), "small", p.ink2))
        if points is not None:
            said.append(
                ft.Row([sign(look, t("inbox.points_of", points=points), tone=_POINTS.get(points, "danger"))])
            )
        return ft.Column(said, spacing=2, tight=True)
    parts: list[ft.Control] = [
        look.text(label, "small", expand=9),
        look.text(value, "strong" if measured and len(value) < 8 else "small_strong", ink, expand=7),
        look.text(past, "small", p.ink2, expand=6),
    ]
    if scored:
        parts.append(ft.Row(mark, width=MARK, alignment=ft.MainAxisAlignment.END))
    return ft.Row(parts, spacing=Space.S)
