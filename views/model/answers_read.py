"""What was answered on a form, read back in Swedish: what the nurse reads."""

from typing import Any

import msgspec
from msgspec import Struct

from care.forms import Answers, FormError, Line, Questionnaire, from_response, load, summary
from care.published import Answered, FormDocument
from views.model import reading
from views.model.shift import Shift


class Reading(Struct, frozen=True):
    """A filled-in form. When its form cannot be used here, `lines` are what was written and `answers` are
    empty."""

    lines: tuple[Line, ...] = ()
    answers: Answers = {}
    form: Questionnaire | None = None

    def text(self, link_id: str) -> str:
        """The answer to one question; "" when it has none."""
        return next((line.text for line in self.lines if line.link_id == link_id), "")

    def line(self, link_id: str) -> Line | None:
        return next((line for line in self.lines if line.link_id == link_id), None)

    def under(self, letter: str) -> list[Line]:
        """The lines of one part of an SBAR: "s", "b", "a" or "r"."""
        return [line for line in self.lines if line.link_id.startswith(f"{letter}.")]


def read(shift: Shift, answered: Answered | None, name: str = "") -> Reading:
    """Read a form. `name` is the first name of whom it concerns. Never raises: what was said is shown."""
    if answered is None:
        return Reading()
    try:
        response = answered.read()
    except msgspec.DecodeError:
        return Reading()
    form = form_of(shift, answered)
    if form is not None:
        try:
            answers = from_response(form, response)
            return Reading(tuple(_named(line, name) for line in summary(form, answers)), answers, form)
        except FormError:
            pass
    return Reading(tuple(_named(line, name) for line in _as_written(response)))


def form_of(shift: Shift, answered: Answered) -> Questionnaire | None:
    """The form in the version that it was answered on, if the phone has it; otherwise the one it has."""
    shipped = list(shift.phone.forms.values())
    wanted = [form for form in shipped if answered.form in (form.url, form.name)]
    exact = next((form for form in wanted if form.version == answered.form_version), None)
    if exact is not None:
        return exact
    for document in reading.all_of(shift, FormDocument):
        for version in document.versions:
            if (document.url, version.version) == (answered.form, answered.form_version):
                try:
                    return load(version.questionnaire)
                except FormError:
                    break
    return wanted[0] if wanted else None


def _named(line: Line, name: str) -> Line:
    return Line(line.link_id, line.label.replace("{name}", name), line.text.replace("{name}", name))


def _as_written(holder: dict[str, Any]) -> list[Line]:
    """A response whose form is not here: its own texts."""
    lines: list[Line] = []
    for item in _objects(holder.get("item")):
        said = ", ".join(_plain(answer) for answer in _objects(item.get("answer")))
        if said:
            link = str(item.get("linkId", ""))
            lines.append(Line(link, str(item.get("text") or link), said))
        lines += _as_written(item)
    return lines


def _plain(answer: dict[str, Any]) -> str:
    value = next((given for key, given in answer.items() if key.startswith("value")), "")
    if isinstance(value, dict):
        return str(value.get("display") or value.get("value") or value.get("code") or "")
    return str(value)


def _objects(raw: Any) -> list[dict[str, Any]]:
    return [one for one in raw if isinstance(one, dict)] if isinstance(raw, list) else []
