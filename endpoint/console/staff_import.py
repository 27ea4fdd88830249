"""Reading in a list of staff: shown first as what it would do, done only when somebody says so."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy import Connection

from endpoint.console.administering import Turn, decide, providers, roster_of
from endpoint.console.guard import just_signed_in, own_forms_only
from endpoint.console.page import HEADERS, page, to
from endpoint.console.reader import Reader
from endpoint.console.sent import sent
from endpoint.console.told import Told, told
from endpoint.console.upload import uploaded
from endpoint.parts import Parts
from endpoint.people import lists, scim_users, table
from endpoint.people.errors import Changed, LastAdministrator, Unreadable
from endpoint.people.lists import Kept
from endpoint.people.planning import Kind, Outcome, Plan, differences, plan
from endpoint.people.reading import Fault
from endpoint.people.roster import Roster

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
SHOWN_MOST = 200
"""Of each kind on the page. The whole of it is in the file that can be fetched beside it."""
KINDS: tuple[Kind, ...] = ("new", "changed", "ended")


@get("/staff/import")
async def import_page(reader: Me) -> Response[Any]:
    return _start(reader, "", {})


@get("/staff/import/template")
async def import_template(reader: Me) -> Response[bytes]:
    providers(reader)
    return file("personal.csv", table.template())


@post("/staff/import", guards=[own_forms_only])
async def import_sent(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    """Read a file, or what was pasted, and show what it would do."""
    providers(reader)
    upload = await uploaded(request)
    if upload is None:
        return _start(reader, "people.file.none", {})

    def take(connection: Connection) -> str:
        read = scim_users.read_file if scim_users.looks_like(upload.data) else table.read
        sheet = read(upload.data)
        return lists.keep(
            connection, reader.staff.id, upload.name, bool(upload.fields.get("whole")), sheet, reader.now
        )

    try:
        id = await parts.database.write(take)
    except Unreadable as error:
        return _start(reader, error.text, error.values)
    return to(f"/console/staff/import/{id}")


@get("/staff/import/{id:str}", guards=[just_signed_in])
async def import_shown(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    roster = await roster_of(parts, reader)
    kept = await _kept(parts, reader, id)
    if kept is None:
        return _start(reader, "people.file.gone", {})
    made = await _plan(parts, roster, kept)
    return _dry_run(reader, roster, kept, made, "")


@post("/staff/import/{id:str}", guards=[own_forms_only, just_signed_in])
async def import_done(parts: Here, reader: Me, id: FromPath[str], request: AnyRequest) -> Response[Any]:
    """Do what was shown, and end those who were ticked. What is no longer so is shown anew, and not done."""
    given = await sent(request)
    roster = await roster_of(parts, reader)
    kept = await _kept(parts, reader, id)
    if kept is None:
        return _start(reader, "people.file.gone", {})
    digest, ticked = given("digest"), set(given.all("end"))

    def carry_out(turn: Turn) -> Plan:
        by = reader.staff.id
        made, woken = lists.carry_out(turn.connection, parts.keys, turn.roster, by, kept, digest, ticked)
        turn.wake(woken)
        return made

    try:
        made = await decide(parts, reader, carry_out)
    except (Changed, LastAdministrator) as error:
        why = (
            "people.fault.last_administrator" if isinstance(error, LastAdministrator) else "people.dry.moved"
        )
        return _dry_run(reader, roster, kept, await _plan(parts, roster, kept), why)
    counts = {kind: len(made.of(kind)) for kind in KINDS}
    counts["ended"] += len([one for one in made.missing if one.staff in ticked])
    return page(
        "import_done.html", reader, here="staff", counts=counts, left=len({one.row for one in made.faults})
    )


@post("/staff/import/{id:str}/forget", guards=[own_forms_only])
async def import_forgotten(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    providers(reader)
    await parts.database.write(lambda connection: lists.forget(connection, reader.staff.id, id))
    return to("/console/staff/import")


@get("/staff/import/{id:str}/report")
async def import_report(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """The whole dry run as a file."""
    roster = await roster_of(parts, reader)
    kept = await _kept(parts, reader, id)
    if kept is None:
        return _start(reader, "people.file.gone", {})
    made, t = await _plan(parts, roster, kept), reader.t
    rows = [
        [t(f"people.report.{name}") for name in ("row", "kind", "name", "id", "field", "before", "after")]
    ]
    for kind, found in [*((kind, made.of(kind)) for kind in KINDS), ("missing", made.missing)]:
        for one in found:
            for change in told(differences(one, roster), roster, t):
                who = [", ".join(map(str, one.rows)), t(f"people.dry.{kind}"), one.after.name]
                sides = ["; ".join(change.before), "; ".join(change.after)]
                rows.append([*who, one.after.identity, change.label, *sides])
    for fault in made.faults:
        field = t(f"people.field.{fault.field}")
        rows.append([str(fault.row), t("people.dry.faults"), "", "", field, fault.value, t(fault.text)])
    return file("provlasning.csv", table.written(rows))


async def _kept(parts: Parts, reader: Reader, id: str) -> Kept | None:
    return await parts.database.read(
        lambda connection: lists.kept(connection, reader.staff.id, id, reader.now)
    )


async def _plan(parts: Parts, roster: Roster, kept: Kept) -> Plan:
    return await parts.database.thread(lambda: plan(roster, kept.lines, kept.whole))


def _start(reader: Reader, fault: str, values: dict[str, object]) -> Response[Any]:
    providers(reader)
    columns = [(table.COLUMNS[name], f"people.column.{name}") for name in table.TEMPLATE]
    return page(
        "import.html",
        reader,
        400 if fault else 200,
        here="staff",
        fault=reader.t(fault, **values) if fault else "",
        columns=columns,
        rows_most=table.ROWS_MOST,
        megabytes=table.BYTES_MOST // 1024 // 1024,
    )


def _dry_run(reader: Reader, roster: Roster, kept: Kept, made: Plan, why: str) -> Response[Any]:
    def shown(found: list[Outcome]) -> list[tuple[Outcome, list[Told]]]:
        return [(one, told(differences(one, roster), roster, reader.t)) for one in found[:SHOWN_MOST]]

    faults: list[Fault] = made.faults[:SHOWN_MOST]
    return page(
        "import_dry_run.html",
        reader,
        409 if why else 200,
        here="staff",
        kept=kept,
        digest=made.digest,
        why=why,
        groups=[(kind, len(made.of(kind)), shown(made.of(kind))) for kind in KINDS],
        unchanged=len(made.of("unchanged")),
        faults=faults,
        fault_count=len(made.faults),
        missing=[(one, told(differences(one, roster), roster, reader.t)) for one in made.missing],
        to_do=len(made.to_do),
        most=SHOWN_MOST,
    )


def file(name: str, data: bytes) -> Response[bytes]:
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type="text/csv; charset=utf-8", headers=headers)


HANDLERS = [
    import_page,
    import_template,
    import_sent,
    import_shown,
    import_done,
    import_forgotten,
    import_report,
]
