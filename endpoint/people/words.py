"""The words of titles, roles, languages and dates as files and other systems write them."""

import re
import unicodedata
from datetime import date, datetime

from care.rights import Role

TITLES = (
    "assistant_nurse",
    "care_assistant",
    "support_worker",
    "nurse",
    "physiotherapist",
    "occupational_therapist",
    "unit_manager",
    "mas",
    "mar",
    "sas",
    "administrator",
)
"""Their words are `title.<key>`."""

LANGUAGES = ("sv", "en")

_TITLES = {
    "assistant_nurse": ("undersköterska", "specialistundersköterska", "usk", "assistant nurse"),
    "care_assistant": ("vårdbiträde", "omvårdnadsbiträde", "serviceassistent", "care assistant"),
    "support_worker": ("boendestödjare", "stödassistent", "stödpedagog", "boendeassistent", "support worker"),
    "nurse": ("sjuksköterska", "legitimerad sjuksköterska", "distriktssköterska", "nurse"),
    "physiotherapist": ("fysioterapeut", "legitimerad fysioterapeut", "sjukgymnast", "physiotherapist"),
    "occupational_therapist": ("arbetsterapeut", "legitimerad arbetsterapeut", "occupational therapist"),
    "unit_manager": ("enhetschef", "biträdande enhetschef", "unit manager"),
    "mas": ("medicinskt ansvarig sjuksköterska", "mas"),
    "mar": ("medicinskt ansvarig för rehabilitering", "mar"),
    "sas": ("socialt ansvarig samordnare", "sas"),
    "administrator": ("systemförvaltare", "administratör", "administrator"),
}
_ROLES = {
    Role.CARER: ("omsorgspersonal", "vårdpersonal", "carer"),
    Role.NURSE: _TITLES["nurse"],
    Role.PHYSIOTHERAPIST: _TITLES["physiotherapist"],
    Role.OCCUPATIONAL_THERAPIST: _TITLES["occupational_therapist"],
    Role.UNIT_MANAGER: (*_TITLES["unit_manager"], "chef"),
    Role.MAS: _TITLES["mas"],
    Role.MAR: _TITLES["mar"],
    Role.SAS: _TITLES["sas"],
    Role.SAFETY_REPRESENTATIVE: ("skyddsombud", "arbetsmiljöombud", "safety representative"),
    Role.ADMINISTRATOR: _TITLES["administrator"],
}
_CARERS = ("assistant_nurse", "care_assistant", "support_worker")
_LANGUAGES = {"sv": ("svenska", "swedish", "sv-se"), "en": ("engelska", "english", "en-us", "en-gb")}

_PHONE = re.compile(r"\+?[0-9][0-9 ()/-]{1,28}[0-9]")
_IDENTITY = re.compile(r"[0-9A-Za-zÅÄÖåäö._:@+-]{1,64}")
_EMAIL = re.compile(r"[0-9A-Za-z._%+-]+@[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)+")
_HSA = re.compile(r"SE[0-9]{10}-[0-9A-Z]{1,}", re.IGNORECASE)
_DATES = ("%Y-%m-%d", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
NAME_MOST = 120
FIRST, LAST = date(1950, 1, 1), date(2150, 1, 1)
"""No employment begins or ends outside these."""


def plain(text: str) -> str:
    """Words as they are compared: case, accents' coding and spaces do not matter."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().replace("_", " ").split())


def title_of(text: str) -> str | None:
    """The key of a title; None: not one that is known."""
    return _title_words.get(plain(text))


def role_of(text: str) -> Role | None:
    """A role by its word; a carer's title (undersköterska) is one of a carer."""
    found = _role_words.get(plain(text))
    return found or (Role.CARER if title_of(text) in _CARERS else None)


def role_of_title(title: str) -> Role:
    """The role that goes with a title where none is given."""
    return Role.CARER if title in _CARERS else Role(title)


def language_of(text: str) -> str | None:
    return _language_words.get(plain(text))


def date_of(text: str) -> date | None:
    """2026-03-14, 20260314, or either with a time after it. None: no date, or outside `FIRST` to `LAST`."""
    given = text.strip().removesuffix("Z")
    for form in _DATES:
        try:
            found = datetime.strptime(given, form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
        return found if FIRST <= found <= LAST else None
    return None


def is_name(text: str) -> bool:
    return 2 <= len(text) <= NAME_MOST and text.isprintable() and any(one.isalpha() for one in text)


def is_phone(text: str) -> bool:
    return bool(_PHONE.fullmatch(text))


def is_email(text: str) -> bool:
    """An address that a letter can be sent to: one @, no spaces, ASCII, at most 120 characters."""
    return len(text) <= 120 and bool(_EMAIL.fullmatch(text))


def is_identity(text: str) -> bool:
    """HSA-id, employee id or user name: no spaces, at most 64 characters."""
    return bool(_IDENTITY.fullmatch(text))


def is_hsa(text: str) -> bool:
    """Whether it is an HSA-id: the same human being whoever says it. An employee id is one employer's own."""
    return bool(_HSA.fullmatch(text))


def _by_word(words: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {plain(word): key for key, known in words.items() for word in (key, *known)}


_title_words = _by_word(_TITLES)
_language_words = _by_word(_LANGUAGES)
_role_words = {plain(word): role for role, known in _ROLES.items() for word in (role.value, *known)}
