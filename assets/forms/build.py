"""Writes the forms of the kinds of deviation, and of complaints: `python assets/forms/build.py`.

Each is what is asked of its kind alone (source/*.txt) with the common part (common.txt): what is asked of all
is written once and reads the same everywhere. What this writes is plain FHIR, assembled as in SDC's
*Modular Forms*; a test holds the two together.

A line of a source is one thing, its level told by two spaces of indent, its parts by `|`:

    page     linkId | Swedish | English | ICON
    group    linkId | Swedish | English
    choice   linkId | Swedish | English | its name in a summary | how, such as "required tiles system=x"
    text     linkId | Swedish | English | its name in a summary | how, such as "most=500"; so are other types
    option   code | Swedish | English | how, such as "danger ICON_ROUNDED"
    when     linkId | = | system#code, or true: it is asked only then; several are alternatives
    help     linkId | Swedish | English
    common   the part of that name in common.txt
"""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SOURCE = HERE / "source"
HL7 = "http://hl7.org/fhir/StructureDefinition/"
OWN = "https://rapp.example/fhir/"
SHORT = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-shortText"
HL7_CONTROLS = "http://hl7.org/fhir/questionnaire-item-control"
CONTROLS = {"radio": (HL7_CONTROLS, "radio-button"), "help": (HL7_CONTROLS, "help")}
MARKS = {"danger": OWN + "danger", "usual": OWN + "usual", "alone": HL7 + "questionnaire-optionExclusive"}
SYSTEM = "the system of an item's codes, while it is made"
Json = dict[str, Any]


def main() -> None:
    for name, form in forms().items():
        (HERE / f"{name}.json").write_text(json.dumps(form, ensure_ascii=False, indent=2) + "\n")


def forms() -> dict[str, Json]:
    """Every form that is assembled, by its file's name."""
    paths = sorted(path for path in SOURCE.glob("*.txt") if path.stem != "common")
    return {path.stem: assembled(path.read_text()) for path in paths}


def assembled(text: str) -> Json:
    """The first lines are `name: value`; the form follows after an empty line."""
    head, _, body = text.partition("\n\n")
    told = dict(line.split(": ", 1) for line in head.splitlines())
    swedish, english = told["title"].split(" | ")
    return {
        "resourceType": "Questionnaire",
        "id": told["id"],
        "language": "sv",
        "url": f"{OWN}Questionnaire/{told['id']}",
        "version": told["version"],
        "name": "".join(word.capitalize() for word in told["id"].split("-")),
        **worded("title", swedish, english),
        "status": "active",
        "subjectType": ["Patient"],
        "date": "2026-03-01",
        "publisher": "Rapp",
        "description": told["about"],
        "item": items(with_common(body.splitlines())),
    }


def with_common(lines: list[str]) -> list[str]:
    """`common NAME` gives way to the part of that name."""
    found = []
    for line in filter(str.strip, lines):
        indent, word = line[: len(line) - len(line.lstrip())], line.strip()
        if word.startswith("common "):
            found += [indent + one for one in with_common(PARTS[word.removeprefix("common ")])]
        else:
            found.append(line)
    return found


def parts_of(text: str) -> dict[str, list[str]]:
    """The common part by the names in brackets."""
    return {
        name: lines.splitlines() for part in text.split("[")[1:] for name, _, lines in [part.partition("]\n")]
    }


def items(lines: list[str]) -> list[Json]:
    """The items of lines, each with what is indented under it."""
    found: list[Json] = []
    every: list[Json] = []
    open_at: list[tuple[int, Json]] = []
    for line in lines:
        depth = (len(line) - len(line.lstrip())) // 2
        kind, _, rest = line.strip().partition(" ")
        parts = [part.strip() for part in rest.split("|")]
        while open_at and open_at[-1][0] >= depth:
            open_at.pop()
        if kind in ("option", "when", "help"):
            ADDED[kind](open_at[-1][1], parts)
            continue
        made = item(kind, parts)
        (open_at[-1][1].setdefault("item", []) if open_at else found).append(made)
        open_at.append((depth, made))
        every.append(made)
    for made in every:
        made.pop(SYSTEM, None)
    return found


def item(kind: str, parts: list[str]) -> Json:
    link, swedish, english, *more = parts
    if kind in ("page", "group"):
        icon = [{"url": OWN + "icon", "valueCode": more[0]}] if more else []
        return {"linkId": link, **extended(icon), **worded("text", swedish, english), "type": "group"}
    short, how = more[0], more[1].split() if len(more) > 1 else []
    told = dict(word.split("=", 1) for word in how if "=" in word)
    extensions: list[Json] = []
    if control := next((word for word in how if word in ("tiles", "chips", "radio")), ""):
        extensions.append(controlled(control))
    if "hidden" in how:
        extensions.append({"url": HL7 + "questionnaire-hidden", "valueBoolean": True})
    if "prefill" in told:
        extensions.append({"url": OWN + "prefill", "valueCode": told["prefill"]})
    if short:
        extensions.append({"url": SHORT, "valueString": short})
    made = {"linkId": link, **extended(extensions), **worded("text", swedish, english), "type": kind}
    made |= {word: True for word in ("required", "repeats") if word in how}
    made |= {"maxLength": int(told["most"])} if "most" in told else {}
    return made | ({SYSTEM: OWN + "codes/" + told["system"]} if "system" in told else {})


def option(of: Json, parts: list[str]) -> None:
    code, swedish, english, *more = parts
    how = more[0].split() if more else []
    marks = [{"url": MARKS[word], "valueBoolean": True} for word in how if word in MARKS]
    icons = [{"url": OWN + "icon", "valueCode": word} for word in how if word.endswith("_ROUNDED")]
    coding = {"system": of[SYSTEM], "code": code, **worded("display", swedish, english)}
    first = {"initialSelected": True} if "first" in how else {}
    of.setdefault("answerOption", []).append({**extended([*icons, *marks]), "valueCoding": coding, **first})


def when(of: Json, parts: list[str]) -> None:
    question, operator, answer = parts
    system, _, code = answer.partition("#")
    given = {"system": OWN + f"codes/{system}", "code": code} if code else answer == "true"
    condition = {
        "question": question,
        "operator": operator,
        "answerCoding" if code else "answerBoolean": given,
    }
    of.setdefault("enableWhen", []).append(condition)
    if len(of["enableWhen"]) > 1:
        of["enableBehavior"] = "any"


def help_(of: Json, parts: list[str]) -> None:
    link, swedish, english = parts
    control = extended([controlled("help")])
    made = {"linkId": link, **control, **worded("text", swedish, english), "type": "display"}
    of.setdefault("item", []).append(made)


def controlled(name: str) -> Json:
    system, code = CONTROLS.get(name, (OWN + "item-control", name))
    concept = {"coding": [{"system": system, "code": code}]}
    return {"url": HL7 + "questionnaire-itemControl", "valueCodeableConcept": concept}


def worded(name: str, swedish: str, english: str) -> Json:
    parts = [{"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": english}]
    return {name: swedish, f"_{name}": extended([{"url": HL7 + "translation", "extension": parts}])}


def extended(extensions: list[Json]) -> Json:
    return {"extension": extensions} if extensions else {}


PARTS = parts_of((SOURCE / "common.txt").read_text())
ADDED = {"option": option, "when": when, "help": help_}

if __name__ == "__main__":
    main()
