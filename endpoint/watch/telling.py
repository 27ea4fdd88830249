"""Telling: what is new of what units have to see to is stated as notices, with a message for each way.

Safe to do twice: what was told is read while nobody else states anything, and each thing is told once at each
stage. The messages are put down in the same transaction as the notice, and sent from there (sending.py).
"""

import logging
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from prometheus_client import Counter
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from care.facts import Ref
from care.notice import NoticeNotified, NoticeOver, notice_id
from care.schedule import STOCKHOLM
from care.signing import local_day
from care.staff import StaffDocument
from care.streams import Stream, granted
from care.unanswered import chiefs_of, instead
from care.unit import OnCall, UnitDocument
from care.watch import Tell, to_tell
from endpoint import documents
from endpoint.console.texts import texts
from endpoint.escalating import waiting
from endpoint.parts import Parts
from endpoint.people.words import is_email
from endpoint.statements import Statement, take_turn, write
from endpoint.watch import outgoing
from endpoint.watch.channels import page_of
from endpoint.watch.delegations import in_force
from endpoint.watch.numbers import mobile
from endpoint.watch.outgoing import Message
from endpoint.watch.reading import Seen, Waiting, months, overdue_cases, seen
from endpoint.watch.settings import Channels

logger = logging.getLogger("rapp.watch")
_unread = Counter("rapp_watch_unread_units", "Times that a unit's state could not be worked out by the watch")


class News(Struct, frozen=True):
    """What is to be told of one unit."""

    unit: UnitDocument
    tells: list[Tell]
    over: list[Seen]


def watch(parts: Parts, now: datetime) -> int:
    """Tell what is new; how many notices that was. Blocking."""
    news = parts.database.read_now(lambda connection: list(_news(connection, now)))
    if not news:
        return 0
    units = frozenset(one.unit.id for one in news)
    return _state(parts, now, lambda connection: list(_news(connection, now, units)))


def remind(parts: Parts, now: datetime) -> int:
    """Tell chiefs, MAS and SAS which of their cases are overdue; how many notices that was. Blocking."""
    if not parts.database.read_now(lambda connection: list(_reminders(connection, now))):
        return 0
    return _state(parts, now, lambda connection: list(_reminders(connection, now)))


def _state(parts: Parts, now: datetime, look: Callable[[Connection], list[News]]) -> int:
    def state(connection: Connection) -> tuple[int, frozenset[str]]:
        # Somebody may have signed or read meanwhile, and another worker told it.
        take_turn(connection)
        return _tell(connection, parts, look(connection), now)

    count, woken = parts.database.write_now(state)
    parts.database.wake.up(woken)
    return count


def _reminders(connection: Connection, now: datetime) -> Iterator[News]:
    for unit in documents.all_of(connection, UnitDocument):
        if unit.closed:
            continue
        matters = _read(unit, lambda unit: overdue_cases(connection, unit, now))
        tells = [tell for one in matters for tell in to_tell(one.matter, one.found, one.notices, now)]
        over = [one for one in matters if one.over]
        if tells or over:
            yield News(unit, tells, over)


def _news(connection: Connection, now: datetime, only: frozenset[str] | None = None) -> Iterator[News]:
    cases: defaultdict[str, list[Waiting]] = defaultdict(list)
    for case, unit, danger in waiting(connection, now):
        cases[unit.id].append((case, danger))
    delegations = in_force(connection, now)
    for unit in documents.all_of(connection, UnitDocument):
        if unit.closed or (only is not None and unit.id not in only):
            continue
        matters = _read(
            unit,
            lambda unit: seen(connection, unit, cases[unit.id], delegations.get(unit.id, ()), now),
        )
        tells = [tell for one in matters for tell in to_tell(one.matter, one.found, one.notices, now)]
        over = [one for one in matters if one.over]
        if tells or over:
            yield News(unit, tells, over)


def _read(unit: UnitDocument, look: Callable[[UnitDocument], list[Seen]]) -> list[Seen]:
    """What there is to see to in a unit. One that cannot be read keeps no other from being told."""
    try:
        return look(unit)
    except (SQLAlchemyError, OSError):
        raise  # the database's trouble is everybody's
    except Exception as error:
        # What it says may be of somebody: the log has where it happened, not what it said.
        places = traceback.extract_tb(error.__traceback__)[-3:]
        where = " < ".join(f"{Path(one.filename).name}:{one.lineno}" for one in reversed(places))
        logger.error("unit %s cannot be watched: %s at %s", unit.id, type(error).__name__, where)
        _unread.inc()
        return []


