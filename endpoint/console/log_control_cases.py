"""What came of a row that needed investigation, step by step."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, URLEncodedBody
from msgspec import Struct

from endpoint.console import log_control_shown as shown
from endpoint.console.errors import NoSuchPage
from endpoint.console.guard import own_forms_only
from endpoint.console.log_control_open import PATH, Here, Me, change, control_of, rows_of, whole
from endpoint.console.page import to
from endpoint.console.reader import Reader
from endpoint.log_control import investigating
from endpoint.log_control.errors import AlreadyClosed, NoSuchControl, NoteNeeded
from endpoint.parts import Parts


class StepForm(Struct):
    step: str = ""
    outcome: str = ""
    note: str = ""


@get("/log_control/{id:str}/case/{number:int}")
async def case(parts: Here, reader: Me, id: FromPath[str], number: FromPath[int]) -> Response[Any]:
    return await _case(parts, reader, id, number, StepForm(), "")


@post("/log_control/{id:str}/case/{number:int}", status_code=200, guards=[own_forms_only])
async def step(
    parts: Here, reader: Me, id: FromPath[str], number: FromPath[int], data: URLEncodedBody[StepForm]
) -> Response[Any]:
    """Say what has been done with a row that needed investigation."""
    await control_of(parts, reader, id)
    if data.step not in (*investigating.STEPS, "closed"):
        return await _case(parts, reader, id, number, data, "step")
    taken: Any = data.step
    try:
        await change(
            parts,
            lambda connection: investigating.add(
                connection, id, number, taken, data.note, reader.staff.id, reader.now, data.outcome
            ),
        )
    except NoteNeeded:
        missing = "outcome" if taken == "closed" and data.outcome not in investigating.OUTCOMES else "note"
        return await _case(parts, reader, id, number, data, missing)
    except AlreadyClosed:
        pass
    return to(f"{PATH}/{id}/case/{number}")


async def _case(
    parts: Parts, reader: Reader, id: str, number: int, form: StepForm, missing: str
) -> Response[Any]:
    found, unit = await control_of(parts, reader, id)
    try:
        one = await parts.database.read(lambda connection: investigating.one(connection, id, number))
    except NoSuchControl as error:
        raise NoSuchPage(f"{id}/{number}") from error
    if not one.steps:
        raise NoSuchPage(f"{id}/{number}")
    rows = await rows_of(parts, reader, found, unit, number)
    names = await parts.database.read(
        lambda connection: shown.names(connection, {taken.by for taken in one.steps})
    )
    return await whole(
        parts,
        reader,
        "log_control_case.html",
        found,
        unit,
        case=one,
        one=rows[0],
        names=names,
        form=form,
        missing=missing,
        steps=investigating.STEPS,
        outcomes=investigating.OUTCOMES,
        most=investigating.NOTE_MOST,
    )


HANDLERS = [case, step]
