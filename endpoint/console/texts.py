"""What the console says, by key, from the same catalogues as the app (assets/texts)."""

import gettext
import logging
from functools import cache
from pathlib import Path

from msgspec import Struct

logger = logging.getLogger("rapp.texts")

FOLDER = Path(__file__).parents[2] / "assets" / "texts"
SOURCE = "sv"
LANGUAGES = ("sv", "en")


class Texts(Struct, frozen=True):
    """The texts of one language; the Swedish ones where it lacks any."""

    language: str = SOURCE

    def __call__(self, key: str, /, **values: object) -> str:
        return self._filled(key, _catalogue(self.language).gettext(key), values)

    def n(self, key: str, count: int, /, **values: object) -> str:
        """The text in the form that `count` asks for; `{count}` is filled with it."""
        return self._filled(
            key, _catalogue(self.language).ngettext(key, key, count), values | {"count": count}
        )

    def within(self, key: str, /) -> str:
        """A title as it stands within a sentence: undersköterska, but MAS."""
        text = self(key)
        return text if text.isupper() else text.lower()

    def _filled(self, key: str, found: str, values: dict[str, object]) -> str:
        if found == key:
            logger.error("no text for %s in %s", key, self.language)
        return found.format(**values) if values else found


def texts(language: str) -> Texts:
    """The texts for somebody whose language this is."""
    return Texts(language if language in LANGUAGES else SOURCE)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    catalogue = gettext.translation("rapp", FOLDER, [language], fallback=True)
    if language != SOURCE:
        catalogue.add_fallback(gettext.translation("rapp", FOLDER, [SOURCE], fallback=True))
    return catalogue
