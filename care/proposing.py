"""*Annat* proposes a kind from the words that were written, and says which words. Nothing is learnt or sent.

The words are those that staff use (p); whoever reads the report can still reclassify it. A kind is proposed
only where more of its words stand in the text than of any other's.
"""

import re
from collections import Counter

from msgspec import Struct

from care.deviation import Category

_WORD = re.compile(r"[^\W\d_]+")
_INSIDE = 5
"""Letters from which on a stem is looked for inside a word too: *morgonmedicin*, *taklyft*."""

STEMS: dict[Category, tuple[str, ...]] = {
    "fall": ("föll", "fallit", "ramla", "snubbl", "halka", "golvet", "trilla"),
    "medicine": (
        "medicin", "tablett", "dosett", "dospås", "apodos", "insulin", "läkemed", "plåster", "ögondropp",
        "inhal", "signer", "deleger", "narkotik", "alvedon", "waran", "eliquis", "spruta", "dosen",
    ),
    "aid": (
        "rullstol", "rollator", "taklyft", "lyften", "liften", "selen", "sängen", "grinden", "hjälpmed",
        "larmet", "sensor", "batteri", "pumpen", "madrass",
    ),
    "care": ("omläggning", "förband", "kateter", "provtagning", "blodprov", "träning", "rehab", "sondmat",
             "vikten", "kontroller"),
    "missed_effort": ("dusch", "besök", "insats", "städ", "tvätten", "inköp", "promenad", "tillsyn",
                      "planering", "hjälpen"),
    "pressure_ulcer": ("trycksår", "avlast", "rodnad", "hälen", "vändschema"),
    "infection": ("infektion", "kräk", "diarr", "feber", "covid", "influensa", "hosta", "smitta", "skabb",
                  "urinväg", "magsjuk"),
    "communication": ("rapportera", "överrapport", "information", "ringde", "svarade", "telefon", "besked",
                      "vårdplan", "utskriv"),
    "violence": ("slog", "slår", "slag", "knuff", "spark", "hotad", "hotade", "hotfull", "bet", "klöst",
                 "rivit", "våld", "stöld"),
    "documentation": ("journal", "dokument", "sekretess", "anteckn", "inlogg", "obehörig",
                      "genomförandeplan"),
    "conduct": ("bemöt", "otrevlig", "skrek", "kränk", "respekt", "nonchal", "integritet"),
    "work": ("arbetsskad", "kollega", "skadade", "ryggen", "stick", "överbelast", "tillbud"),
}  # fmt: skip


class Proposal(Struct, frozen=True):
    """A kind, and the words of the text that speak for it, as they were written."""

    category: Category
    words: tuple[str, ...]


def propose(text: str) -> Proposal | None:
    """The kind that a text sounds like; None where nothing does, or two do alike."""
    found: dict[Category, list[str]] = {}
    for word in dict.fromkeys(_WORD.findall(text)):
        for category, stems in STEMS.items():
            if any(_has(word.lower(), stem) for stem in stems):
                found.setdefault(category, []).append(word)
    counted = Counter({category: len(words) for category, words in found.items()}).most_common(2)
    if not counted or (len(counted) == 2 and counted[0][1] == counted[1][1]):
        return None
    category = counted[0][0]
    return Proposal(category, tuple(found[category]))


def _has(word: str, stem: str) -> bool:
    return word.startswith(stem) or (len(stem) >= _INSIDE and stem in word)
