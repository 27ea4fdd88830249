"""Every word a user sees comes from the catalogues, in both languages, and the catalogues are in step."""

import ast
import gettext
import re
import string
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from views import dates
from views.texts import FOLDER, LANGUAGES, MissingTextError, Texts

VIEWS = Path(__file__).parents[1] / "views"
SV, EN = Texts.load("sv"), Texts.load("en")


def catalogue(language):
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def messages(language):
    return {
        message.id if isinstance(message.id, str) else message.id[0]: message
        for message in catalogue(language)
        if message.id
    }


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def variants(message):
    return message.string if isinstance(message.string, tuple | list) else (message.string,)


def test_texts_are_filled_and_counted():
    assert SV("lock.enter_code", name="Amina") == "Skriv din kod, Amina"
    assert SV.n("date.hours", 1) == "1 timme"
    assert SV.n("date.hours", 3) == "3 timmar"
    assert EN("common.next") == "Next"


def test_an_unknown_language_is_given_swedish():
    assert Texts.load("so")("common.next") == "Nästa"
    assert Texts.load("en-GB").language == "en"


def test_a_missing_text_is_an_error_here_and_a_key_on_a_phone(monkeypatch, caplog):
    monkeypatch.setenv("RAPP_STRICT_TEXTS", "1")
    with pytest.raises(MissingTextError):
        SV("no.such_text")
    monkeypatch.delenv("RAPP_STRICT_TEXTS")
    assert SV("no.such_text") == "no.such_text"
    assert "no.such_text" in caplog.text


def test_every_language_has_every_text_with_the_same_fields():
    source = messages("sv")
    for language in LANGUAGES:
        other = messages(language)
        assert other.keys() == source.keys()
        for key, message in source.items():
            for text in variants(other[key]):
                assert text, f"{language}: {key} is empty"
                assert fields(text) == fields(variants(message)[-1]), f"{language}: {key}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_in_step(language):
    """If this fails: make texts."""
    with (FOLDER / language / "LC_MESSAGES" / "rapp.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    known = {key[0] if isinstance(key, tuple) else key for key in compiled._catalog if key}
    assert known == messages(language).keys()
    for key, message in messages(language).items():
        if isinstance(message.id, str):
            assert compiled.gettext(key) == message.string, key
        else:
            assert (compiled.ngettext(key, key, 1), compiled.ngettext(key, key, 2)) == message.string, key


def test_swedish_is_plain():
    for key, message in messages("sv").items():
        for text in variants(message):
            assert "!" not in text, key
            assert not re.search(r"\b(ssk|usk|PRN|µg)\b", text, re.IGNORECASE), key


def test_times_are_said_as_one_says_them():
    now = datetime(2026, 3, 14, 7, 12)
    assert dates.day(now.date(), SV) == "14 mars 2026"
    assert dates.day(now.date(), EN) == "14 March 2026"
    assert dates.moment(now, now, SV) == "07:12"
    assert dates.moment(datetime(2026, 3, 13, 20, 10), now, SV) == "i går 20:10"
    assert dates.moment(datetime(2025, 11, 12, 5, 58), now, SV) == "12 nov 2025 05:58"
    assert dates.relative_day(date(2026, 1, 2), now.date(), SV) == "2 jan"
    assert dates.weekday(now.date(), SV) == "lördag"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(20, "20 min"), (59.9, "59 min"), (60, "1 timme"), (200, "3 timmar"), (72 * 60, "3 dagar")],
)
def test_lengths_are_rounded_down(minutes, said):
    assert dates.duration(timedelta(minutes=minutes), SV) == said


# ------------------------------------------------------------------------ words that stand in the code

SPOKEN = {
    "label",
    "tooltip",
    "hint_text",
    "hint",
    "semantics_label",
    "title",
    "detail",
    "error",
    "helper",
    "words",
    "value",
}
SHOWN = {
    "Text",
    "text",
    "heading",
    "button",
    "small_button",
    "sign",
    "title_block",
    "empty",
    "note",
    "says",
    "banner",
}
KEY = re.compile(r"^[a-z0-9_]+(\.[a-z0-9_{}]*)+$")
SENTENCE = re.compile(r"[A-Za-zÅÄÖåäö]{2,} [a-zåäö]{2,}")


def literals(source):
    """(line, words) of every constant that a user would see, or that is a sentence."""
    tree = ast.parse(source)
    quiet = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) or _logs(node):
            quiet |= {id(inside) for inside in ast.walk(node)}
    shown = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            shown |= {id(word.value) for word in node.keywords if word.arg in SPOKEN}
            if getattr(node.func, "attr", getattr(node.func, "id", "")) in SHOWN:
                shown |= {id(argument) for argument in node.args}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)) or id(node) in quiet:
            continue
        words = node.value
        if KEY.match(words) or not re.search(r"[A-Za-zÅÄÖåäö]{2}", words):
            continue
        if (
            re.search("[åäöÅÄÖ]", words)
            or SENTENCE.search(words)
            or (id(node) in shown and words not in ROLE_NAMES)
        ):
            yield node.lineno, words


def _logs(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (
            getattr(node.func.value, "id", "") == "logger"
            or node.func.attr == "report"
            or node.func.attr == "execute"
        )
    ) or (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "report")


from views.theme import ROLES  # noqa: E402 - beside its only use

ROLE_NAMES = {
    *ROLES,
    "filled",
    "soft",
    "outlined",
    "danger",
    "quiet",
    "answer",
    "offline",
    "late",
    "done",
    "accent",
}


def test_the_finder_finds():
    assert list(literals('ft.Text("Given")')) == [(1, "Given")]
    assert list(literals('x(tooltip="Stäng")')) == [(1, "Stäng")]
    assert list(literals('y = "Ring chefen"')) == [(1, "Ring chefen")]
    assert not list(literals('t("sign.given"); """A docstring of words"""; look.text(t("a.b"), "small")'))


@pytest.mark.parametrize("path", sorted(VIEWS.rglob("*.py")), ids=lambda path: str(path.relative_to(VIEWS)))
def test_no_user_visible_words_in_code(path):
    found = list(literals(path.read_text()))
    assert not found, f"{path.name}: put these in assets/texts: {found}"


def test_every_key_in_the_code_has_a_text():
    known = messages("sv").keys()
    areas = {key.split(".")[0] for key in known}
    missing = []
    for path in VIEWS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                key = node.args[0].value
                if (
                    name in {"t", "texts", "n"}
                    and isinstance(key, str)
                    and key.split(".")[0] in areas
                    and key not in known
                ):
                    missing.append(f"{path.name}: {key}")
    assert not missing


def test_within_a_sentence_a_title_is_small_and_an_abbreviation_stays() -> None:
    t = Texts.load("sv")
    assert (t.within("title.assistant_nurse"), t.within("title.mas")) == ("undersköterska", "MAS")
