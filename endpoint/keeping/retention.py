"""What is past its time goes: the same erasure as by decision, for the reason that the time is over.

Safe to run again, and whenever: what is erased is not found a second time, what was broken off goes on.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Table, delete, exists, func, or_, select

from care.delegation import DelegationDocument
from care.erasing import ERASED
from care.signing import local_day
from care.staff import StaffDocument
from care.viewing import VIEW
from endpoint import documents
from endpoint.audit import retention as log
from endpoint.audit.tables import audit, audit_heads
from endpoint.console.forms.drafts import drafts
from endpoint.database import Database
from endpoint.deviations.schema import past_deviations
from endpoint.fhir.tables import fhir_keys
from endpoint.identity.asked import authorizations
from endpoint.identity.standing import logout_tokens
from endpoint.imports.tables import import_lists
from endpoint.keeping import ledger
from endpoint.keeping.erase import Order, aggregate_of_person, aggregates_of, counts, erase
from endpoint.keeping.terms import DRAFT_DAYS, PIECES_DAYS, SENT_DAYS, SHORT_DAYS, TERMS, Keep, years_before
from endpoint.keys import Keys
from endpoint.log_control import retention as log_control
from endpoint.people.schema import scim_deleted, scim_tokens, staff_lists
from endpoint.persons.beyond import beyond
from endpoint.photos import photo_pieces
from endpoint.schema import (
    console_sessions,
    device_events,
    enrol_codes,
    facts,
    nonces,
    quarantine,
    sessions,
    sign_ins,
    slot_keys,
)
from endpoint.schema import documents as documents_table
from endpoint.watch.outgoing import outgoing

_OWN_TERM = ("deviation", "complaint", "report")
"""Kinds that name a care recipient and are no part of the record."""
_LAWS = {term.name: term.law for term in TERMS}


class Due(Struct, frozen=True):
    """Something past its time: whose or which, in which unit, its aggregates, and how many facts."""

    term: str
    unit: str
    of: str
    names: tuple[str, ...]
    entries: int


class Swept(Struct, frozen=True):
    """What was due, and how many rows that are no facts went (or would go), by kind."""

    due: tuple[Due, ...]
    rows: dict[str, int]

    def by_unit(self) -> dict[tuple[str, str], tuple[int, int]]:
        """By term and unit: how many persons, cases or people, and how many entries."""
        found: defaultdict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
        for one in self.due:
            of, entries = found[one.term, one.unit]
            found[one.term, one.unit] = of + 1, entries + one.entries
        return dict(sorted(found.items()))


def run(
    database: Database,
    keys: Keys,
    file: ledger.File,
    keep: Keep,
    now: datetime,
    dry: bool = False,
    rewrite: bool = True,
) -> Swept:
    """Erase what is past its time, delete rows that have ended. Blocking.

    `dry`: only say what would go. `rewrite`: write the database's files anew, too.
    """
    due = [
        *database.read_now(lambda connection: list(_records(connection, keep.limit("record", now)))),
        *database.read_now(lambda connection: list(_deviations(connection, keep.limit("deviation", now)))),
        *database.read_now(lambda connection: list(_delegations(connection, keep.limit("delegation", now)))),
    ]
    if not dry:
        _erase(database, keys, file, due)
    # Staff come last: who has just lost the last entry that named them may go now.
    gone = {name for one in due for name in one.names} if dry else set()
    staff = database.read_now(lambda connection: list(_staff(connection, keep.limit("staff", now), gone)))
    if not dry:
        _erase(database, keys, file, staff)
        _forget_people(database, [one.of for one in staff])
    rows = _rows(database, keep, now, dry)
    if rewrite and not dry and (due or staff or any(rows.values())):
        database.rewrite()
    return Swept((*due, *staff), rows)


def _erase(database: Database, keys: Keys, file: ledger.File, due: Sequence[Due]) -> None:
    try:
        for one in due:
            erase(database, keys, one.names, Order("retention", _LAWS[one.term]))
    finally:
        # What was set aside stays for its own time: it may be the newest entry of all about somebody.
        ledger.keep(database, file)


def _records(connection: Connection, limit: datetime) -> Iterator[Due]:
    for person, unit in _last_entries(connection, limit).items():
        names = [name for name in aggregates_of(connection, person) if _kind(name) not in _OWN_TERM]
        yield from _due(connection, "record", unit, person, names)


def _last_entries(connection: Connection, limit: datetime) -> dict[str, str]:
    """Persons whose last entry was before, and the unit of it."""
    kinds = (*_OWN_TERM, VIEW)
    own = func.substr(facts.c.aggregate, len(aggregate_of_person("")) + 1)
    person = func.coalesce(facts.c.person, own)
    counted = (
        facts.c.erased.is_(None),
        facts.c.type != ERASED,
        or_(facts.c.person.is_not(None), facts.c.aggregate.startswith(aggregate_of_person(""))),
        *(~facts.c.aggregate.startswith(f"{kind}/") for kind in kinds),
    )
    # Grouped in the database: there may be a million doses of people who are cared for now.
    over = (
        select(person.label("person"), func.max(facts.c.received).label("last"))
        .where(*counted)
        .group_by(person)
        .having(func.max(facts.c.received) < limit)
        .subquery()
    )
    rows = connection.execute(
        select(over.c.person, facts.c.unit)
        .join(facts, (person == over.c.person) & (facts.c.received == over.c.last))
        .where(*counted)
        .order_by(over.c.person)
    )
    return {row.person: row.unit for row in rows}


def _deviations(connection: Connection, limit: datetime) -> Iterator[Due]:
    rows = connection.execute(
        select(facts.c.aggregate, facts.c.unit, func.max(facts.c.received).label("last"))
        .join(documents_table, documents_table.c.aggregate == facts.c.aggregate)
        .where(
            documents_table.c.kind.in_(("deviation", "complaint")),
            facts.c.erased.is_(None),
            facts.c.type != ERASED,
        )
        .group_by(facts.c.aggregate, facts.c.unit)
        .order_by(facts.c.aggregate)
    ).all()
    for row in rows:
        if row.last < limit:
            id = row.aggregate.partition("/")[2]
            yield from _due(connection, "deviation", row.unit, id, [row.aggregate, f"report/{id}"])


def _delegations(connection: Connection, limit: datetime) -> Iterator[Due]:
    for one in documents.all_of(connection, DelegationDocument):
        ends = [at for at in (one.end, one.revoked, one.declined) if at]
        if ends and min(ends) < limit and not one.gone:
            yield from _due(connection, "delegation", one.unit, one.id, [f"delegation/{one.id}"])


def _staff(connection: Connection, limit: datetime, gone: set[str]) -> Iterator[Due]:
    left = {
        one.id: one for one in documents.all_of(connection, StaffDocument) if _left(connection, one, limit)
    }
    if not left:
        return
    # All of them at once: facts are not found by their author without going through them.
    stated = connection.execute(
        select(facts.c.author, facts.c.aggregate)
        .where(facts.c.author.in_(left), facts.c.erased.is_(None), facts.c.type != ERASED)
        .distinct()
    )
    stay = {author for author, name in stated if name not in gone and name != f"staff/{author}"}
    for id in sorted(left.keys() - stay):
        yield from _due(connection, "staff", left[id].unit, id, [f"staff/{id}"])


def _left(connection: Connection, one: StaffDocument, limit: datetime) -> bool:
    """Whether somebody left so long ago; who has no role at all, when nothing has been said of them since."""
    if not one.roles:
        return not one.gone and _last_said(connection, f"staff/{one.id}") < limit
    day = local_day(limit)
    return not one.gone and all(role.end is not None and role.end < day for role in one.roles)


def _last_said(connection: Connection, aggregate: str) -> datetime:
    query = select(func.max(facts.c.received)).where(facts.c.aggregate == aggregate)
    last: datetime = connection.execute(query).scalar_one()
    return last


def _due(connection: Connection, term: str, unit: str, of: str, names: Iterable[str]) -> Iterator[Due]:
    every = tuple(names)
    entries = sum(counts(connection, every).values())
    if entries:
        yield Due(term, unit, of, every, entries)


def _forget_people(database: Database, staff: Sequence[str]) -> None:
    """What is kept beside the facts of people who are gone."""

    def forget(connection: Connection) -> None:
        for table in (slot_keys, scim_deleted, drafts):
            connection.execute(delete(table).where(table.c.staff.in_(staff)))

    if staff:
        database.write_now(forget)


def sweep_ended(database: Database, now: datetime, dry: bool = False) -> dict[str, int]:
    """Delete the rows of what has ended and proves nothing. How many, by kind."""
    ended = now - timedelta(days=SHORT_DAYS)
    return _sweep(
        database,
        [
            ("sessions", sessions, sessions.c.expires < ended),
            ("nonces", nonces, nonces.c.expires < ended),
            ("sign_ins", sign_ins, sign_ins.c.expires < ended),
            ("authorizations", authorizations, authorizations.c.expires < ended),
            ("logout_tokens", logout_tokens, logout_tokens.c.expires < ended),
            ("enrol_codes", enrol_codes, enrol_codes.c.expires < ended),
            ("console_sessions", console_sessions, console_sessions.c.expires < ended),
            ("staff_lists", staff_lists, staff_lists.c.made < ended),
            ("import_lists", import_lists, import_lists.c.made < ended),
            ("outgoing", outgoing, outgoing.c.made < now - timedelta(days=SENT_DAYS)),
            ("photo_pieces", photo_pieces, photo_pieces.c.received < now - timedelta(days=PIECES_DAYS)),
            ("console_drafts", drafts, drafts.c.saved < now - timedelta(days=DRAFT_DAYS)),
        ],
        dry,
    )


def _rows(database: Database, keep: Keep, now: datetime, dry: bool) -> dict[str, int]:
    """Rows that are no facts: of the log, set aside, and of what has ended. How many, by kind."""
    found = sweep_ended(database, now, dry)
    log_over = keep.limit("log", now)
    found |= _sweep(
        database,
        [
            ("set_aside", quarantine, quarantine.c.received < keep.limit("set_aside", now)),
            ("past_deviations", past_deviations, past_deviations.c.reported < keep.limit("deviation", now)),
            ("beyond", beyond, beyond.c.until < log_over),
            ("device_events", device_events, device_events.c.at < log_over),
            ("scim_tokens", scim_tokens, scim_tokens.c.closed < log_over),
            ("fhir_keys", fhir_keys, fhir_keys.c.ends < log_over),
        ],
        dry,
    )
    # The log forgets by five years; with a longer term it is asked as of so many years ago.
    as_of = years_before(now, keep.years["log"] - log.YEARS)
    if dry:
        found["log"] = database.read_now(lambda connection: _log_due(connection, log.oldest_kept(as_of)))
    else:
        found["log"] = database.write_now(lambda connection: log.forget(connection, as_of))
        found["log_control"] = database.write_now(lambda connection: log_control.forget(connection, as_of))
    return found


def _sweep(
    database: Database, limits: Sequence[tuple[str, Table, ColumnElement[bool]]], dry: bool
) -> dict[str, int]:
    def sweep(connection: Connection) -> dict[str, int]:
        found = {
            name: connection.execute(select(func.count()).select_from(table).where(past)).scalar_one()
            for name, table, past in limits
        }
        for _, table, past in () if dry else limits:
            connection.execute(delete(table).where(past))
        return found

    return database.read_now(sweep) if dry else database.write_now(sweep)


def _log_due(connection: Connection, before: date) -> int:
    """How many rows of the log are of days before, whose heads have been signed."""
    signed = exists(select(1).where(audit_heads.c.unit == audit.c.unit, audit_heads.c.day == audit.c.day))
    query = select(func.count()).select_from(audit).where(audit.c.day < before.isoformat(), signed)
    return int(connection.execute(query).scalar_one())


def _kind(name: str) -> str:
    return name.partition("/")[0]
