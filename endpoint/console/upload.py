"""A file that a form was sent with, read in memory alone: what names people is put in no temporary file."""

from collections.abc import Mapping
from typing import Any

from litestar import Request
from msgspec import Struct
from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from endpoint.console.sent import sent

NAME_MOST = 80
_PARTS_MOST = 20


class Upload(Struct, frozen=True):
    """``data``: the file, or what was pasted into the field ``text``; ``fields``: what else was filled in."""

    name: str
    data: bytes
    fields: Mapping[str, str]


async def uploaded(request: Request[Any, Any, Any]) -> Upload | None:
    """What was sent, whatever was sent; None: nothing that can be read."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data":
        given = await sent(request)
        pasted = "\n".join(given.all("text"))
        fields = {name: given(name) for name in given.fields if name != "text"}
        return Upload("", pasted.encode(), fields) if pasted.strip() else None
    try:
        files, fields = parsed(await request.body(), options.get("boundary", ""))
    except (MultipartError, UnicodeError, LookupError, ValueError):
        return None
    name, data = files.get("file", ("", b""))
    pasted = fields.pop("text", "").strip()
    if not data and pasted:
        name, data = "", pasted.encode()
    return Upload(name[:NAME_MOST], data, fields) if data else None


def parsed(body: bytes, boundary: str) -> tuple[dict[str, tuple[str, bytes]], dict[str, str]]:
    """The files of a body, by field, with their names, and the other fields. Raises MultipartError."""
    files: dict[str, tuple[str, bytes]] = {}
    fields: dict[str, str] = {}
    segment: MultipartSegment | None = None
    found = bytearray()
    with PushMultipartParser(boundary, max_segment_count=_PARTS_MOST) as parser:
        for part in [*parser.parse(body), *parser.parse(b"")]:
            if isinstance(part, MultipartSegment):
                segment, found = part, bytearray()
            elif part:
                found += part
            elif segment is not None:
                if segment.filename:
                    files[segment.name] = segment.filename, bytes(found)
                elif len(fields) < _PARTS_MOST:
                    fields[segment.name] = found.decode()
    return files, fields
