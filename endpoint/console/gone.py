"""The page of something that was erased: that it stood here and when it went, and nothing of what it said."""

from typing import Any

from litestar import Response

from care.rights import Act
from endpoint import documents
from endpoint.console.errors import NoSuchPage
from endpoint.console.page import page
from endpoint.console.reader import Reader
from endpoint.parts import Parts


async def gone(parts: Parts, reader: Reader, act: Act, kind: str, id: str, here: str) -> Response[Any]:
    """For who may read the kind in that unit. Raises NoSuchPage where nothing was erased."""
    document = await documents.get(parts.database, kind, id)
    if document is None or not document.gone or not reader.may(act, document.unit):
        raise NoSuchPage(id)
    return page("keeping_gone.html", reader, 410, here=here, document=document)
