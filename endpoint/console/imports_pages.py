"""Reading in persons, orders and delegations from a file: tried first, read in when somebody says so.

The same rows, columns and words as the commands (endpoint/imports). docs/import.md.
"""

from typing import Any

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from endpoint.console import imports_doing as doing
from endpoint.console.guard import just_signed_in, own_forms_only
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.console.staff_import import file
from endpoint.console.texts import Texts
from endpoint.console.upload import uploaded
from endpoint.deviations.errors import Unreadable
from endpoint.imports import lists
from endpoint.imports.lists import Outcome, Waiting
from endpoint.imports.rows import Kind
from endpoint.imports.running import SORTS
from endpoint.parts import Parts
from endpoint.people import table

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
SHOWN_MOST = 200
"""Of each kind on the page. All of them are in the file that can be fetched beside it."""
_NAMED = frozenset({"row", "flags", "born", "slots", "as_needed", "narcotic", "window", "steps"})
"""What is no column and has a word; elements of FHIR are called as they are there."""
KINDS: tuple[Kind, ...] = ("new", "changed", "unchanged", "faulty")


def _handlers(sort: str) -> list[ControllerRouterHandler]:
    """The pages of one sort."""
    path = f"/{sort}/import"

    @get(path)
    async def start(reader: Me) -> Response[Any]:
        return _start(reader, sort)

    @get(f"{path}/template")
    async def template(reader: Me) -> Response[bytes]:
        doing.units(reader, sort)
        of = SORTS[sort]
        heading = [(known[0] if known else name) for name, known in of.columns.items()]
        return file(f"{path[1:].replace('/', '-')}.csv", table.written([heading]))

    @post(path, guards=[own_forms_only, just_signed_in])
    async def sent(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
        """Take a file, or what was pasted, and try it while the page already shows how far that has come."""
        providers = _providers(reader, sort)
        upload = await uploaded(request)
        if upload is None:
            return _start(reader, sort, reader.t("people.file.none"))
        given = upload.fields.get("provider", "")
        provider = given if given in providers else next(iter(providers))
        try:
            read = await parts.database.thread(lambda: lists.read(sort, upload.data))
        except Unreadable as error:
            return _start(reader, sort, _why(reader.t, error.why, error.values, str(error)))
        id = await parts.database.write(
            lambda c: lists.keep(c, reader.staff.id, sort, provider, upload.name, read, reader.now)
        )
        waiting = await _waiting(parts, reader, sort, id)
        answer = to(f"/console{path}/{id}")
        if waiting is not None:
            answer.background = BackgroundTask(
                parts.database.thread, lambda: doing.try_out(parts, reader, waiting)
            )
        return answer

    @get(f"{path}/{{id:str}}", guards=[just_signed_in])
    async def shown(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
        waiting = await _waiting(parts, reader, sort, id)
        return _shown(reader, waiting) if waiting else _start(reader, sort, reader.t("people.file.gone"))

    @post(f"{path}/{{id:str}}", guards=[own_forms_only, just_signed_in])
    async def done(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
        """Read in what was shown. Twice said is once done."""
        waiting = await _waiting(parts, reader, sort, id)
        if waiting is None:
            return _start(reader, sort, reader.t("people.file.gone"))
        answer = to(f"/console{path}/{id}")
        if await parts.database.write(lambda c: lists.begin(c, waiting, reader.now)):
            answer.background = BackgroundTask(
                parts.database.thread, lambda: doing.carry_out(parts, reader, waiting)
            )
        return answer

    @post(f"{path}/{{id:str}}/forget", guards=[own_forms_only])
    async def forgotten(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
        doing.units(reader, sort)
        await parts.database.write(lambda c: lists.forget(c, reader.staff.id, sort, id))
        return to(f"/console{path}")

    @get(f"{path}/{{id:str}}/report", guards=[just_signed_in])
    async def report(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
        """What becomes of every row, as a file that names rows and columns, and nobody."""
        waiting = await _waiting(parts, reader, sort, id)
        if waiting is None:
            return _start(reader, sort, reader.t("people.file.gone"))
        t = reader.t
        names = ("import.row", "import.outcome", "import.changes", "people.report.field", "people.dry.reason")
        rows = [[t(name) for name in names]]
        for one in waiting.outcomes:
            kind, changes = t(f"import.kind.{one.kind}"), ", ".join(_columns(t, sort, one.fields))
            rows.append([str(one.line), kind, changes, _field(t, sort, one), _reason(t, one)])
        return file(f"{t(f'import.{sort}.report')}.csv", table.written(rows))

    return [start, template, sent, shown, done, forgotten, report]


async def _waiting(parts: Parts, reader: Reader, sort: str, id: str) -> Waiting | None:
    doing.units(reader, sort)
    by = reader.staff.id
    return await parts.database.read(lambda connection: lists.one(connection, by, sort, id, reader.now))


def _providers(reader: Reader, sort: str) -> dict[str, str]:
    """The vårdgivare whose rows the reader may read in: names by id."""
    return {unit.provider: unit.provider_name for unit in doing.units(reader, sort)}


def _start(reader: Reader, sort: str, fault: str = "") -> Response[Any]:
    of = SORTS[sort]
    columns = [
        (list(dict.fromkeys([*known, name])), name in of.needed, of.example.get(name, ""))
        for name, known in of.columns.items()
    ]
    return page(
        "imports.html",
        reader,
        400 if fault else 200,
        here=doing.place(reader, sort),
        sort=sort,
        sorts=doing.sorts(reader),
        providers=_providers(reader, sort),
        fault=fault,
        columns=columns,
        rows_most=table.ROWS_MOST,
        megabytes=table.BYTES_MOST // 1024 // 1024,
    )


def _shown(reader: Reader, waiting: Waiting) -> Response[Any]:
    t, sort = reader.t, waiting.sort
    of = {kind: [one for one in waiting.outcomes if one.kind == kind] for kind in KINDS}
    faults = [(one.line, _field(t, sort, one), _reason(t, one)) for one in of["faulty"][:SHOWN_MOST]]
    changed = [(one.line, _columns(t, sort, one.fields)) for one in of["changed"][:SHOWN_MOST]]
    return page(
        "import_tried.html",
        reader,
        here=doing.place(reader, sort),
        sort=sort,
        waiting=waiting,
        state="broken_off" if waiting.broken_off(reader.now) else waiting.state,
        counts={kind: len(found) for kind, found in of.items()},
        faults=faults,
        changed=changed,
        new=[one.line for one in of["new"][:SHOWN_MOST]],
        to_do=len(of["new"]) + len(of["changed"]),
        most=SHOWN_MOST,
    )


def _field(t: Texts, sort: str, one: Outcome) -> str:
    return _columns(t, sort, (one.field,))[0] if one.field else ""


def _columns(t: Texts, sort: str, fields: tuple[str, ...]) -> list[str]:
    """Columns as their files call them."""
    columns = SORTS[sort].columns
    return [
        columns[name][0] if columns.get(name) else t(f"import.field.{name}") if name in _NAMED else name
        for name in fields
    ]


def _reason(t: Texts, one: Outcome) -> str:
    return _why(t, one.why, one.values, one.reason)


def _why(t: Texts, why: str, values: Any, otherwise: str) -> str:
    """A reason in the reader's language; as logs have it, where it has no text."""
    return t(why, **values) if why else otherwise


HANDLERS = [handler for sort in doing.ACTS for handler in _handlers(sort)]
