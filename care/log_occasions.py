"""The access log as log control sees it: lines, and the occasions that they make.

A line is one row of the log. An occasion is what one member of staff did with one person's record at one
time: a chief can judge an occasion, and nobody can judge forty lines of it one by one.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

GAP = timedelta(minutes=30)
"""(p) So long without a line, and what follows is another occasion."""
WRITE = "write"
CONTROL = "log_control"
"""What somebody reads who does the control. It shows names and times alone, and is not itself drawn."""


class Line(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of the access log (PDL 4:3, HSLF-FS 2016:40 4:9): who, which person, what, when, as what."""

    at: datetime
    staff: str
    unit: str
    """The person's unit."""
    person: str
    act: str
    """read, beyond, export, print, erase; write: something was stated of the person."""
    what: str
    device: str = ""
    role: str = ""
    """Roles held then, joined by a comma."""
    law: str = ""
    reason: str = ""
    ref: str = ""
    """Id of the fact that it comes of."""

    @property
    def digest(self) -> bytes:
        """SHA-256 over the line's fields in their order, JSON, the time in microseconds since 1970 UTC."""
        micros = (self.at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        fields = (micros, self.staff, self.unit, self.person, self.act, self.what, self.device, self.role)
        return hashlib.sha256(msgspec.json.encode((*fields, self.law, self.reason, self.ref))).digest()


class Occasion(Struct, frozen=True, kw_only=True):
    """What somebody did with one person's record at one time. ``id``: hex SHA-256 over its lines' digests."""

    id: str
    staff: str
    person: str
    unit: str
    first: datetime
    last: datetime
    acts: tuple[str, ...]
    whats: tuple[str, ...]
    roles: tuple[str, ...]
    devices: tuple[str, ...]
    reasons: tuple[str, ...]
    listed: bool
    """The person was only seen in lists that showed several persons at once."""

    def beside(self, at: datetime, within: timedelta) -> bool:
        """Whether a time is during the occasion, or at most so long before or after it."""
        return self.first - within <= at <= self.last + within


Digested = Mapping[bytes, Line]
"""Lines by their digest, in their order."""


def digested(lines: Iterable[Line]) -> Digested:
    """Each line once, in the one order that does not depend on how they came: time, then digest."""
    once = {line.digest: line for line in lines}
    return dict(sorted(once.items(), key=lambda each: (each[1].at, each[0])))


def distinct(lines: Iterable[Line]) -> list[Line]:
    """Each line once, in that order."""
    return list(digested(lines).values())


def occasions(lines: Digested) -> list[Occasion]:
    """The occasions of some lines, oldest first. Writing without reading makes none: it is signed."""
    lists = _lists(lines.values())
    runs: dict[tuple[str, str, str], list[list[tuple[bytes, Line]]]] = defaultdict(list)
    for digest, line in lines.items():
        if line.what == CONTROL:
            continue
        mine = runs[line.staff, line.person, line.unit]
        if mine and line.at - mine[-1][-1][1].at <= GAP:
            mine[-1].append((digest, line))
        else:
            mine.append([(digest, line)])
    found = [_occasion(run, lists) for several in runs.values() for run in several]
    return sorted((one for one in found if one.whats), key=lambda one: (one.first, one.id))


def _lists(lines: Iterable[Line]) -> set[tuple[str, datetime, str]]:
    """Which readings showed several persons at the same moment: (staff, at, what)."""
    persons: dict[tuple[str, datetime, str], set[str]] = defaultdict(set)
    for line in lines:
        if line.act == "read":
            persons[line.staff, line.at, line.what].add(line.person)
    return {reading for reading, seen in persons.items() if len(seen) > 1}


def _occasion(digested: list[tuple[bytes, Line]], lists: set[tuple[str, datetime, str]]) -> Occasion:
    whole = hashlib.sha256(b"".join(digest for digest, _ in digested))
    run = [line for _, line in digested]
    looked = [line for line in run if line.act != WRITE]

    def every(field: str) -> tuple[str, ...]:
        said = {
            word
            for line in run
            for word in (getattr(line, field).split(",") if field == "role" else [getattr(line, field)])
        }
        return tuple(sorted(said - {""}))

    return Occasion(
        id=whole.hexdigest(),
        staff=run[0].staff,
        person=run[0].person,
        unit=run[0].unit,
        first=run[0].at,
        last=run[-1].at,
        acts=every("act"),
        whats=tuple(sorted({line.what for line in looked})),
        roles=every("role"),
        devices=every("device"),
        reasons=every("reason"),
        listed=all(line.act == "read" and (line.staff, line.at, line.what) in lists for line in looked),
    )
