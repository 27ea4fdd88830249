"""Who read what last month: invented, so that a chief has something to go through in the log control.

Most of it is ordinary work, with a signature beside it; some has a sign that needs an answer. It is written
through the log's own functions, once for each month.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, select

from care.rights import Act, laws
from care.schedule import STOCKHOLM
from care.staff import StaffDocument
from endpoint import documents
from endpoint.audit.chain import roles_then
from endpoint.audit.log import Entry, Kind, note
from endpoint.audit.tables import audit
from endpoint.demo import names, records
from endpoint.demo.register import EndpointRegister, Register
from endpoint.log_control import months

DEVICE = "demo"
"""The device of what was never read on any phone."""
_TIMES = ((7, 40), (12, 5), (17, 30), (20, 40))


async def read_past(register: Register, now: datetime) -> None:
    """Write last month's reading, where there is a log to write it to."""
    if isinstance(register, EndpointRegister):
        month = months.before(now.astimezone(STOCKHOLM).date(), 1)[0]
        await register.database.write(lambda connection: _write(connection, month))


def _write(connection: Connection, month: date) -> None:
    since, until = months.period(month)
    c = audit.c
    there = select(c.number).where(c.device == DEVICE, c.recorded >= since, c.recorded < until)
    if connection.execute(there.limit(1)).first():
        return
    found = documents.some(connection, StaffDocument, names.STAFF.values())
    staff = {one.id: one for one in found}
    days = (until - since).days
    for number in range(days):
        day = month + timedelta(days=number)
        entries = sorted((*_work(staff, day), *_signs(staff, day)), key=lambda one: one.at)
        if entries:
            note(connection, entries, _at(day, 23, 50))


def _work(staff: dict[str, StaffDocument], day: date) -> Iterator[Entry]:
    """A round four times a day in each unit: a task is opened, and most often signed."""
    for unit in records.units():
        here = names.unit_id(unit.key)
        able = [one for one in staff.values() if "carer" in one.roles_in(here, day)]
        residents = [one for one in records.residents() if one.unit == unit.key]
        if not able or not residents:
            continue
        for turn, (hour, minute) in enumerate(_TIMES):
            by = able[_drawn(f"{day}/{unit.key}/{turn // 2}", len(able))]
            for place in range(3):
                drawn = _drawn(f"{day}/{unit.key}/{turn}/{place}", len(residents) * 4)
                person = names.person_id(residents[drawn % len(residents)].key)
                at = _at(day, hour, minute + 6 * place)
                yield _entry(by, here, person, at, "sign")
                if drawn % 4:
                    yield _entry(by, here, person, at + timedelta(minutes=2), "dose.given", "write")


def _signs(staff: dict[str, StaffDocument], day: date) -> Iterator[Entry]:
    """What stands out, on some days of the month."""
    granen, norr = names.UNITS["Granen"], names.UNITS["Hemtjänst Norr"]
    persons = names.RESIDENTS
    if day.day == 5:
        # The same surname, and a person who was opened by an active choice.
        elin = staff[names.STAFF["Elin Norberg"]]
        yield _entry(elin, norr, persons["Viking Norberg"], _at(day, 15, 20), "person")
        hanna = staff[names.STAFF["Hanna Ek"]]
        at = _at(day, 18, 5)
        yield _entry(hanna, granen, persons["Asta Provdahl"], at, "person", "beyond", "asked: Hjälpte Granen")
        yield _entry(hanna, granen, persons["Asta Provdahl"], at + timedelta(minutes=1), "person")
    if day.day == 11:
        # Read from another unit, without an active choice.
        amina = staff[names.STAFF["Amina Yusuf"]]
        yield _entry(amina, norr, persons["Cilla Påhittad"], _at(day, 14, 10), "deviation")
    if day.day == 18:
        lena = staff[names.STAFF["Lena Backlund"]]
        yield _entry(lena, granen, persons["Bror Exempelsson"], _at(day, 2, 35), "sbar")
    if day.day == 22:
        # Many in a short time.
        gustav = staff[names.STAFF["Gustav Prov"]]
        for place, resident in enumerate(one for one in records.residents() if one.unit == "granen"):
            at = _at(day, 9, 30) + timedelta(seconds=35 * place)
            yield _entry(gustav, granen, names.person_id(resident.key), at, "person")
    if day.day == 25:
        # The chief's own reading is not the chief's to judge.
        maria = staff[names.STAFF["Maria Nyberg"]]
        yield _entry(maria, granen, persons["Asta Provdahl"], _at(day, 10, 15), "deviations")


def _entry(
    by: StaffDocument, unit: str, person: str, at: datetime, what: str, act: Kind = "read", reason: str = ""
) -> Entry:
    right = Act.PERSON_BEYOND if act == "beyond" else Act.DOSE_SIGN if act == "write" else Act.UNIT_READ
    return Entry(
        at=at,
        staff=by.id,
        device=DEVICE,
        unit=unit,
        person=person,
        act=act,
        what=what,
        role=roles_then(by, unit, at.astimezone(STOCKHOLM).date()),
        law=laws(right),
        reason=reason,
    )


def _at(day: date, hour: int, minute: int) -> datetime:
    return (datetime.combine(day, time(hour), STOCKHOLM) + timedelta(minutes=minute)).astimezone(UTC)


def _drawn(of: str, among: int) -> int:
    """The same everywhere, and yet not in a row."""
    return int.from_bytes(hashlib.sha256(of.encode()).digest()[:4], "big") % among
