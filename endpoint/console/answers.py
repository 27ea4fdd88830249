"""What was answered on a phone's form, read back in Swedish."""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from care.forms import Answers, FormError, Line, Questionnaire, from_response, load, summary
from care.published import Answered

FOLDER = Path(__file__).parents[2] / "assets" / "forms"


class Reading(msgspec.Struct, frozen=True):
    """A filled-in form. Without its questionnaire there are the phone's lines and no `answers`."""

    lines: tuple[Line, ...]
    answers: Answers
    questionnaire: Questionnaire | None

    def text(self, link_id: str) -> str:
        """The answer to one question in Swedish; empty when it has none."""
        return next((line.text for line in self.lines if line.link_id == link_id), "")

    def told(self, link_ids: Iterable[str]) -> list[str]:
        """Some answers with what was asked: `Slog i huvudet: Ja`. One without its line keeps its id."""
        lines = {line.link_id: line for line in self.lines}
        return [f"{lines[id].label}: {lines[id].text}" if id in lines else id for id in link_ids]


Known = Callable[[Answered], Questionnaire | None]
"""The form of an answer, in the version that it was given on: `Catalogue.of`."""


def read(answered: Answered | None, name: str, known: Known) -> Reading:
    """Read a form; `name` is the first name of whom it concerns."""
    if answered is None:
        return Reading((), {}, None)
    form = known(answered)
    try:
        response = answered.read()
    except msgspec.DecodeError:
        return Reading((), {}, None)
    try:
        if form is not None:
            answers = from_response(form, response)
            lines = tuple(_named(line, name) for line in summary(form, answers))
            return Reading(lines, answers, form)
    except (FormError, ValueError):
        pass
    return Reading(tuple(_named(line, name) for line in _as_written(response)), {}, None)


@cache
def forms() -> dict[str, Questionnaire]:
    """The forms that came with this release, by their canonical address."""
    return {form.url: form for form in (load(data) for data in _files())}


def shipped_file(url: str) -> bytes:
    """The JSON of a form that came with this release. Raises KeyError."""
    return {load(data).url: data for data in _files()}[url]


def _files() -> list[bytes]:
    return [path.read_bytes() for path in sorted(FOLDER.rglob("*.json"))]


def _named(line: Line, name: str) -> Line:
    return Line(line.link_id, line.label.replace("{name}", name), line.text.replace("{name}", name))


def _as_written(response: dict[str, Any]) -> list[Line]:
    """A response whose form is not here: its own texts, so that nothing that was said is lost."""
    lines: list[Line] = []
    for item in _objects(response.get("item")):
        said = [_plain(answer) for answer in _objects(item.get("answer"))]
        if said:
            link = str(item.get("linkId", ""))
            lines.append(Line(link, str(item.get("text") or link), ", ".join(said)))
        lines += _as_written(item)
    return lines


def _plain(answer: dict[str, Any]) -> str:
    value = next((given for name, given in answer.items() if name.startswith("value")), "")
    if isinstance(value, dict):
        return str(value.get("display") or value.get("value") or value.get("code") or "")
    return str(value)


def _objects(raw: Any) -> list[dict[str, Any]]:
    return [one for one in raw if isinstance(one, dict)] if isinstance(raw, list) else []
