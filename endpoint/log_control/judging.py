"""Judging a control row by row: nothing is decided twice, everything may be taken back until it is closed."""

from datetime import datetime

from sqlalchemy import Connection, update

from care.staff import StaffDocument
from endpoint import documents
from endpoint.keys import Keys
from endpoint.log_control import investigating
from endpoint.log_control.control import Control, Decision, get
from endpoint.log_control.errors import AlreadyClosed, NotDone, NoteNeeded, OwnReading
from endpoint.log_control.protocol import protocol, signed
from endpoint.log_control.tables import log_control_rows, log_controls

NOTE_MOST = 2000


def decide(
    connection: Connection, id: str, number: int, decision: Decision, note: str, by: str, now: datetime
) -> None:
    """Judge one row. Raises NoteNeeded, OwnReading, AlreadyClosed, NoSuchControl."""
    control = _open(connection, id)
    judged = control.row(number)
    words = note.strip()[:NOTE_MOST]
    if judged.row.occasion.staff == by:
        raise OwnReading(f"{id} row {number}")
    if decision == "investigate" and not words:
        raise NoteNeeded(f"{id} row {number}")
    _set(connection, id, number, decision, words, by, now)


def take_back(connection: Connection, id: str, number: int, by: str) -> None:
    """Leave a row unjudged again. Raises OwnReading, AlreadyClosed, NoSuchControl."""
    if _open(connection, id).row(number).row.occasion.staff == by:
        raise OwnReading(f"{id} row {number}")
    _set(connection, id, number, None, "", None, None)


def decide_explained(connection: Connection, id: str, by: str, now: datetime) -> int:
    """Judge as entitled every row that care within the hour explains, each by itself. How many they were."""
    control = _open(connection, id)
    numbers = explained(control, by)
    for number in numbers:
        _set(connection, id, number, "entitled", "", by, now)
    return len(numbers)


def explained(control: Control, by: str) -> list[int]:
    """The numbers of the unjudged rows that `decide_explained` would judge for somebody."""
    return [
        one.row.number
        for one in control.rows
        if one.decision is None and one.explained and one.row.occasion.staff != by
    ]


def left(control: Control, by: str) -> list[int]:
    """The rows that somebody still has to judge: not those of their own reading."""
    return [one.row.number for one in control.rows if one.decision is None and one.row.occasion.staff != by]


def close(connection: Connection, keys: Keys, id: str, by: StaffDocument, now: datetime) -> Control:
    """Close a control: write and sign its protocol, open a case for each row that needs one.

    The reader's own reading goes to the MAS. Raises NotDone while other rows are unjudged.
    """
    control = _open(connection, id)
    if left(control, by.id):
        raise NotDone(id)
    for one in control.rows:
        if one.decision is None:
            _set(connection, id, one.row.number, "handed", "", by.id, now)
    control = get(connection, id)
    drawer = documents.one(connection, StaffDocument, control.drawn_by)
    text = protocol(connection, control, drawer, by, now)
    values = {"closed": now, "closed_by": by.id, "protocol": text, "signature": signed(keys, text)}
    connection.execute(update(log_controls).where(log_controls.c.id == id).values(**values))
    for one in control.rows:
        if one.decision in ("investigate", "handed"):
            investigating.begin(connection, id, one.row.number, by.id, now, one.note)
    return get(connection, id)


def _open(connection: Connection, id: str) -> Control:
    control = get(connection, id, lock=True)
    if control.closed:
        raise AlreadyClosed(id)
    return control


def _set(
    connection: Connection,
    id: str,
    number: int,
    decision: Decision | None,
    note: str,
    by: str | None,
    at: datetime | None,
) -> None:
    c = log_control_rows.c
    connection.execute(
        update(log_control_rows)
        .where(c.control == id, c.number == number)
        .values(decision=decision, note=note, decided_by=by, decided=at)
    )
