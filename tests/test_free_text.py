"""Free text: hints about names and numbers, and what *Annat* sounds like."""

import pytest

from care.free_text import names_in, personnummer_in
from care.proposing import STEMS, propose

STAFF = ["Lena Backlund", "Karin Ström", "Bo Li", "Ann-Marie Berg"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Lena glömde", ["Lena"]),
        ("Det var Lenas dag och Ströms beslut", ["Lenas", "Ströms"]),
        ("Ann-Marie ringde", ["Ann-Marie"]),
        ("Vid ett berg, i en ström", []),
        ("Bo och Li", []),
        ("Bror föll", []),
    ],
)
def test_a_colleagues_name_is_seen_and_a_word_like_it_is_not(text: str, found: list[str]) -> None:
    assert names_in(text, STAFF, "Bror Exempelsson") == found


def test_whom_the_report_is_about_may_be_named() -> None:
    assert names_in("Karin föll", STAFF, "Karin Larsson") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Gäller 19470701-2391.", ["19470701-2391"]),
        ("470701-2391 och 194707012391", ["470701-2391", "194707012391"]),
        ("19470761-2391", ["19470761-2391"]),
        ("Ring 070-1740605, order 20261399-1234", []),
        ("12 mg klockan 08.00", []),
    ],
)
def test_what_looks_like_a_personnummer_is_seen(text: str, found: list[str]) -> None:
    assert personnummer_in(text) == found


@pytest.mark.parametrize(
    ("text", "category", "words"),
    [
        ("Tabletten låg kvar i dosetten", "medicine", ("Tabletten", "dosetten")),
        ("Rullstolen hade inget batteri", "aid", ("Rullstolen", "batteri")),
        ("Morgonmedicinen låg i fel facket", "medicine", ("Morgonmedicinen",)),
        ("Hon ramlade vid sängkanten", "fall", ("ramlade",)),
        ("Duschen blev inte av, besöket var för kort", "missed_effort", ("Duschen", "besöket")),
    ],
)
def test_a_kind_is_proposed_with_the_words_that_speak_for_it(
    text: str, category: str, words: tuple[str, ...]
) -> None:
    found = propose(text)
    assert found is not None
    assert (found.category, found.words) == (category, words)


def test_nothing_is_proposed_where_nothing_speaks_for_it_or_two_kinds_do_alike() -> None:
    assert propose("Hissen stod still") is None
    assert propose("Tabletten och rullstolen") is None
    assert propose("") is None


def test_every_kind_but_annat_can_be_proposed() -> None:
    for category, stems in STEMS.items():
        found = propose(stems[0])
        assert found is not None
        assert found.category == category
