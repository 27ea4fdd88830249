"""Published forms: FHIR questionnaires that reach the phones without a new app release."""

import msgspec
from msgspec import Raw, Struct, field

from care.documents import Document, documents
from care.facts import Body, Fact, states


@states("form.published")
class FormPublished(Body, frozen=True, kw_only=True):
    """One version of a form. Answers name the version that they were given on."""

    url: str
    form_version: str
    questionnaire: Raw
    """FHIR R4 Questionnaire, JSON."""


class FormVersion(Struct, frozen=True):
    version: str
    questionnaire: bytes


@documents("form")
class FormDocument(Document):
    url: str = ""
    versions: list[FormVersion] = field(default_factory=list)

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case FormPublished():
                self.url = body.url
                self.versions.append(FormVersion(body.form_version, bytes(body.questionnaire)))
            case _:
                self.unreadable += 1

    @property
    def current(self) -> FormVersion | None:
        """The version in force: the last that was published."""
        return self.versions[-1] if self.versions else None


class Answered(Struct, frozen=True):
    """A filled-in form: which one, in which version, and the FHIR QuestionnaireResponse as it was given."""

    form: str
    form_version: str
    response: Raw

    def read(self) -> dict[str, object]:
        """The response, decoded."""
        decoded: dict[str, object] = msgspec.json.decode(self.response)
        return decoded