def _tell(
    connection: Connection, parts: Parts, news: Sequence[News], now: datetime
) -> tuple[int, frozenset[str]]:
    staff = documents.all_of(connection, StaffDocument) if news else []
    providers = {one.id: one.provider for one in documents.all_of(connection, UnitDocument)} if news else {}
    statements: list[Statement] = []
    told: list[tuple[UnitDocument, Tell, list[OnCall]]] = []
    for one in news:
        for tell in one.tells:
            reached = on_call(one.unit, staff, tell, now, providers)
            told.append((one.unit, tell, reached))
            statements.append(_notified(one.unit, tell, reached, now))
    overs = [statement for one in news for seen in one.over for statement in _over(one.unit, seen)]
    if not statements and not overs:
        return 0, frozenset()
    facts, done = write(connection, parts.keys, [*statements, *overs])
    messages = [
        message
        for fact, (unit, tell, reached) in zip(facts, told, strict=False)
        for message in messages_of(fact.id, unit, tell, reached, parts, now)
    ]
    outgoing.put(connection, messages)
    return len(statements), done.woken


def _notified(unit: UnitDocument, tell: Tell, reached: Sequence[OnCall], now: datetime) -> Statement:
    body = NoticeNotified(
        matter=tell.matter,
        stage=tell.stage,
        to=tell.to,
        about=tell.about,
        since=tell.since,
        name=", ".join(dict.fromkeys(one.name for one in reached)),
    )
    return Statement(body, Ref("notice", notice_id(unit.id, tell.matter, months(now)[0])), unit.id, at=now)


def _over(unit: UnitDocument, seen: Seen) -> Iterator[Statement]:
    """In each month's notice that it was told in."""
    for notice in seen.notices:
        about = tuple(one for one in seen.over if one in notice.stages)
        if about:
            yield Statement(NoticeOver(matter=seen.matter, about=about), Ref("notice", notice.id), unit.id)


def on_call(
    unit: UnitDocument,
    staff: Sequence[StaffDocument],
    tell: Tell,
    now: datetime,
    providers: Mapping[str, str],
) -> list[OnCall]:
    """Who is to be reached at this hour. Where the nurse's table has nobody, whoever is called instead.

    ``providers``: the vårdgivare of each unit, by id: MAS and SAS read all units of theirs.
    """
    if tell.to in ("mas", "sas"):
        stream, day = Stream(tell.to, unit.id), local_day(now)
        readers = [one for one in staff if stream in granted(one, day, providers)]
        return [
            OnCall(one.name, one.phone, email=one.email) for one in sorted(readers, key=lambda one: one.name)
        ]
    if tell.to == "chief":
        return chiefs_of(unit, staff, now)
    nurse = unit.on_call(now.astimezone(STOCKHOLM).strftime("%H:%M"))
    if tell.matter != "unanswered_sbar" and nurse is not None:
        return [nurse]
    # Where nobody is there instead, better whoever did not read it than nobody.
    other = instead(unit, staff, 1, now) or nurse
    return [other] if other is not None else []


def messages_of(
    fact: str, unit: UnitDocument, tell: Tell, reached: Sequence[OnCall], parts: Parts, now: datetime
) -> Iterator[Message]:
    """A message for each way that is set and leads to somebody."""
    for channel, address in dict.fromkeys(_ways(parts.settings.channels, reached)):
        yield Message(
            id=outgoing.message_id(fact, channel, address),
            unit=unit.id,
            matter=tell.matter,
            stage=tell.stage,
            things=len(tell.about),
            channel=channel,
            address=address,
            text=words(channel, unit, tell, parts.settings.base_url),
            made=now,
        )


def _ways(channels: Channels, reached: Sequence[OnCall]) -> Iterator[tuple[str, str]]:
    for one in reached:
        number = mobile(one.phone)
        if channels.sms_url and number:
            yield "sms", number
        if channels.mail_url and is_email(one.email):
            yield "mail", one.email
    if channels.webhook_url:
        yield "webhook", ""


def words(channel: str, unit: UnitDocument, tell: Tell, base_url: str) -> str:
    """What is said, in Swedish: what it is, how many, where, and the page. Nobody's name."""
    t = texts("sv")
    said = t.n(f"watch.said.{tell.matter}", len(tell.about), unit=unit.name)
    return t("watch.mail" if channel == "mail" else "watch.sms", said=said, link=page_of(base_url))
