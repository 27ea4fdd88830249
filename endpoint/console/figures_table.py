"""A table of figures, which is its own chart."""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from care.deviation_figures import percent

Value = int | float | str | None
"""None: a small number that is not told. "": nothing is known."""


class Row(Struct, frozen=True):
    """``bar`` and ``mark``: this period and the year before, in percent of the table's largest."""

    name: str
    values: tuple[Value, ...]
    bar: int | None = None
    mark: int | None = None
    change: str = ""


class Table(Struct, frozen=True):
    """One table, which is its own chart. ``levels`` (heat): how dark each cell of a row is, 0 to 5."""

    name: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    shape: Literal["bars", "heat", "plain"] = "plain"
    levels: tuple[tuple[int, ...], ...] = ()
    note: str = ""


def bars(values: Sequence[tuple[str, int | None, int | None]], *more: Mapping[str, Value]) -> tuple[Row, ...]:
    """Rows with a bar each; `more`: further columns, by the row's name."""
    most = max((number_of(value) for _, *pair in values for value in pair), default=0) or 1
    return tuple(
        Row(
            name,
            (now, before, *(column.get(name, "") for column in more)),
            None if now is None else 100 * now // most,
            None if before is None else 100 * before // most,
            change(now, before),
        )
        for name, now, before in values
    )


def change(now: int | None, before: int | None) -> str:
    """+7 %, −8 %; nothing where there is nothing to compare with."""
    if now is None or not before:
        return ""
    by = percent(abs(now - before), before)
    return f"{'+' if now > before else '−' if now < before else '±'}{by} %"


def number_of(value: int | None) -> int:
    """A number to order by; what is not told stands among the smallest."""
    return 1 if value is None else value
