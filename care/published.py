"""Published forms: FHIR questionnaires that reach the phones without a new app release."""

from datetime import datetime

import msgspec
from msgspec import Raw, Struct, field

from care.documents import Document, documents
from care.facts import Body, Fact, states


@states("form.published")
class FormPublished(Body, frozen=True, kw_only=True):
    """One version of a form. Answers name the version that they were given on.

    ``units``: where it is used, named one by one, so that the streams follow from the document alone; none:
    the unit of the fact.
    """

    url: str
    form_version: str
    questionnaire: Raw
    """FHIR R4 Questionnaire, JSON."""
    units: tuple[str, ...] = ()


@states("form.withdrawn")
class FormWithdrawn(Body, frozen=True, kw_only=True):
    """It is used no more, until it is published anew; what came with the app is used where there is such a
    form. What was answered on it is read as before."""

    reason: str = ""


class FormVersion(Struct, frozen=True):
    """One version, and when it was published by whom."""

    version: str
    questionnaire: bytes
    units: tuple[str, ...] = ()
    by: str = ""
    at: datetime | None = None


@documents("form")
class FormDocument(Document):
    url: str = ""
    versions: list[FormVersion] = field(default_factory=list)
    withdrawn: datetime | None = None
    withdrawn_reason: str = ""

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case FormPublished():
                self.url, self.withdrawn, self.withdrawn_reason = body.url, None, ""
                units = body.units or (fact.unit,)
                form = bytes(body.questionnaire)
                self.versions.append(
                    FormVersion(body.form_version, form, units, fact.author or "", fact.time)
                )
            case FormWithdrawn():
                self.withdrawn, self.withdrawn_reason = fact.time, body.reason
            case _:
                self.unreadable += 1

    @property
    def units(self) -> frozenset[str]:
        """Every unit that it has ever been for: those who have it are told when it changes or ends."""
        return frozenset(unit for version in self.versions for unit in version.units)

    @property
    def current(self) -> FormVersion | None:
        """The version in force: the last that was published, unless it has been withdrawn."""
        return self.versions[-1] if self.versions and not self.withdrawn else None

    def used_in(self, unit: str) -> FormVersion | None:
        """The version in force in a unit."""
        version = self.current
        return version if version and unit in version.units else None


class Answered(Struct, frozen=True):
    """A filled-in form: which one, in which version, and the FHIR QuestionnaireResponse as it was given."""

    form: str
    form_version: str
    response: Raw

    def read(self) -> dict[str, object]:
        """The response, decoded."""
        decoded: dict[str, object] = msgspec.json.decode(self.response)
        return decoded
