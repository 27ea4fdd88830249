"""What is said to the nurse: in Swedish, by name, with what is missing named."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec

from care.forms import Answers, Coding, load
from care.news2 import from_answers, score
from care.person import PersonDocument
from care.script import Caller, clock, script
from views.texts import Texts

SOURCE = (Path(__file__).parent.parent / "assets" / "forms" / "sbar.json").read_bytes()
FORM = load(SOURCE)
INGEGERD = PersonDocument(id="p", name="Ingegerd Norling", born=date(1936, 8, 19))
AMINA = Caller("Amina Yusuf", "undersköterska", "Granen")
MEASURED: Answers = {
    "s.problem": [Coding("breathing"), Coding("confused")],
    "s.since": [Coding("night")],
    "s.since.time": ["05:00:00"],
    "b.conditions": ["hjärtsvikt"],
    "b.allergies": ["penicillin"],
    "b.bloodThinner": [Coding("no")],
    "a.airway.free": [Coding("clear")],
    "a.respiration": [26],
    "a.spo2": [93],
    "a.oxygen": [False],
    "a.pulse": [104],
    "a.systolic": [108],
    "a.diastolic": [64],
    "a.temperature": [Decimal("37.6")],
    "a.consciousness": [Coding("A")],
    "r.wish": [Coding("visit")],
}


def said(answers: Answers, person: PersonDocument | None = INGEGERD, scored: bool = False) -> dict[str, str]:
    found = score(from_answers(answers), scale2=False) if scored else None
    return {p.letter: p.text for p in script(FORM, answers, person, AMINA, Texts.load("sv"), found)}


def test_it_says_who_calls_about_whom_and_what_the_matter_is() -> None:
    words = said(MEASURED)["S"]
    assert words.startswith("Hej, jag heter Amina, undersköterska på Granen.")
    assert "Det gäller Ingegerd Norling, född 1936." in words
    assert "Ingegerd andas sämre och är förvirrad." in words
    assert "Det började i natt, klockan 5." in words


def test_numbers_are_said_as_on_the_phone() -> None:
    words = said(MEASURED, scored=True)["A"]
    for sentence in ("NEWS2 är 7.", "Syre 93 utan syrgas.", "Blodtryck 108 genom 64.", "Temperatur 37,6."):
        assert sentence in words


def test_what_was_not_measured_is_named() -> None:
    words = said({"s.problem": [Coding("worry")], "a.oxygen": [True]})["A"]
    for missing in ("Andningen", "Syret i blodet", "Pulsen", "Blodtrycket", "Temperaturen"):
        assert f"{missing} är inte mätt" in words or f"{missing} är inte mätt." in words
    assert "Ingegerd får syrgas." in words
    assert "NEWS2" not in words


def test_an_incomplete_score_is_never_said_as_a_number() -> None:
    answers = {key: value for key, value in MEASURED.items() if key != "a.temperature"}
    assert "NEWS2 är ofullständig." in said(answers, scored=True)["A"]


def test_nobodys_pronoun_is_guessed() -> None:
    everything = " ".join(said(MEASURED).values()).lower().split()
    assert not {"hon", "han", "henne", "honom", "hen"} & {word.strip(".,") for word in everything}


def test_without_a_person_it_is_still_a_script() -> None:
    assert "personen andas sämre" in said(MEASURED, person=None)["S"]


def test_what_an_organisation_adds_to_the_form_is_read_out() -> None:
    raw = msgspec.json.decode(SOURCE)
    raw["item"][0]["item"].append({"linkId": "s.fluid", "text": "Har {name} druckit?", "type": "boolean"})
    added = {**MEASURED, "s.fluid": [True]}
    parts = script(load(msgspec.json.encode(raw)), added, INGEGERD, AMINA, Texts.load("sv"))
    assert "Ja." in parts[0].text


def test_urine_has_no_sentence_of_its_own_and_is_read_out_all_the_same() -> None:
    assert "Urin: Kissar mindre." in said({**MEASURED, "a.urine": [Coding("less")]})["A"]


def test_clocks_are_said_in_hours() -> None:
    assert (clock("05:00:00"), clock("05:20:00"), clock("00:10")) == ("5", "5:20", "0:10")
