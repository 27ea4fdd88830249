"""Judging a control: a row at a time, those that care explains together, and closing it."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from msgspec import Struct

from endpoint.console.errors import NoSuchPage
from endpoint.console.guard import own_forms_only
from endpoint.console.log_control_open import PATH, Here, Me, change, control_of, rows_of, whole
from endpoint.console.page import to
from endpoint.console.reader import Reader
from endpoint.log_control import judging
from endpoint.log_control.control import Decision
from endpoint.log_control.errors import AlreadyClosed, NotDone, NoteNeeded
from endpoint.parts import Parts


class JudgeForm(Struct):
    decision: str = ""
    note: str = ""


@get("/log_control/{id:str}")
async def review(parts: Here, reader: Me, id: FromPath[str], judged: FromQuery[int] = -1) -> Response[Any]:
    """Every row of a control, and what is left."""
    found, unit = await control_of(parts, reader, id)
    rows = await rows_of(parts, reader, found, unit)
    return await whole(
        parts,
        reader,
        "log_control_review.html",
        found,
        unit,
        rows=rows,
        explained=judging.explained(found, reader.staff.id) if not found.closed else [],
        left=judging.left(found, reader.staff.id),
        judged=judged,
    )


@get("/log_control/{id:str}/{number:int}")
async def row(
    parts: Here, reader: Me, id: FromPath[str], number: FromPath[int], did: FromQuery[int] = 0
) -> Response[Any]:
    return await _row(parts, reader, id, number, did)


@post("/log_control/{id:str}/{number:int}", status_code=200, guards=[own_forms_only])
async def judge(
    parts: Here, reader: Me, id: FromPath[str], number: FromPath[int], data: URLEncodedBody[JudgeForm]
) -> Response[Any]:
    """Judge one row, or take it back, and on to the next one."""
    await control_of(parts, reader, id)
    by, now = reader.staff.id, reader.now
    if data.decision not in ("entitled", "investigate", "take_back"):
        raise NoSuchPage(data.decision)
    decision: Decision = "entitled" if data.decision == "entitled" else "investigate"
    try:
        if data.decision == "take_back":
            await change(parts, lambda connection: judging.take_back(connection, id, number, by))
            return to(f"{PATH}/{id}/{number}")
        await change(
            parts,
            lambda connection: judging.decide(connection, id, number, decision, data.note, by, now),
        )
    except NoteNeeded:
        return await _row(parts, reader, id, number, 0, fault=True)
    except AlreadyClosed:
        return to(f"{PATH}/{id}")
    found, _ = await control_of(parts, reader, id)
    left = judging.left(found, by)
    following = next((one for one in left if one > number), left[0] if left else None)
    return to(f"{PATH}/{id}/{following}?did={number}" if following else f"{PATH}/{id}")


@post("/log_control/{id:str}/explained", guards=[own_forms_only])
async def judge_explained(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """Behörig for every row that care in the same hour explains; each is recorded by itself."""
    await control_of(parts, reader, id)
    try:
        count = await change(
            parts, lambda connection: judging.decide_explained(connection, id, reader.staff.id, reader.now)
        )
    except AlreadyClosed:
        return to(f"{PATH}/{id}")
    return to(f"{PATH}/{id}?judged={count}")


@get("/log_control/{id:str}/close")
async def closing(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """What happens when it is closed."""
    found, unit = await control_of(parts, reader, id)
    left = judging.left(found, reader.staff.id)
    if found.closed or left:
        return to(f"{PATH}/{id}")
    return await whole(parts, reader, "log_control_close.html", found, unit)


@post("/log_control/{id:str}/close", guards=[own_forms_only])
async def close(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    await control_of(parts, reader, id)
    try:
        await change(
            parts, lambda connection: judging.close(connection, parts.keys, id, reader.staff, reader.now)
        )
    except (NotDone, AlreadyClosed):
        return to(f"{PATH}/{id}")
    return to(f"{PATH}/{id}/protocol")


async def _row(
    parts: Parts, reader: Reader, id: str, number: int, did: int, fault: bool = False
) -> Response[Any]:
    found, unit = await control_of(parts, reader, id)
    rows = await rows_of(parts, reader, found, unit, number)
    if not rows:
        raise NoSuchPage(f"{id}/{number}")
    before = found.row(did) if 1 <= did <= len(found.rows) and did != number else None
    return await whole(
        parts,
        reader,
        "log_control_row.html",
        found,
        unit,
        one=rows[0],
        before=before if before and before.decision else None,
        fault=fault,
        left=judging.left(found, reader.staff.id),
        most=judging.NOTE_MOST,
    )


HANDLERS = [review, row, judge, judge_explained, closing, close]
