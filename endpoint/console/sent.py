"""What a form was sent with: every field as words, whatever the browser made of it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request

from endpoint.errors import TooLarge

FIELDS_MOST = 12_000
_WORDS_MOST = 4000


class Sent:
    """The fields of a form. One that is not there is empty."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        self.fields = fields

    def __call__(self, name: str) -> str:
        """A field's words, on one line."""
        return " ".join(self.text(name).split())

    def text(self, name: str, most: int = _WORDS_MOST) -> str:
        """A field's words with their lines."""
        return self.fields.get(name, [""])[0][:most].strip()

    def all(self, name: str) -> list[str]:
        return self.fields.get(name, [])

    def numbers(self, prefix: str) -> list[int]:
        """The numbers n of the fields called ``prefix.n.something``, in order."""
        parts = (name.split(".") for name in self.fields if name.startswith(f"{prefix}."))
        numbers = (part[1] for part in parts if len(part) == 3)
        return sorted({int(one) for one in numbers if one.isdecimal() and len(one) < 7})[:200]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Everything, field by field."""
        return [(name, one) for name, found in self.fields.items() for one in found]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Everything, to be carried along by the next page; not what the buttons said."""
        return [(name, one) for name, found in self.fields.items() if name != "act" for one in found]


async def sent(request: Request[Any, Any, Any]) -> Sent:
    """The fields of an ordinary form."""
    body = (await request.body()).decode("utf-8", "replace")
    try:
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=FIELDS_MOST)
    except ValueError as error:
        raise TooLarge("too_many", str(error)) from error
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return Sent(fields)
