"""Figures of a year's self-checks for the patientsäkerhetsberättelse: per check, per unit and in all."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from care.check import CheckDocument, CheckPlanned
from care.check_calendar import Checkpoint, checkpoints, due
from care.check_figures import Figures, Question, figures
from care.unit import UnitDocument
from endpoint.console.checks import plans, results
from endpoint.console.forms.catalogue import catalogue
from endpoint.console.reader import Reader
from endpoint.console.texts import Texts
from endpoint.database import Database
from endpoint.yearly import year as days_of


class Figured(Struct, frozen=True):
    """One check in one year. `units` are in the order of their names; `whole` is all of them."""

    check: CheckDocument
    plan: CheckPlanned
    units: tuple[tuple[UnitDocument, Figures], ...]
    whole: Figures


class Row(Struct, frozen=True):
    """One question on the page: for each unit, and for all, a figure and what lies behind it."""

    question: str
    values: tuple[tuple[str, str], ...]


class Cell(Struct, frozen=True):
    """One figure of one question in the table to download: its value for each unit and for all."""

    question: str
    answer: str
    values: tuple[str, ...]


async def figured(
    database: Database, reader: Reader, units: Sequence[UnitDocument], year: int
) -> list[Figured]:
    """Every check that was due in the units that year, by title."""
    start, end = days_of(year)
    every = await plans(database, {unit.id for unit in units})
    dues = [one for check in every for unit in units for one in due(check, unit.id, start, end)]
    known = await results(database, dues)
    forms = await catalogue(database, {unit.id for unit in reader.units})
    found = []
    for check in every:
        points = [(unit, checkpoints(check, unit.id, start, end, known, reader.day)) for unit in units]
        here = [(unit, some) for unit, some in points if some]
        if here and check.plan:
            whole: list[Checkpoint] = [point for _, some in here for point in some]
            per_unit = tuple((unit, figures(some, forms.of)) for unit, some in here)
            found.append(Figured(check, check.plan, per_unit, figures(whole, forms.of)))
    return found


def rows(one: Figured, t: Texts) -> list[Row]:
    """The answers of one check, a question a row: the units', then the whole's."""
    found = []
    for question in one.whole.questions:
        columns = [_of(figures, question.link_id) for _, figures in one.units] + [question]
        found.append(Row(_named(question), tuple(_told(column, t) for column in columns)))
    return found


def _told(question: Question | None, t: Texts) -> tuple[str, str]:
    """*37* and *medel 12,3; 5 till 20*, or *Ja 3, Delvis 1*. Sums of what is not counted say nothing."""
    if question is None:
        return "", ""
    if question.choices:
        chosen = [
            f"{choice.label or t(f'console.figures.answer.{choice.code}')} {choice.count}"
            for choice in question.choices
            if choice.count
        ]
        return ", ".join(chosen), ""
    numbers = question.numbers
    if numbers is None:
        return "", ""
    mean, least, most = (written(value) for value in (numbers.mean, numbers.lowest, numbers.highest))
    if numbers.count == 1:
        return least, ""
    if least == most:
        return (written(numbers.total) if question.counts else least), ""
    if not question.counts:
        return mean, t("console.figures.between", least=least, most=most)
    spread = t("console.figures.spread", mean=mean, least=least, most=most)
    return written(numbers.total), spread


def cells(one: Figured, t: Texts) -> list[Cell]:
    """The answers of one check as rows of a table: the units', then the whole's."""
    found = []
    for question in one.whole.questions:
        columns = [_of(figures, question.link_id) for _, figures in one.units] + [question]
        if question.choices:
            for choice in question.choices:
                values = tuple(_count(column, choice.code) for column in columns)
                label = choice.label or t(f"console.figures.answer.{choice.code}")
                found.append(Cell(question.label, label, values))
        elif question.numbers:
            for name in ("total", "mean", "lowest", "highest"):
                values = tuple(_figure(column, name) for column in columns)
                found.append(Cell(_named(question), t(f"console.figures.{name}"), values))
    return found


def as_csv(found: Sequence[Figured], year: int, t: Texts) -> bytes:
    """A table for spreadsheets set up as in Sweden: semicolons, decimal commas, UTF-8 and its mark."""
    out = io.StringIO()
    rows = csv.writer(out, delimiter=";", lineterminator="\r\n")
    heads = ("year", "check", "unit", "question", "answer", "value")
    rows.writerow([t(f"console.figures.column.{head}") for head in heads])
    for one in found:
        names = [unit.name for unit, _ in one.units] + [t("console.figures.all")]
        every = [counted for _, counted in one.units] + [one.whole]
        for name, counted in zip(names, every, strict=True):
            told = {"planned": counted.planned, "done": counted.done, "in_time": counted.in_time}
            for word, number in told.items():
                cell = ("", t(f"console.figures.{word}"))
                rows.writerow([year, *map(_safe, (one.plan.title, name, *cell)), number])
        for answer in cells(one, t):
            for name, value in zip(names, answer.values, strict=True):
                cell = (answer.question, answer.answer)
                rows.writerow([year, *map(_safe, (one.plan.title, name, *cell)), value])
    return "\ufeff".encode() + out.getvalue().encode()


def _safe(text: str) -> str:
    """A spreadsheet takes what begins so for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _of(figures: Figures, link_id: str) -> Question | None:
    return next((one for one in figures.questions if one.link_id == link_id), None)


def _count(question: Question | None, code: str) -> str:
    return next((str(one.count) for one in question.choices if one.code == code), "") if question else ""


def _figure(question: Question | None, name: str) -> str:
    if question is None or question.numbers is None:
        return ""
    value = getattr(question.numbers, name)
    return written(value)


def written(value: Decimal) -> str:
    """3,5 and 12: without what says nothing."""
    plain = value.normalize()
    return f"{plain:f}".replace(".", ",")


def _named(question: Question) -> str:
    return f"{question.label} ({question.unit})" if question.unit else question.label
