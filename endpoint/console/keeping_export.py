"""Handing out all that is held of a person, as a file that is made while it is sent."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Struct
from msgspec.structs import replace

from care.deviation import DeviationDocument
from care.documents import Document
from care.dose import DoseDocument
from care.order import OrderDocument
from care.person import PersonDocument
from care.rights import Act
from care.sbar import SbarDocument
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import documents
from endpoint.audit.log import seen
from endpoint.console.answers import Known, Reading, read
from endpoint.console.forms.catalogue import catalogue
from endpoint.console.guard import just_signed_in, own_forms_only
from endpoint.console.keeping import PLACE, AnyRequest, Here, Me, of
from endpoint.console.page import HEADERS, drawn
from endpoint.console.reader import Reader
from endpoint.console.sent import sent
from endpoint.keeping.export import Made, stream

_REASON_MOST = 200


class Entry(Struct, frozen=True):
    """A case to read: its document, and its form read in Swedish."""

    document: Any
    reading: Reading


@post("/keeping/persons/{id:str}/export", status_code=200, guards=[own_forms_only, just_signed_in])
async def export(parts: Here, reader: Me, id: FromPath[str], request: AnyRequest) -> Response[Any]:
    """The file. That it was handed out is logged before its first byte is sent."""
    given = await sent(request)
    person, unit = await of(parts, reader, id, Act.RECORD_EXPORT)
    reason = given("reason")[:_REASON_MOST]
    await seen(parts, reader, PLACE, Act.RECORD_EXPORT, {id: unit.id}, kind="export", reason=reason)
    staff = {one.id: one for one in await documents.of_kind(parts.database, StaffDocument)}
    made = Made(id, unit.id, reader.staff.id, reader.now, reason)
    known = (await catalogue(parts.database, [unit.id])).of
    paper = partial(_paper, reader, person, unit, staff, known)
    # No name in the file's: it ends up among a browser's downloads.
    name = f"utlamnande-{reader.now:%Y%m%d-%H%M%S}.zip"
    return Stream(
        stream(parts.database, parts.keys, made, paper),
        media_type="application/zip",
        headers=HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _paper(
    reader: Reader,
    person: PersonDocument,
    unit: UnitDocument,
    staff: Mapping[str, StaffDocument],
    known: Known,
    every: list[Document],
) -> str:
    """The page to read, in Swedish whoever makes it."""
    swedish = replace(reader, staff=replace(reader.staff, language="sv"))
    orders = {one.id: one for one in every if isinstance(one, OrderDocument)}
    doses = [one for one in every if isinstance(one, DoseDocument) and one.signatures]

    def cases(kind: type[SbarDocument] | type[DeviationDocument]) -> list[Entry]:
        some = [one for one in every if isinstance(one, kind)]
        some.sort(key=lambda one: (one.created.timestamp() if one.created else 0.0, one.id))
        return [Entry(one, read(one.answers, person.first_name, known)) for one in some]

    return drawn(
        "keeping_record.html",
        swedish,
        person=person,
        unit=unit,
        staff=staff,
        orders=list(orders.values()),
        order_of=orders,
        doses=sorted(doses, key=lambda one: (one.planned.timestamp() if one.planned else 0.0, one.id)),
        sbars=cases(SbarDocument),
        deviations=cases(DeviationDocument),
        erased=sorted((gone for one in every for gone in one.erased), key=lambda gone: gone.at),
    )


HANDLERS = (export,)
