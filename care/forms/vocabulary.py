"""The FHIR R4 Questionnaire subset that this app supports: types, properties, extensions and controls.

Extensions of our own, all under `https://rapp.example/fhir/`:

    icon        valueCode     on an item or option: a Material icon's name, as in flet's Icons (PLACE_ROUNDED)
    danger      valueBoolean  on an option: this answer calls for the nurse before the form goes on
    emergency   valueBoolean  on an option: this answer calls for 112, whatever else is answered
    prefill     valueCode     on a question: where the record knows the answer (person.bloodThinner)
    ask-below   valueInteger or valueDecimal, on a number: below this the phone asks once whether it is right
    ask-above   valueInteger or valueDecimal, on a number: above this, likewise
    missing-of  valueString   on a choice: the linkId of the measurement that this item explains the lack of
"""

from __future__ import annotations

from msgspec import Struct

HL7 = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
OWN = "https://rapp.example/fhir/"

TRANSLATION = HL7 + "translation"
ITEM_CONTROL = HL7 + "questionnaire-itemControl"
HIDDEN = HL7 + "questionnaire-hidden"
UNIT = HL7 + "questionnaire-unit"
UNIT_OPTION = HL7 + "questionnaire-unitOption"
EXCLUSIVE = HL7 + "questionnaire-optionExclusive"
MIN_VALUE = HL7 + "minValue"
MAX_VALUE = HL7 + "maxValue"
DECIMAL_PLACES = HL7 + "maxDecimalPlaces"
ENTRY_FORMAT = HL7 + "entryFormat"
SHORT_TEXT = SDC + "sdc-questionnaire-shortText"
ICON = OWN + "icon"
DANGER = OWN + "danger"
EMERGENCY = OWN + "emergency"
PREFILL = OWN + "prefill"
ASK_BELOW = OWN + "ask-below"
ASK_ABOVE = OWN + "ask-above"
MISSING_OF = OWN + "missing-of"

HL7_CONTROLS = "http://hl7.org/fhir/questionnaire-item-control"
OWN_CONTROLS = OWN + "item-control"
# What the renderer is told, by the system and code that the form gives.
CONTROLS = {
    (HL7_CONTROLS, "radio-button"): "radio",
    (HL7_CONTROLS, "check-box"): "check-box",
    (HL7_CONTROLS, "drop-down"): "list",
    (HL7_CONTROLS, "slider"): "slider",
    (HL7_CONTROLS, "spinner"): "stepper",
    (HL7_CONTROLS, "help"): "help",
    (HL7_CONTROLS, "page"): "page",
    (OWN_CONTROLS, "chips"): "chips",
    (OWN_CONTROLS, "tiles"): "tiles",
    (OWN_CONTROLS, "numpad"): "numpad",
    (OWN_CONTROLS, "counter"): "counter",
}
CHOICES = frozenset({"choice", "open-choice"})
NUMBERS = frozenset({"integer", "decimal"})
TEXTS = frozenset({"string", "text", "open-choice"})
QUESTIONS = CHOICES | NUMBERS | {"boolean", "quantity", "date", "dateTime", "time", "string", "text"}
TYPES = QUESTIONS | {"group", "display"}
UNSUPPORTED_TYPES = frozenset({"attachment", "reference", "url", "question"})
CONTROL_TYPES = {
    "radio": CHOICES | {"boolean"},
    "check-box": CHOICES,
    "list": CHOICES,
    "slider": NUMBERS,
    "stepper": NUMBERS,
    "help": frozenset({"display"}),
    "page": frozenset({"group"}),
    "chips": CHOICES,
    "tiles": CHOICES,
    "numpad": NUMBERS | {"quantity"},
    "counter": frozenset({"integer"}),
}
ORDERED = NUMBERS | {"date", "dateTime", "time", "quantity"}


class Extension(Struct, frozen=True):
    """Where an extension may stand and which value[x] it takes.

    `kinds` empty means: the kind of the item's own type.
    """

    kinds: frozenset[str]
    types: frozenset[str] = TYPES
    many: bool = False


def _takes(*kinds: str) -> frozenset[str]:
    return frozenset(kinds)


ITEM_EXTENSIONS = {
    ITEM_CONTROL: Extension(_takes("CodeableConcept")),
    HIDDEN: Extension(_takes("Boolean")),
    UNIT: Extension(_takes("Coding"), NUMBERS | {"quantity"}),
    UNIT_OPTION: Extension(_takes("Coding"), frozenset({"quantity"}), many=True),
    MIN_VALUE: Extension(frozenset(), ORDERED - {"quantity"}),
    MAX_VALUE: Extension(frozenset(), ORDERED - {"quantity"}),
    DECIMAL_PLACES: Extension(_takes("Integer"), frozenset({"decimal", "quantity"})),
    ENTRY_FORMAT: Extension(_takes("String"), QUESTIONS - CHOICES - {"boolean"}),
    SHORT_TEXT: Extension(_takes("String"), QUESTIONS | {"group"}),
    ICON: Extension(_takes("Code")),
    PREFILL: Extension(_takes("Code"), QUESTIONS),
    ASK_BELOW: Extension(frozenset(), NUMBERS),
    ASK_ABOVE: Extension(frozenset(), NUMBERS),
    MISSING_OF: Extension(_takes("String"), CHOICES),
}
OPTION_EXTENSIONS = {
    EXCLUSIVE: Extension(_takes("Boolean")),
    ICON: Extension(_takes("Code")),
    DANGER: Extension(_takes("Boolean")),
    EMERGENCY: Extension(_takes("Boolean")),
}

# Properties that describe the form and change nothing in how it is filled in.
DESCRIPTIVE = frozenset(
    {
        "id", "meta", "text", "url", "identifier", "version", "name", "title", "status", "experimental",
        "subjectType", "date", "publisher", "contact", "description", "useContext", "jurisdiction",
        "purpose", "copyright", "approvalDate", "lastReviewDate", "effectivePeriod", "code", "language",
    }
)  # fmt: skip
FORM_PROPERTIES = DESCRIPTIVE | {"resourceType", "item", "_title", "_description", "extension"}
FORM_UNSUPPORTED = frozenset({"contained", "derivedFrom", "implicitRules", "modifierExtension"})
ITEM_PROPERTIES = frozenset(
    {
        "id", "linkId", "definition", "code", "prefix", "_prefix", "text", "_text", "type", "enableWhen",
        "enableBehavior", "required", "repeats", "readOnly", "maxLength", "answerOption", "initial", "item",
        "extension",
    }
)  # fmt: skip
ITEM_UNSUPPORTED = frozenset({"answerValueSet", "modifierExtension"})
OPTION_PROPERTIES = frozenset({"id", "initialSelected", "extension"})
OPTION_KINDS = frozenset({"Coding", "String", "Integer", "Date", "Time"})
STATUSES = ("draft", "active", "retired", "unknown")
OPERATORS = ("exists", "=", "!=", ">", "<", ">=", "<=")
# A page, a section in it, a group in that, the question, and its help.
MAX_DEPTH = 5
