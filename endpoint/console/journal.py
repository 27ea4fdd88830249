"""A case as text for the journal: whole, in Swedish whatever the reader's language, with times and names."""

from collections.abc import Mapping
from datetime import datetime

from care.sbar import SbarDocument
from care.staff import StaffDocument
from endpoint.console import times
from endpoint.console.inbox import Case
from endpoint.console.sbar import LETTERS, letters_of
from endpoint.console.sbar_trail import trail
from endpoint.console.texts import texts


def text(case: Case, staff: Mapping[str, StaffDocument]) -> str:
    """The text of an SBAR, in the order in which it was asked and answered."""
    assert case.sbar is not None
    parts = [_head(case), *_letters(case), _after(case.sbar, staff)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(case: Case) -> str:
    t = texts("sv")
    by = f"{case.by.name}, {t.within(f'title.{case.by.title}')}" if case.by else case.claimed
    lines = [f"SBAR {_dated(case.since)}", _line("unit", case.unit.name)]
    if person := case.person:
        lines.append(_line("person", f"{person.name}, {person.personnummer}".rstrip(", ")))
        lines += [_line("plan", person.plan)] if person.plan else []
    lines.append(_line("by", by or t("console.unsigned")))
    if score := case.score:
        known = str(score.total) if score.complete else t("journal.incomplete")
        lines.append(f"NEWS2: {known}" + (f", {t(f'journal.band.{score.band}')}" if score.band else ""))
    return "\n".join(lines)


def _letters(case: Case) -> list[str]:
    t = texts("sv")
    found = dict(letters_of(case.reading, whole=True))
    return [
        "\n".join([f"{letter.upper()} {t(f'console.letter.{letter}')}", *found[letter]])
        for letter in LETTERS
        if found.get(letter)
    ]


def _after(sbar: SbarDocument, staff: Mapping[str, StaffDocument]) -> str:
    t = texts("sv")
    steps = trail(sbar, staff, t, _dated)
    if not steps:
        return ""
    lines = [f"{step.text}. {step.words}".strip() for step in steps]
    return "\n".join([t("journal.after"), *lines])


def _line(key: str, value: str) -> str:
    return f"{texts('sv')(f'journal.{key}')}: {value}"


def _dated(at: datetime) -> str:
    return times.dated(at, texts("sv"))
