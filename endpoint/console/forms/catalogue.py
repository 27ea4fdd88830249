"""Every form that the console can show: those that came with this release, and those published since."""

from collections.abc import Collection
from functools import lru_cache

from msgspec import Struct
from sqlalchemy import Connection

from care.forms import FormError, Questionnaire, load
from care.published import Answered, FormDocument
from endpoint import documents
from endpoint.console.answers import forms as shipped
from endpoint.database import Database


class Catalogue(Struct, frozen=True):
    """Forms by address and version. ``current``: the version in force of each address."""

    versions: dict[tuple[str, str], Questionnaire]
    current: dict[str, Questionnaire]

    def of(self, answered: Answered) -> Questionnaire | None:
        """The form in the version that was answered, else the one in force: answers keep their version."""
        exact = self.versions.get((answered.form, answered.form_version))
        return exact or self.current.get(answered.form)

    @property
    def about_nobody(self) -> list[Questionnaire]:
        """Forms that ask of no care recipient, by title: what a self-check can be made with."""
        asks = {
            url
            for url, form in self.current.items()
            if any(item.prefill.startswith("person.") for item in form.walk())
        }
        found = [form for url, form in self.current.items() if url not in asks]
        return sorted(found, key=lambda form: form.title)


async def catalogue(database: Database, units: Collection[str]) -> Catalogue:
    """The shipped forms, and those published in any of the units: one vårdgivare's are not another's."""
    return await database.read(lambda connection: catalogue_in(connection, units))


def catalogue_in(connection: Connection, units: Collection[str]) -> Catalogue:
    """The same, within a transaction."""
    current = dict(shipped())
    versions = {(form.url, form.version): form for form in current.values()}
    for document in documents.all_of(connection, FormDocument):
        if document.units.isdisjoint(units):
            continue
        for one in document.versions:
            form = _loaded(one.questionnaire)
            if form is not None:
                versions[document.url, one.version] = form
                if one is document.current:
                    current[document.url] = form
    return Catalogue(versions, current)


@lru_cache(maxsize=256)
def _loaded(data: bytes) -> Questionnaire | None:
    """A published form; None when this release cannot use it. Whoever published it was told then."""
    try:
        return load(data)
    except FormError:
        return None
