"""What one row of old reports says: the report that figures count, or what is wrong with it and where."""

import hashlib
import hmac
import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec
from msgspec import Struct

from care.deviation_figures import UNKNOWN, minutes_between
from care.signing import local_day
from care.unit import UnitDocument
from endpoint.deviations.errors import WrongValue
from endpoint.deviations.mapping import HISTORICAL, KNOWN, NEEDED, Map
from endpoint.deviations.table import Row, word
from endpoint.deviations.times import Told, told
from endpoint.deviations.words import subcategory_of
from endpoint.people.words import plain as _plain

NAME_MOST, WORD_MOST, REF_MOST, TIME_MOST = 120, 60, 200, 60
_SLACK = timedelta(minutes=5)
_PERSONNUMMER = re.compile(r"(?<![0-9])(?:[0-9]{2})?[0-9]{6}[-+ ]?[0-9]{4}(?![0-9])")
_UNITS = uuid.UUID("b6b8a5c6-2f0e-5d3c-9f6b-3f1f2c1f7a10")
"""The namespace of units that only old reports name."""

plain = lru_cache(20_000)(_plain)


class Past(Struct, frozen=True):
    """One old report, as it is kept (endpoint/deviations/schema.py)."""

    id: bytes
    provider: str
    unit: str
    unit_type: str
    category: str
    subcategory: str
    harm: str
    profession: str
    occurred: datetime | None
    reported: datetime
    day: str
    hour: int | None
    minutes: int | None
    person: bytes | None


class PastUnit(Struct, frozen=True):
    """A unit that is no longer there."""

    id: str
    provider: str
    name: str
    kind: str


class Units:
    """The units here, found by id or name; of one vårdgivare, where one is named."""

    def __init__(self, units: Sequence[UnitDocument], provider: str | None, map: Map) -> None:
        self.provider = provider
        self.past: dict[str, PastUnit] = {}
        self._map = map
        self._by_word: dict[str, list[UnitDocument]] = {}
        for unit in units:
            if provider in (None, unit.provider):
                for name in {plain(unit.name), plain(unit.id)}:
                    self._by_word.setdefault(name, []).append(unit)

    def find(self, said: str, kind: str) -> UnitDocument | PastUnit:
        """The unit that a row names. Raises WrongValue."""
        target = self._map.target("unit", said)
        found = self._here(target if target and target != HISTORICAL else said)
        if found and target != HISTORICAL:
            return found
        if HISTORICAL in (target, None if target else self._map.otherwise("unit")):
            return self._historical(said, kind)
        otherwise = None if target else self._map.otherwise("unit")
        if otherwise and (found := self._here(otherwise)):
            return found
        reason = f'"{target or said}" is no unit here; name the unit, or "{HISTORICAL}", under unit in --map'
        raise WrongValue("unit", reason, said)

    def unmet(self) -> list[str]:
        """Units that the map names and that are not here."""
        named = set(self._map.words.get("unit", {}).values()) - {HISTORICAL}
        return sorted(one for one in named if plain(one) not in self._by_word)

    def _here(self, name: str) -> UnitDocument | None:
        found = self._by_word.get(plain(name), [])
        if len(found) > 1:
            raise WrongValue("unit", f'"{name}": more than one unit is called so; name its id in --map', name)
        return found[0] if found else None

    def _historical(self, name: str, kind: str) -> PastUnit:
        if self.provider is None:
            raise WrongValue("unit", f'"{name}" is historical: say whose with --provider', name)
        id = str(uuid.uuid5(_UNITS, f"{self.provider}/{plain(name)}"))
        # The name as it was first written; the kind as soon as a row tells it.
        before = self.past.get(id)
        if before is None or (before.kind == UNKNOWN and kind != UNKNOWN):
            self.past[id] = PastUnit(id, self.provider, before.name if before else name, kind)
        return self.past[id]


