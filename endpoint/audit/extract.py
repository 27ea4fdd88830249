"""Who has seen a record, for the person whose it is: the log in a layman's words (PDL 8 kap. 5 §).

The person is told unit and time. Whether staff are named is the organisation's choice, after an assessment of
what it may mean for them (`Settings.log_names`); otherwise their role stands there.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Literal

from msgspec import Struct
from sqlalchemy import Connection

from care.facts import ENDPOINT
from care.person import PersonDocument
from care.schedule import STOCKHOLM
from care.signing import local_day
from care.staff import StaffDocument
from endpoint import documents
from endpoint.audit.log import CONSOLE, Entry, rows
from endpoint.console.texts import Texts

READ = frozenset(
    {"sign", "as_needed", "form", "sbar", "report", "deviation", "inbox", "deviations", "signing", "person"}
)
"""Pages and screens that have words of their own; whatever else was read is called the record."""
WROTE = frozenset({"dose", "sbar", "deviation", "order", "delegation", "person", "task"})
Where = Literal["console", "phone", "system"]


class Line(Struct, frozen=True, order=True):
    """One thing that somebody did, with what a layman needs to know of it."""

    at: datetime
    unit: str
    who: str
    """Name and role, or the role alone."""
    what: str
    where: Where

    @property
    def day(self) -> date:
        return local_day(self.at)


def lines(
    connection: Connection,
    person: PersonDocument,
    units: dict[str, str],
    since: datetime,
    until: datetime,
    names: bool,
    t: Texts,
) -> list[Line]:
    """What was done in a period, the newest first; what was done twice in one minute stands once.

    ``units``: the names of the vårdgivare's units by id; what was done elsewhere is another's to tell of.
    """
    found = rows(connection, person=person.id, units=units.keys(), since=since, until=until, performed=True)
    mine = [one for one in found if one.staff != ENDPOINT and since <= one.at < until]
    staff = _staff(connection, mine) if names else {}
    told = {
        Line(
            at=one.at.astimezone(UTC).replace(second=0, microsecond=0),
            unit=units[one.unit],
            who=_who(one, staff.get(one.staff), t),
            what=what(one, t),
            where=_where(one.device),
        )
        for one in mine
    }
    return sorted(told, reverse=True)


def what(one: Entry, t: Texts) -> str:
    """What was done, in words."""
    if one.act == "read":
        return t(f"console.log_control.read.{one.what if one.what in READ else 'record'}")
    if one.act == "write":
        kind = one.what.partition(".")[0]
        return t(f"console.log_control.wrote.{kind if kind in WROTE else 'other'}", at="").strip()
    return t(f"log.act.{one.act}")


def file(found: Sequence[Line], t: Texts) -> bytes:
    """The same as a file for a spreadsheet: CSV with semicolons, UTF-8 with its mark."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow([t(f"log.column.{name}") for name in ("date", "time", "unit", "who", "what", "where")])
    for one in found:
        local = one.at.astimezone(STOCKHOLM)
        told = (
            f"{local:%Y-%m-%d}",
            f"{local:%H:%M}",
            one.unit,
            one.who,
            one.what,
            t(f"log.where.{one.where}"),
        )
        writer.writerow([_plain(cell) for cell in told])
    return out.getvalue().encode("utf-8-sig")


def _where(device: str) -> Where:
    if device.startswith("fhir:"):
        return "system"
    return "console" if device == CONSOLE else "phone"


def _who(one: Entry, staff: StaffDocument | None, t: Texts) -> str:
    if not one.staff:
        return t("log.who.nobody")
    roles = [t(f"people.role.{role}") for role in one.role.split(",") if role]
    said = ", ".join(roles) or t("log.who.staff")
    return f"{staff.name} ({said})" if staff else said


def _staff(connection: Connection, found: Iterable[Entry]) -> dict[str, StaffDocument]:
    ids = sorted({one.staff for one in found if one.staff})
    return {one.id: one for one in documents.some(connection, StaffDocument, ids)}


def _plain(cell: str) -> str:
    """No cell is a formula, whatever somebody has been called."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
