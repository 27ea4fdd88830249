"""The FHIR R4 Questionnaire subset that this app supports: types, properties, extensions and controls.

Extensions of our own, all under `https://rapp.example/fhir/`:

    icon        valueCode     on an item or option: a Material icon's name, as in flet's Icons (PLACE_ROUNDED)
    danger      valueBoolean  on an option: this answer calls for the nurse before the form goes on
    emergency   valueBoolean  on an option: this answer calls for 112, whatever else is answered
    usual       valueBoolean  on an option: all is as usual; one press answers so what is left of its page
    prefill     valueCode     on a question: where the record knows the answer (person.bloodThinner)
    ask-below   valueInteger or valueDecimal, on a number: below this the phone asks once whether it is right
    ask-above   valueInteger or valueDecimal, on a number: above this, likewise
    may-pass    valueBoolean  on a question: its page may turn by itself without an answer to it
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
MIN_LENGTH = HL7 + "minLength"
REGEX = HL7 + "regex"
MIN_OCCURS = HL7 + "questionnaire-minOccurs"
MAX_OCCURS = HL7 + "questionnaire-maxOccurs"
MIN_QUANTITY = SDC + "sdc-questionnaire-minQuantity"
MAX_QUANTITY = SDC + "sdc-questionnaire-maxQuantity"
SHORT_TEXT = SDC + "sdc-questionnaire-shortText"
ENABLE_EXPRESSION = SDC + "sdc-questionnaire-enableWhenExpression"
CALCULATED = SDC + "sdc-questionnaire-calculatedExpression"
INITIAL_EXPRESSION = SDC + "sdc-questionnaire-initialExpression"
EXPRESSIONS = (ENABLE_EXPRESSION, CALCULATED, INITIAL_EXPRESSION)
CONSTRAINT = HL7 + "questionnaire-constraint"
ICON = OWN + "icon"
DANGER = OWN + "danger"
EMERGENCY = OWN + "emergency"
USUAL = OWN + "usual"
PREFILL = OWN + "prefill"
ASK_BELOW = OWN + "ask-below"
ASK_ABOVE = OWN + "ask-above"
MISSING_OF = OWN + "missing-of"
MAY_PASS = OWN + "may-pass"

HL7_CONTROLS = "http://hl7.org/fhir/questionnaire-item-control"
OWN_CONTROLS = OWN + "item-control"
# What the renderer is told, by the system and code that the form gives.
CONTROLS = {
    (HL7_CONTROLS, "radio-button"): "radio",
    (HL7_CONTROLS, "check-box"): "check-box",
    (HL7_CONTROLS, "drop-down"): "list",
    (HL7_CONTROLS, "slider"): "slider",
    (HL7_CONTROLS, "spinner"): "stepper",
    (HL7_CONTROLS, "text-box"): "text-box",
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
# What maxLength may be declared for (FHIR R4, que-10).
LENGTHS = TEXTS | NUMBERS | {"boolean"}
QUESTIONS = CHOICES | NUMBERS | {"boolean", "quantity", "date", "dateTime", "time", "string", "text"}
TYPES = QUESTIONS | {"group", "display"}
UNSUPPORTED_TYPES = frozenset({"attachment", "reference", "url", "question"})
CONTROL_TYPES = {
    "radio": CHOICES | {"boolean"},
    "check-box": CHOICES | {"boolean"},
    "list": CHOICES | {"boolean"},
    "slider": NUMBERS | {"quantity"},
    "stepper": NUMBERS | {"quantity"},
    "text-box": frozenset({"string", "text"}),
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

    `kinds` empty means: whatever can be compared with an answer to the item (LIMIT_KINDS).
    """

    kinds: frozenset[str]
    types: frozenset[str] = TYPES
    many: bool = False


def _takes(*kinds: str) -> frozenset[str]:
    return frozenset(kinds)


