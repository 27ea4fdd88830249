"""What the app says, by key. The catalogues are gettext's; assets/texts/sv.po is the source.

`texts("sign.given")`, `texts("lock.enter_code", name="Amina")`, `texts.n("sync.waiting", 3)`. The .mo files
are made by `make texts` and committed, so that a phone needs nothing but the standard library. The console
reads the same files through jinja2's i18n extension.
"""

import gettext
import logging
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

logger = logging.getLogger("rapp.texts")

FOLDER = Path(__file__).parent.parent / "assets" / "texts"
DOMAIN = "rapp"
SOURCE = "sv"
LANGUAGES = ("sv", "en")
RIGHT_TO_LEFT = frozenset({"ar", "fa", "ckb", "ur", "he"})


class MissingTextError(KeyError):
    """A key that no catalogue has. Raised where RAPP_STRICT_TEXTS is set; a carer sees the key instead."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language. Compares by language."""

    language: str

    @classmethod
    def load(cls, language: str) -> "Texts":
        """The texts of `language` ("sv", "en-GB"), or the Swedish ones when we do not have it."""
        known = language.split("-")[0].split("_")[0].lower()
        return cls(known if known in LANGUAGES else SOURCE)

    @property
    def rtl(self) -> bool:
        return self.language in RIGHT_TO_LEFT

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of `key`, with `{name}` filled from `values`."""
        return self._filled(key, _catalogue(self.language).gettext(key), values)

    def n(self, key: str, count: int, /, **values: object) -> str:
        """The text of `key` in the form that `count` asks for; `{count}` is filled with it."""
        found = _catalogue(self.language).ngettext(key, key, count)
        return self._filled(key, found, {"count": count, **values})

    def has(self, key: str) -> bool:
        return _catalogue(self.language).gettext(key) != key

    def within(self, key: str, /) -> str:
        """A title as it stands within a sentence: undersköterska, but MAS."""
        text = self(key)
        return text if text.isupper() else text.lower()

    def _filled(self, key: str, found: str, values: dict[str, object]) -> str:
        if found == key:
            if os.environ.get("RAPP_STRICT_TEXTS"):
                raise MissingTextError(key)
            logger.error("no text for %s in %s", key, self.language)
            return key
        return found.format(**values) if values else found


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    # Another language lacks what was written today; then Swedish is better than a key.
    catalogue = gettext.translation(DOMAIN, FOLDER, [language])
    if language != SOURCE:
        catalogue.add_fallback(gettext.translation(DOMAIN, FOLDER, [SOURCE]))
    return catalogue
