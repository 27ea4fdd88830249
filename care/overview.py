"""Signing over a stretch of days: how each dose ended, the share on time, how far from its time it was done.

Figures are of units and orders, never of those who signed.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from statistics import median
from typing import Literal

from msgspec import Struct

from care.dose import DoseDocument, Signature
from care.schedule import Planned
from care.signing import dose_end, given_late

Mark = Literal["on_time", "late", "early", "withheld", "missed", "unknown", "open", "twice"]
"""Given within its window, after it, before it; not given, with its reason; unsigned and over; unsigned, and
phones have been silent; not over yet; given twice."""

DUE: tuple[Mark, ...] = ("on_time", "early", "late", "twice", "missed")
"""What the share on time is taken of: neither what was left out for a reason, nor what is not known yet."""


class Cell(Struct, frozen=True):
    """A planned dose and what became of it. ``minutes``: from its time until it was done; below 0: before."""

    dose: Planned
    mark: Mark
    signatures: tuple[Signature, ...] = ()
    minutes: int | None = None


class Figures(Struct, frozen=True):
    """Counts by mark, the share on time in percent (None: nothing was due), and minutes away from the planned
    time: the median, and what nine of ten were within."""

    counts: Mapping[Mark, int]
    share: int | None
    median: int | None
    within: int | None

    @property
    def due(self) -> int:
        return sum(self.counts.get(mark, 0) for mark in DUE)

    @property
    def planned(self) -> int:
        return sum(self.counts.values())


def cells(
    doses: Iterable[Planned],
    documents: Mapping[str, DoseDocument],
    now: datetime,
    heard: datetime | None = None,
) -> list[Cell]:
    """What became of each dose, as it is known now. ``heard`` as in care.signing."""
    return [_cell(dose, documents.get(dose.id), now, heard) for dose in doses]


def _cell(dose: Planned, document: DoseDocument | None, now: datetime, heard: datetime | None) -> Cell:
    standing = tuple(document.standing) if document else ()
    end, _ = dose_end(dose, document, now, heard)
    if end != "signed" or document is None:
        return Cell(dose, end if end != "signed" else "open", standing)
    first = min(document.done, key=lambda one: one.performed)
    minutes = round((first.performed - dose.at).total_seconds() / 60)
    if len(document.done) > 1:
        return Cell(dose, "twice", standing, minutes)
    if given_late(dose, first):
        return Cell(dose, "late", standing, minutes)
    return Cell(dose, "early" if first.performed < dose.opens else "on_time", standing, minutes)


def figures(found: Iterable[Cell]) -> Figures:
    """The figures of some doses together."""
    known = list(found)
    counts: dict[Mark, int] = {}
    for cell in known:
        counts[cell.mark] = counts.get(cell.mark, 0) + 1
    due = sum(counts.get(mark, 0) for mark in DUE)
    away = sorted(abs(cell.minutes) for cell in known if cell.minutes is not None)
    return Figures(
        counts=counts,
        share=round(100 * counts.get("on_time", 0) / due) if due else None,
        median=round(median(away)) if away else None,
        within=away[(9 * len(away) - 1) // 10] if away else None,
    )


def by_order(found: Iterable[Cell]) -> dict[str, list[Cell]]:
    """The doses of each order, by its id."""
    orders: dict[str, list[Cell]] = {}
    for cell in found:
        orders.setdefault(cell.dose.order, []).append(cell)
    return orders


def by_day(found: Iterable[Cell]) -> dict[date, list[Cell]]:
    """The doses of each local date for which they were planned."""
    days: dict[date, list[Cell]] = {}
    for cell in found:
        days.setdefault(cell.dose.day, []).append(cell)
    return days