_NUMBER = _takes("Integer", "Decimal")
_DAY = _takes("Date", "DateTime")
LIMIT_KINDS = {
    "integer": _NUMBER,
    "decimal": _NUMBER,
    "quantity": _NUMBER | {"Quantity"},
    "date": _DAY,
    "dateTime": _DAY,
    "time": _takes("Time"),
}
ITEM_EXTENSIONS = {
    ITEM_CONTROL: Extension(_takes("CodeableConcept")),
    HIDDEN: Extension(_takes("Boolean")),
    UNIT: Extension(_takes("Coding"), NUMBERS | {"quantity"}),
    UNIT_OPTION: Extension(_takes("Coding"), frozenset({"quantity"}), many=True),
    MIN_VALUE: Extension(frozenset(), ORDERED),
    MAX_VALUE: Extension(frozenset(), ORDERED),
    MIN_QUANTITY: Extension(_takes("Quantity"), frozenset({"quantity"})),
    MAX_QUANTITY: Extension(_takes("Quantity"), frozenset({"quantity"})),
    MIN_OCCURS: Extension(_takes("Integer"), QUESTIONS | {"group"}),
    MAX_OCCURS: Extension(_takes("Integer"), QUESTIONS | {"group"}),
    MIN_LENGTH: Extension(_takes("Integer"), LENGTHS),
    REGEX: Extension(_takes("String"), QUESTIONS - CHOICES | {"open-choice"}),
    DECIMAL_PLACES: Extension(_takes("Integer"), frozenset({"decimal", "quantity"})),
    ENTRY_FORMAT: Extension(_takes("String"), QUESTIONS - CHOICES - {"boolean"}),
    SHORT_TEXT: Extension(_takes("String"), QUESTIONS | {"group"}),
    ENABLE_EXPRESSION: Extension(_takes("Expression")),
    CALCULATED: Extension(_takes("Expression"), QUESTIONS),
    INITIAL_EXPRESSION: Extension(_takes("Expression"), QUESTIONS),
    CONSTRAINT: Extension(frozenset(), QUESTIONS | {"group"}, many=True),
    ICON: Extension(_takes("Code")),
    PREFILL: Extension(_takes("Code"), QUESTIONS),
    ASK_BELOW: Extension(frozenset(), NUMBERS),
    ASK_ABOVE: Extension(frozenset(), NUMBERS),
    MISSING_OF: Extension(_takes("String"), CHOICES),
    MAY_PASS: Extension(_takes("Boolean"), QUESTIONS),
}
OPTION_EXTENSIONS = {
    EXCLUSIVE: Extension(_takes("Boolean")),
    ICON: Extension(_takes("Code")),
    DANGER: Extension(_takes("Boolean")),
    EMERGENCY: Extension(_takes("Boolean")),
    USUAL: Extension(_takes("Boolean")),
}

# Properties that describe the form and change nothing in how it is filled in.
DESCRIPTIVE = frozenset(
    {
        "id", "meta", "text", "url", "identifier", "version", "name", "title", "status", "experimental",
        "subjectType", "date", "publisher", "contact", "description", "useContext", "jurisdiction",
        "purpose", "copyright", "approvalDate", "lastReviewDate", "effectivePeriod", "code", "language",
        "derivedFrom",
    }
)  # fmt: skip
FORM_PROPERTIES = DESCRIPTIVE | {"resourceType", "item", "_title", "_description", "extension", "contained"}
FORM_UNSUPPORTED = frozenset({"implicitRules", "modifierExtension"})
ITEM_PROPERTIES = frozenset(
    {
        "id", "linkId", "definition", "code", "prefix", "_prefix", "text", "_text", "type", "enableWhen",
        "enableBehavior", "required", "repeats", "readOnly", "maxLength", "answerOption", "initial", "item",
        "extension", "answerValueSet",
    }
)  # fmt: skip
ITEM_UNSUPPORTED = frozenset({"modifierExtension"})
OPTION_PROPERTIES = frozenset({"id", "initialSelected", "extension", "_valueString"})
OPTION_KINDS = frozenset({"Coding", "String", "Integer", "Date", "Time"})
STATUSES = ("draft", "active", "retired", "unknown")
OPERATORS = ("exists", "=", "!=", ">", "<", ">=", "<=")
# Deeper than any form that people fill in; what recurses over a form is safe up to here.
MAX_DEPTH = 20