class Reader:
    """Reads rows into reports. `secrets`: the key of each vårdgivare's hashes."""

    def __init__(self, units: Units, map: Map, secrets: Mapping[str, bytes], now: datetime) -> None:
        self.units = units
        self._map = map
        self._secrets = secrets
        self._now = now
        self._today = local_day(now)
        self._codes: dict[tuple[str, str], str] = {}
        self._alike: dict[bytes, int] = {}
        self._first: dict[bytes, int] = {}
        self.copies: list[tuple[int, int]] = []
        """Rows that say again what one before them says to the minute, and that one's line."""

    def read(self, row: Row) -> Past | None:
        """The report; None: a copy of an earlier row. Raises WrongValue."""
        for column in NEEDED:
            if not row.cells.get(column):
                raise WrongValue(column, "is empty")
        reported = self._told(row, "reported_at")
        occurred = self._told(row, "occurred_at") if row.cells.get("occurred_at") else None
        if reported.day > self._today or (reported.at and reported.at > self._now + _SLACK):
            raise WrongValue("reported_at", "is in the future")
        occurred, reported = _in_order(occurred, reported)
        category, _, within = self._code(row, "category").partition("/")
        said = word(row, "subcategory", WORD_MOST)
        subcategory = (self._map.target("subcategory", said) or said) if said else within
        if subcategory == UNKNOWN:
            subcategory = ""
        for column, text in (("subcategory", said), ("unit", row.cells["unit"])):
            if _PERSONNUMMER.search(text):
                raise WrongValue(column, "has something that looks like a personnummer")
        type_said = self._code(row, "unit_type") if row.cells.get("unit_type") else UNKNOWN
        unit = self.units.find(word(row, "unit", NAME_MOST), type_said)
        known = unit.unit_kind if isinstance(unit, UnitDocument) else unit.kind
        harm = self._code(row, "harm") if row.cells.get("harm") else UNKNOWN
        by = self._code(row, "reporter_profession") if row.cells.get("reporter_profession") else UNKNOWN
        reference = word(row, "person_ref", REF_MOST)
        key = self._secrets[unit.provider]
        id = self._id(row, key, occurred, reported)
        if id is None:
            return None
        local = occurred.local if occurred else None
        both = occurred is not None and occurred.at is not None and reported.at is not None
        return Past(
            id=id,
            provider=unit.provider,
            unit=unit.id,
            unit_type=known if type_said == UNKNOWN else type_said,
            category=category,
            subcategory=subcategory_of(category, subcategory) if subcategory else "",
            harm=harm,
            profession=by,
            occurred=occurred.moment if occurred else None,
            reported=reported.moment,
            day=(occurred or reported).day.isoformat(),
            hour=local.hour if local else None,
            minutes=minutes_between(occurred.moment, reported.moment) if both and occurred else None,
            person=hash_of_person(key, reference) if reference else None,
        )

    def _told(self, row: Row, column: str) -> Told:
        text = row.cells[column]
        try:
            return told(text[: TIME_MOST + 1])
        except ValueError as error:
            shown = text[:TIME_MOST] if text.isprintable() else ""
            raise WrongValue(column, f'"{shown}" {error}' if shown else str(error)) from None

    def _code(self, row: Row, column: str) -> str:
        said = row.cells[column]
        code = self._codes.get((column, said))
        if code is None:
            code = self._map.code(column, word(row, column, NAME_MOST), KNOWN[column])
            self._codes[column, said] = code
        return code

    def _id(self, row: Row, key: bytes, occurred: Told | None, reported: Told) -> bytes | None:
        """The same for the same row, in whatever file and whatever a map makes of it.

        Two rows that are alike to the minute of the report are one report, written twice. Where only its day
        is told they are two: the first and the second of that day.
        """
        columns = (
            "unit",
            "unit_type",
            "category",
            "subcategory",
            "harm",
            "reporter_profession",
            "person_ref",
        )
        times = [(one.at or one.day) if one else None for one in (occurred, reported)]
        content = msgspec.json.encode([times, [plain(row.cells.get(column, "")) for column in columns]])
        alike = _hash(key, "row", content.decode())
        if reported.at is not None:
            first = self._first.setdefault(alike, row.line)
            if first != row.line:
                self.copies.append((row.line, first))
                return None
            return alike
        number = self._alike[alike] = self._alike.get(alike, 0) + 1
        return alike if number == 1 else _hash(key, "row", f"{number} {content.decode()}")


def _in_order(occurred: Told | None, reported: Told) -> tuple[Told | None, Told]:
    """Nothing is reported before it occurs. In an hour that an October night has twice, that decides."""
    if occurred is None or occurred.at is None or reported.at is None:
        if occurred and occurred.day > reported.day:
            raise WrongValue("occurred_at", "is after reported_at")
        return occurred, reported
    if occurred.at <= reported.at:
        return occurred, reported
    if reported.again and occurred.at <= reported.again:
        return occurred, Told(reported.day, reported.again)
    raise WrongValue("occurred_at", "is after reported_at")


def hash_of_person(key: bytes, reference: str) -> bytes:
    """What is kept instead of the other system's pseudonym of a person. `key`: of the vårdgivare."""
    return _hash(key, "person", plain(reference))


def _hash(key: bytes, of: str, text: str) -> bytes:
    return hmac.digest(key, f"{of} {text}".encode(), hashlib.sha256)[:16]
