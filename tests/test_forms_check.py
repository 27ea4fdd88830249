"""`care.forms check`: a faulty form is rejected for its own reason, and nothing it cannot show passes."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.forms import FaultyFormError, check, load
from care.forms import vocabulary as v

Json = dict[str, Any]

FORM: Json = {
    "resourceType": "Questionnaire",
    "status": "active",
    "url": "https://example.org/form",
    "version": "1",
    "language": "sv",
    "title": "Prov",
    "item": [
        {
            "linkId": "page",
            "text": "Sida",
            "type": "group",
            "item": [
                {"linkId": "ill", "text": "Sjuk?", "type": "boolean"},
                {"linkId": "pulse", "text": "Puls", "type": "integer"},
                {"linkId": "words", "text": "Ord", "type": "string"},
                {
                    "linkId": "where",
                    "text": "Var?",
                    "type": "choice",
                    "answerOption": [
                        {"valueCoding": {"system": "https://example.org/c", "code": "in", "display": "Inne"}},
                        {"valueCoding": {"system": "https://example.org/c", "code": "out", "display": "Ute"}},
                    ],
                },
                {
                    "linkId": "weight",
                    "text": "Vikt",
                    "type": "quantity",
                    "extension": [{"url": v.UNIT, "valueCoding": {"code": "kg", "display": "kg"}}],
                },
                {"linkId": "note", "text": "Läs det här", "type": "display"},
            ],
        }
    ],
}


def item(form: Json, link_id: str) -> Json:
    return next(one for one in form["item"][0]["item"] if one["linkId"] == link_id)


def setting(link_id: str, **properties: Any) -> Callable[[Json], None]:
    return lambda form: item(form, link_id).update(copy.deepcopy(properties))


def top(**properties: Any) -> Callable[[Json], None]:
    return lambda form: form.update(copy.deepcopy(properties))


def without(link_id: str, name: str) -> Callable[[Json], None]:
    return lambda form: item(form, link_id).pop(name)


def adding(**new: Any) -> Callable[[Json], None]:
    return lambda form: form["item"][0]["item"].append(copy.deepcopy(new))


def when(*conditions: Json, on: str = "words", **more: Any) -> Callable[[Json], None]:
    return setting(on, enableWhen=list(conditions), **more)


def extension(link_id: str, url: str, **value: Any) -> Callable[[Json], None]:
    return lambda form: item(form, link_id).setdefault("extension", []).append({"url": url, **value})


def option(number: int, **properties: Any) -> Callable[[Json], None]:
    return lambda form: item(form, "where")["answerOption"][number].update(copy.deepcopy(properties))


def both(*changes: Callable[[Json], None]) -> Callable[[Json], None]:
    def change(form: Json) -> None:
        for one in changes:
            one(form)

    return change


def nested(depth: int) -> Callable[[Json], None]:
    inner: Json = {"linkId": "deep", "text": "Djup?", "type": "boolean"}
    for level in range(depth):
        inner = {"linkId": f"g{level}", "text": "Grupp", "type": "group", "item": [inner]}
    return adding(**inner)


def translated(name: str, *extensions: Any) -> Json:
    return {f"_{name}": {"extension": list(extensions)}}


def translation(lang: Any, content: Any) -> Json:
    parts = [{"url": "lang", "valueCode": lang}, {"url": "content", "valueString": content}]
    return {"url": v.TRANSLATION, "extension": parts}


def coded(code: str) -> Json:
    return {"valueCoding": {"system": "https://example.org/c", "code": code, "display": code}}


ILL = {"question": "ill", "operator": "=", "answerBoolean": True}
CONCEPT = {"coding": [{"system": v.HL7_CONTROLS, "code": "autocomplete"}]}
RADIO = {"coding": [{"system": v.HL7_CONTROLS, "code": "radio-button"}]}
HELP = {"coding": [{"system": v.HL7_CONTROLS, "code": "help"}]}
HELPING = {
    **{"linkId": "help", "text": "Räkna", "type": "display"},
    "extension": [{"url": v.ITEM_CONTROL, "valueCodeableConcept": HELP}],
}
PAGE = {"coding": [{"system": v.HL7_CONTROLS, "code": "page"}]}

FAULTY: list[tuple[Callable[[Json], None], str, str]] = [
    # the form as a whole
    (top(resourceType="Patient"), "", "resourceType must be Questionnaire"),
    (lambda form: form.pop("status"), "", "status is missing"),
    (top(status="published"), "", "status must be one of"),
    (lambda form: form.pop("item"), "", "a form without items"),
    (top(item=[]), "", "item must be a list with at least one item"),
    (top(url="form"), "", "url must be an absolute address"),
    (top(version=1), "", "version must be text"),
    (top(language="svenska språket"), "", "language must be a language code"),
    (top(title=" "), "", "title must be text"),
    (top(date="14 mars"), "", "date must be a date"),
    (top(subjectType="Patient"), "", "subjectType must be a list"),
    (top(contained=[{"resourceType": "ValueSet", "id": "x"}]), "", "contained ValueSet x is not supported"),
    (top(contained=[{"resourceType": "Library", "id": "l"}]), "", "contained Library l is not supported"),
    (top(contained={}), "", "contained must be a list"),
    (top(implicitRules="https://example.org/r"), "", "implicitRules is not supported"),
    (top(colour="green"), "", "unknown property of a form: colour"),
    (top(extension=[{"url": "https://example.org/x"}]), "", "unsupported extension of a form"),
    # an item's shape
    (lambda form: form["item"].append("page"), "", "an item must be an object"),
    (without("ill", "linkId"), "", "linkId is missing"),
    (setting("ill", linkId=" ill"), " ill", "linkId must be text without surrounding spaces"),
    (adding(linkId="ill", text="Igen?", type="boolean"), "ill", "linkId ill is used more than once"),
    (without("ill", "type"), "ill", "type is missing"),
    (setting("ill", type="bool"), "ill", "unknown type of item: 'bool'"),
    (setting("ill", type="attachment"), "ill", "items of type attachment are not supported"),
    (setting("ill", type="reference"), "ill", "items of type reference are not supported"),
    (setting("ill", type="url"), "ill", "items of type url are not supported"),
    (setting("ill", text=""), "ill", "text must be text"),
    (setting("ill", prefix=1), "ill", "prefix must be text"),
    (setting("ill", definition="weight"), "ill", "definition must be an absolute address"),
    (setting("ill", colour="green"), "ill", "unknown property of an item: colour"),
    (
        setting("where", answerValueSet="https://example.org/vs"),
        "where",
        "both answerOption and answerValueSet",
    ),
    (
        both(without("where", "answerOption"), setting("where", answerValueSet="https://example.org/vs")),
        "where",
        "answerValueSet is supported only for a list of codes contained in the form",
    ),
    (setting("ill", modifierExtension=[]), "ill", "modifierExtension is not supported"),
    (setting("ill", required="yes"), "ill", "required must be true or false"),
    (setting("note", required=True), "note", "a display item cannot have required"),
    (setting("note", repeats=True), "note", "a display item cannot have repeats"),
    (setting("note", code=[{"system": "https://e.org", "code": "x"}]), "note", "cannot have a code"),
    (setting("where", maxLength=3), "where", "maxLength is not for choice"),
    (setting("words", maxLength=-1), "words", "maxLength must be a whole number above 0"),
    (setting("ill", code={"code": "x"}), "ill", "code must be a list"),
    (setting("ill", code=[{"code": "x"}]), "ill", "a code says nothing without its system"),
    (setting("ill", code=[{"system": "loinc", "code": "x"}]), "ill", "system must be an absolute address"),
    (adding(linkId="empty", text="Tom", type="group"), "empty", "a group without items"),
    (
        setting("note", item=[{"linkId": "in", "text": "I", "type": "boolean"}]),
        "in",
        "a display item cannot hold other items",
    ),
    (nested(19), "deep", "nested deeper than 20 levels"),
    (setting("pulse", item=[HELPING, {**HELPING, "linkId": "help2"}]), "help2", "more than one help"),
    (setting("pulse", item=[{**HELPING, "enableWhen": [ILL]}]), "help", "help with a condition of its own"),
    # options and initial answers
    (without("where", "answerOption"), "where", "a choice without options"),
    (setting("where", answerOption=[]), "where", "answerOption must be a list with at least one option"),
    (
        setting("words", answerOption=[{"valueString": "a"}]),
        "words",
        "answerOption is for choice and open-choice",
    ),
    (option(0, valueString="Inne"), "where", "an option needs exactly one value"),
    (setting("where", answerOption=[coded("in"), coded("in")]), "where", "option in is given more than once"),
    (
        setting("where", answerOption=[coded("in"), {"valueInteger": 1}, {"valueInteger": 1}]),
        "where",
        "option 1 is given more than once",
    ),
    (
        setting("where", answerOption=[{"valueReference": {"reference": "Patient/1"}}]),
        "where",
        "options of kind Reference are not supported",
    ),
    (setting("where", answerOption=[{"valueCoding": {"display": "In"}}]), "where", "a coding needs a code"),
    (option(0, colour="green"), "where", "unknown property of an option: colour"),
    (
        option(0, extension=[{"url": "https://example.org/x", "valueBoolean": True}]),
        "where",
        "unsupported extension: https://example.org/x",
    ),
    (option(0, initialSelected="yes"), "where", "initialSelected must be true or false"),
    (
        both(option(0, initialSelected=True), option(1, initialSelected=True)),
        "where",
        "more than one initialSelected",
    ),
    (
        both(option(0, initialSelected=True), setting("where", initial=[coded("in")])),
        "where",
        "both initial and initialSelected",
    ),
    (setting("note", initial=[{"valueString": "a"}]), "note", "a display cannot have an initial answer"),
    (setting("pulse", initial=[{"valueString": "70"}]), "pulse", "initial valueString does not fit"),
    (setting("pulse", initial=[{"valueInteger": "70"}]), "pulse", "'70' is not a valid integer"),
    (setting("pulse", initial=70), "pulse", "initial must be a list"),
    (setting("pulse", initial=[{}]), "pulse", "an initial answer needs exactly one value"),
    (setting("where", initial=[coded("up")]), "where", "the initial answer is not among the options"),
    (
        setting("pulse", initial=[{"valueInteger": 1}, {"valueInteger": 2}]),
        "pulse",
        "more than one initial answer",
    ),
    # conditions
    (setting("words", enableWhen=[]), "words", "enableWhen must be a list with at least one condition"),
    (setting("words", enableWhen=["ill"]), "words", "a condition must be an object"),
    (when({**ILL, "question": "gone"}), "words", "asks an item that does not exist: 'gone'"),
    (when({"question": "words", "operator": "=", "answerString": "a"}), "words", "asks its own item"),
    (when({**ILL, "question": "note"}), "words", "asks note, a display, which has no answer"),
    (when({**ILL, "operator": "is"}), "words", "operator must be one of"),
    (when({**ILL, "operator": ">"}), "words", "operator > does not fit an item of type boolean"),
    (when({"question": "ill", "operator": "="}), "words", "a condition needs an answer to compare with"),
    (when({**ILL, "answerInteger": 1}), "words", "a condition has more than one answer[x]"),
    (when({**ILL, "colour": 1}), "words", "unknown property of a condition: colour"),
    (
        when({"question": "ill", "operator": "=", "answerString": "true"}),
        "words",
        "answerString does not fit ill, an item of type boolean",
    ),
    (
        when({"question": "pulse", "operator": ">", "answerInteger": "a lot"}),
        "words",
        "'a lot' is not a valid integer",
    ),
    (
        when({"question": "pulse", "operator": "exists", "answerInteger": 1}),
        "words",
        "exists needs answerBoolean",
    ),
    (
        when({"question": "where", "operator": "=", "answerCoding": {"code": "up"}}),
        "words",
        "the condition's answer is not among the options of where",
    ),
    (when(ILL, ILL), "words", "more than one enableWhen without enableBehavior"),
    (when(ILL, enableBehavior="some"), "words", "enableBehavior must be all or any"),
    (
        lambda form: form["item"][0].update(enableWhen=[ILL]),
        "page",
        "cyclic enableWhen",
    ),
    # extensions
    (
        extension("ill", "https://example.org/x", valueCode="a"),
        "ill",
        "unsupported extension: https://example.org/x",
    ),
    *(
        (
            extension("ill", url, valueExpression={"language": "text/fhirpath", "expression": "true"}),
            "ill",
            f"unsupported extension: {url}",
        )
        for url in (
            v.SDC + "sdc-questionnaire-answerExpression",
            v.SDC + "sdc-questionnaire-candidateExpression",
            v.SDC + "sdc-questionnaire-contextExpression",
            v.HL7 + "variable",
        )
    ),
    (setting("ill", extension={"url": v.HIDDEN}), "ill", "extension must be a list"),
    (setting("ill", extension=[{"valueBoolean": True}]), "ill", "an extension needs a url"),
    (extension("ill", v.HIDDEN, valueString="yes"), "ill", "needs exactly valueBoolean"),
    (extension("ill", v.HIDDEN, valueBoolean="yes"), "ill", "'yes' is not a valid boolean"),
    (extension("ill", v.MIN_VALUE, valueInteger=1), "ill", "minValue does not fit an item of type boolean"),
    (extension("pulse", v.MIN_VALUE, valueString="1"), "pulse", "needs exactly valueDecimal or valueInteger"),
    (extension("pulse", v.MIN_OCCURS, valueInteger=-1), "pulse", "minOccurs must not be below 0"),
    (extension("pulse", v.MAX_OCCURS, valueInteger=2), "pulse", "by an item that does not repeat"),
    (
        both(
            setting("pulse", repeats=True),
            extension("pulse", v.MIN_OCCURS, valueInteger=3),
            extension("pulse", v.MAX_OCCURS, valueInteger=2),
        ),
        "pulse",
        "minOccurs 3 is above maxOccurs 2",
    ),
    (
        both(setting("words", maxLength=3), extension("words", v.MIN_LENGTH, valueInteger=4)),
        "words",
        "minLength 4 is above maxLength 3",
    ),
    (extension("words", v.REGEX, valueString="[a"), "words", "regex cannot be read"),
    (extension("words", v.REGEX, valueString="(a+)+b"), "words", "repeats what already repeats"),
    (
        both(
            extension("weight", v.MIN_QUANTITY, valueQuantity={"value": 9, "unit": "kg"}),
            extension("weight", v.MAX_QUANTITY, valueQuantity={"value": 1, "unit": "kg"}),
        ),
        "weight",
        "is above sdc-questionnaire-maxQuantity",
    ),
    (
        both(
            extension("pulse", v.MIN_VALUE, valueInteger=2), extension("pulse", v.MIN_VALUE, valueInteger=1)
        ),
        "pulse",
        "is given more than once",
    ),
    (
        both(
            extension("pulse", v.MIN_VALUE, valueInteger=9), extension("pulse", v.MAX_VALUE, valueInteger=1)
        ),
        "pulse",
        "minValue 9 is above maxValue 1",
    ),
    (
        both(
            extension("pulse", v.ASK_ABOVE, valueInteger=9), extension("pulse", v.MAX_VALUE, valueInteger=8)
        ),
        "pulse",
        "ask-above 9 is above maxValue 8",
    ),
    (
        extension("weight", v.DECIMAL_PLACES, valueInteger=-1),
        "weight",
        "maxDecimalPlaces must not be below 0",
    ),
    (extension("where", v.ITEM_CONTROL, valueCodeableConcept=CONCEPT), "where", "unsupported itemControl"),
    (
        extension("words", v.ITEM_CONTROL, valueCodeableConcept=RADIO),
        "words",
        "itemControl radio does not fit an item of type string",
    ),
    (
        lambda form: form["item"][0].update(
            extension=[{"url": v.ITEM_CONTROL, "valueCodeableConcept": PAGE}]
        ),
        "page",
        "itemControl page is for groups in a top-level group",
    ),
    (extension("where", v.MISSING_OF, valueString="gone"), "where", "missing-of names gone"),
    # translations
    (
        setting("weight", extension=[{"url": v.UNIT, "valueCoding": {"code": "kg", "_display": {}}}]),
        "weight",
        "a translation of display, which is missing",
    ),
    (setting("ill", _text="Ill?"), "ill", "must be an object with a list of extensions"),
    (
        setting("ill", **translated("text", {"url": "https://e.org/x"})),
        "ill",
        "unsupported extension of a text",
    ),
    (
        setting("ill", **translated("text", {"url": v.TRANSLATION, "extension": []})),
        "ill",
        "a translation needs exactly lang and content",
    ),
    (
        setting("ill", **translated("text", translation("en gelska", "Ill?"))),
        "ill",
        "lang must be a language code",
    ),
    (setting("ill", **translated("text", translation("en", ""))), "ill", "the translation to en is empty"),
    (
        setting("ill", **translated("text", translation("en", "Ill?"), translation("en", "Sick?"))),
        "ill",
        "translated twice to en",
    ),
    (
        setting("ill", **translated("prefix", translation("en", "A"))),
        "ill",
        "a translation of prefix, which is",
    ),
]


def test_the_form_that_all_faulty_ones_are_made_from_is_sound() -> None:
    assert check(FORM) == []
    assert load(json.dumps(FORM).encode()).canonical == "https://example.org/form|1"


@pytest.mark.parametrize(("change", "link_id", "reason"), FAULTY, ids=[reason for _, _, reason in FAULTY])
def test_a_faulty_form_is_rejected_for_its_own_reason_and_no_other(
    change: Callable[[Json], None], link_id: str, reason: str
) -> None:
    form = copy.deepcopy(FORM)
    change(form)
    faults = check(form)
    assert [reason in fault.reason for fault in faults] == [True], faults
    assert faults[0].link_id == link_id
    with pytest.raises(FaultyFormError) as refused:
        load(form)
    assert refused.value.faults == faults


def test_all_faults_are_named_at_once_with_their_places() -> None:
    form = copy.deepcopy(FORM)
    del form["status"]
    setting("pulse", maxLength=3, type="string", colour="green", answerValueSet="https://e.org/vs")(form)
    assert [(fault.link_id, fault.path) for fault in check(form)] == [
        ("", ""),
        ("pulse", "item[0].item[1].colour"),
        ("pulse", "item[0].item[1].answerValueSet"),
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON"),
        (b"[]", "must be an object"),
        (b'{"status": NaN}', "NaN is not a JSON number"),
        (b'{"status": "active", "status": "draft"}', "given twice in one object: status"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_json_object_is_a_fault_and_no_crash(data: bytes, reason: str) -> None:
    (fault,) = check(data)
    assert reason in fault.reason


def test_a_cycle_through_several_questions_is_found() -> None:
    form = copy.deepcopy(FORM)
    when({"question": "pulse", "operator": "exists", "answerBoolean": True}, on="words")(form)
    when({"question": "words", "operator": "exists", "answerBoolean": True}, on="pulse")(form)
    assert [fault.link_id for fault in check(form)] == ["pulse", "words"]


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.text(max_size=4)
    | st.sampled_from(["ill", "group", "="]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["url", "code", "lang"]), inner)
    ),
    max_leaves=4,
)


@settings(max_examples=80)
@given(st.data())
def test_whatever_stands_in_a_form_check_answers_and_load_agrees(data: st.DataObject) -> None:
    """Put anything in any place of a rich form: there are faults, or it loads. Never anything else."""
    form = json.loads(SBAR.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        holder: Any = form
        while True:
            keys = list(holder) if isinstance(holder, dict) else range(len(holder))
            key = data.draw(st.sampled_from(list(keys)))
            inside = holder[key]
            if not isinstance(inside, dict | list) or not inside or data.draw(st.integers(0, 5)) == 0:
                break
            holder = inside
        holder[key] = data.draw(anything)
    if not check(form):
        load(form)


SBAR = Path(__file__).parent.parent / "assets" / "forms" / "sbar.json"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "care.forms", *arguments], capture_output=True, text=True, check=False
    )


def test_the_command_line_names_each_fault_and_fails(tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.json"
    form = copy.deepcopy(FORM)
    setting("ill", type="attachment")(form)
    extension("pulse", "https://example.org/x", valueCode="a")(form)
    faulty.write_text(json.dumps(form))
    ran = run("check", str(SBAR), str(faulty))
    assert ran.returncode == 1
    assert ran.stdout.splitlines() == [
        f"{faulty}: ill at item[0].item[0].type: items of type attachment are not supported",
        f"{faulty}: pulse at item[0].item[1].extension[0]: unsupported extension: https://example.org/x",
    ]
    assert run("check", str(SBAR)).returncode == 0
    assert run("check", str(tmp_path / "gone.json")).returncode == 2


def test_the_command_line_validates_a_response_against_its_form(tmp_path: Path) -> None:
    form, right, wrong = (tmp_path / name for name in ("form.json", "right.json", "wrong.json"))
    form.write_text(json.dumps(FORM))
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "https://example.org/form|1",
        "status": "completed",
        "item": [{"linkId": "page", "item": [{"linkId": "pulse", "answer": [{"valueInteger": 70}]}]}],
    }
    right.write_text(json.dumps(response))
    response["item"][0]["item"][0]["answer"][0] = {"valueString": "70"}
    wrong.write_text(json.dumps(response))
    assert run("validate", str(form), str(right)).returncode == 0
    ran = run("validate", str(form), str(wrong))
    assert ran.returncode == 1
    assert "pulse" in ran.stdout
    assert "valueString does not answer an item of type integer" in ran.stdout
