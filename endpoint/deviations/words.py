"""The words of other systems for what Rapp has codes for. What is not here is said in an import's map."""

from care.deviation_figures import MEDICINE, UNKNOWN
from endpoint.people.words import TITLES, plain, title_of

OTHER_PROFESSION = "other"

_CATEGORIES: dict[str, tuple[str, ...]] = {
    "fall": ("fallolycka", "fallskada", "falltillbud", "fallrapport", "fallincident"),
    "medicine": ("medication", "läkemedel", "läkemedelshantering", "läkemedelsavvikelse"),
    "aid": ("aids", "hjälpmedel", "hjälpmedel/mtp", "mtp", "medicinteknisk produkt",
            "medicintekniska produkter", "medicinteknik"),
    "care": ("vård/behandling/rehab", "vård och rehab", "vård och behandling", "vård och omsorg",
             "rehabilitering"),
    "missed_effort": ("service", "utebliven insats", "försenad insats", "utebliven/försenad insats",
                      "utebliven/försenad insats (sol)", "missed effort"),
    "pressure_ulcer": ("pressure", "trycksår", "pressure ulcer"),
    "infection": ("infektion", "vårdrelaterad infektion", "vri"),
    "communication": ("kommunikation", "information", "kommunikation/information", "informationsöverföring"),
    "violence": ("våld", "hot", "våld/hot", "hot/våld", "våld eller hot", "våld och hot", "hot och våld",
                 "hot eller våld", "våld/hot mellan personer"),
    "documentation": ("records", "dokumentation", "sekretess", "dokumentation/sekretess"),
    "conduct": ("bemötande",),
    "work": ("arbetsskada", "arbetsskada eller tillbud", "arbetsmiljö", "tillbud och arbetsskada"),
    "other": ("annat", "annat område", "övrigt", "övriga"),
}  # fmt: skip
_HARMS: dict[str, tuple[str, ...]] = {
    "risk": ("risk för skada", "tillbud", "nej, men det kunde ha hänt"),
    "none": ("ingen", "ingen skada", "no harm"),
    "mild": ("lindrig", "lindrig skada"),
    "moderate": ("måttlig", "måttlig skada"),
    "severe": ("allvarlig", "allvarlig skada"),
    "death": ("dödsfall", "död", "dödlig", "avliden"),
    UNKNOWN: ("okänt", "okänd", "vet inte", "vet ej", "ej känt", "uppgift saknas"),
}
_UNIT_TYPES: dict[str, tuple[str, ...]] = {
    "residential": ("säbo", "särskilt boende", "vårdboende", "äldreboende", "vård- och omsorgsboende"),
    "short_stay": ("korttidsboende", "korttid", "korttidsvård", "short stay"),
    "home_care": ("hemtjänst", "hemsjukvård", "hemtjänst/hemsjukvård",
                  "hemtjänst eller hemsjukvård", "home care"),
    "daytime": ("daglig verksamhet", "dagverksamhet"),
    "office": ("kansli", "kontor", "förvaltning", "office"),
    "lss": ("lss-boende", "lss boende", "gruppbostad", "gruppboende"),
    UNKNOWN: ("okänt", "okänd"),
}  # fmt: skip
_MEDICINE: dict[str, tuple[str, ...]] = {
    "missed": ("utebliven dos", "utebliven läkemedelsdos", "missad dos", "missed dose"),
    "double": ("dubbel dos", "dubbeldos", "double dose"),
    "wrong-dose": ("fel dos", "feldos"),
    "wrong-time": ("fel tid",),
    "wrong-way": ("fel sätt", "fel administreringssätt"),
    "wrong-medicine": ("fel läkemedel",),
    "wrong-person": ("fel person", "förväxling"),
    "preparation": ("fel vid iordningställande", "iordningställande"),
    "supply": ("dosett saknas eller läkemedel slut", "dosett saknas", "läkemedel slut",
               "dosett saknas/läkemedel slut"),
    "unsigned": ("signering saknas", "utebliven signering", "missad signering"),
    "narcotics": ("narkotika stämmer inte", "narkotikadifferens", "narkotikasvinn"),
    "no-delegation": ("utan giltig delegering", "utan delegering", "delegering saknas"),
    "tablet": ("tappad eller upphittad tablett", "tappad tablett", "upphittad tablett",
               "tappad/upphittad tablett"),
}  # fmt: skip


def _by_word(words: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {plain(word): code for code, known in words.items() for word in (code, *known)}


CATEGORY = _by_word(_CATEGORIES)
HARM = _by_word(_HARMS)
UNIT_TYPE = _by_word(_UNIT_TYPES)
_medicine = _by_word(_MEDICINE)
assert _MEDICINE.keys() == set(MEDICINE)
PROFESSIONS = (*TITLES, OTHER_PROFESSION, UNKNOWN)


def profession_of(word: str) -> str | None:
    """The title's key, "other" or "unknown"; None: not a word that is known."""
    code = plain(word)
    if code in ("annat", "övrigt", OTHER_PROFESSION):
        return OTHER_PROFESSION
    return UNKNOWN if code in ("okänt", "okänd", UNKNOWN) else title_of(word)


def subcategory_of(category: str, word: str) -> str:
    """A code where there is one; otherwise the word as it stands, with a capital."""
    known = _medicine.get(plain(word)) if category == "medicine" else None
    text = " ".join(word.split())
    return known or text[:1].upper() + text[1:]
