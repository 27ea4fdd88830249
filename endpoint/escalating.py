"""Escalating: what no nurse has read in the unit's time is stated so, with who is to be called instead.

Only that it was told is a fact (`sbar.escalated`); whether it still holds is derived (care/unanswered.py). It
is safe to do twice: each step of a case is stated once, and what has been read meanwhile is left alone.
"""

import logging
from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from care.deviation import DeviationDocument
from care.facts import Ref
from care.person import PersonDocument
from care.sbar import SbarDocument, SbarEscalated
from care.staff import StaffDocument
from care.unanswered import ESCALATED_FOR, due, instead
from care.unit import UnitDocument
from care.urgency import Urgency, of_answers, of_deviation
from endpoint import documents
from endpoint.console.answers import read
from endpoint.console.forms.catalogue import catalogue_in
from endpoint.parts import Parts
from endpoint.schema import facts, placed, streams
from endpoint.statements import Statement, take_turn, write

logger = logging.getLogger("rapp.watch")
_LOOKED_AT = 300
"""So many of the last facts of each nurses' stream are looked through: more than a day of a unit brings."""


class Due(Struct, frozen=True):
    """A step of a case that is to be stated."""

    case: SbarDocument
    unit: UnitDocument
    step: int


def escalate(parts: Parts, now: datetime) -> int:
    """State every step that is due; how many there were. Blocking."""
    if not parts.database.read_now(lambda connection: list(_due(connection, now))):
        return 0

    def state(connection: Connection) -> tuple[int, frozenset[str]]:
        # A nurse may have read it since; what is decided here is decided while nobody else states anything.
        take_turn(connection)
        found = list(_due(connection, now))
        staff = documents.all_of(connection, StaffDocument) if found else []
        statements = [_statement(one, staff, now) for one in found]
        woken = write(connection, parts.keys, statements)[1].woken if statements else frozenset()
        return len(found), woken

    count, woken = parts.database.write_now(state)
    parts.database.wake.up(woken)
    return count


def _statement(one: Due, staff: list[StaffDocument], now: datetime) -> Statement:
    call = instead(one.unit, staff, one.step, now)
    body = SbarEscalated(step=one.step, to=call.name if call else "", number=call.phone if call else "")
    return Statement(body, Ref("sbar", one.case.id), one.unit.id, one.case.person)


def _due(connection: Connection, now: datetime) -> Iterator[Due]:
    for case, unit, danger in waiting(connection, now):
        yield from (Due(case, unit, step) for step in due(case, unit.settings, danger, now))


def waiting(connection: Connection, now: datetime) -> Iterator[tuple[SbarDocument, UnitDocument, bool]]:
    """The SBARs of the last day that no nurse has read, each with its unit and whether it is a danger."""
    units: dict[str, UnitDocument | None] = {}
    for case in documents.some(connection, SbarDocument, _lately(connection, now)):
        if case.state != "waiting":
            continue
        if case.unit not in units:
            units[case.unit] = documents.one(connection, UnitDocument, case.unit)
        unit = units[case.unit]
        if unit is None or unit.closed:
            continue
        yield case, unit, _danger(connection, case, unit)


def _lately(connection: Connection, now: datetime) -> list[str]:
    """The ids of the SBARs that arrived within the time in which they are escalated.

    Found through the ends of the nurses' streams: a phone's clock, which ids are made by, may be wrong.
    """
    query = (
        select(facts.c.aggregate)
        .join(placed, placed.c.fact == facts.c.id)
        .join(streams, streams.c.name == placed.c.stream)
        .where(
            streams.c.name.startswith("nurse:", autoescape=True),
            placed.c.position > streams.c.position - _LOOKED_AT,
            facts.c.type == "sbar.recorded",
            facts.c.received > now - ESCALATED_FOR,
        )
    )
    names = sorted(set(connection.scalars(query)))
    return [name.partition("/")[2] for name in names]


def _danger(connection: Connection, case: SbarDocument, unit: UnitDocument) -> bool:
    """Whether it is a danger. One whose answers cannot be read is told of as one, and holds up no other."""
    try:
        return _urgency(connection, case, unit).danger
    except (SQLAlchemyError, OSError):
        raise  # the database's trouble is everybody's
    except Exception as error:
        logger.error("how urgent %s is cannot be worked out: %s", case.id, type(error).__name__)
        return True


def _urgency(connection: Connection, case: SbarDocument, unit: UnitDocument) -> Urgency:
    person = documents.one(connection, PersonDocument, case.person) if case.person else None
    reading = read(case.answers, "", catalogue_in(connection, [unit.id]).of)
    urgency = of_answers(
        reading.questionnaire,
        reading.answers,
        scored=unit.settings.news2 == "score",
        scale2=bool(person and person.scale2),
    )
    prompted = documents.one(connection, DeviationDocument, case.prompted_by) if case.prompted_by else None
    return urgency.beside(of_deviation(prompted)) if prompted else urgency
