"""Figures of signing: how each dose ended, the share on time, how far from its time it was done."""

from datetime import timedelta

import pytest

from care.dose import DoseDocument, Signature
from care.overview import Cell, by_day, by_order, cells, figures
from care.schedule import Planned, planned
from tests.statements import AMINA, KARIN, NOON, ORDER, order

NOW = NOON + timedelta(days=7)
DOSES = planned(order(), NOON - timedelta(days=3), NOW)


def signed(dose: Planned, *minutes: int, outcome: str = "given", **more: object) -> DoseDocument:
    marks = []
    for number, late in enumerate(minutes):
        at = dose.at + timedelta(minutes=late)
        marks.append(Signature(f"f{number}", AMINA, "phone", at, at, outcome, **more))  # type: ignore[arg-type]
    return DoseDocument(id=dose.id, signatures=marks)


def marks(*found: DoseDocument, heard: object = None) -> list[str]:
    known = {one.id: one for one in found}
    return [cell.mark for cell in cells(DOSES, known, NOW, heard)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minutes", "mark"), [(0, "on_time"), (-60, "on_time"), (60, "on_time"), (61, "late"), (-61, "early")]
)
def test_a_dose_is_on_time_within_its_window(minutes: int, mark: str) -> None:
    assert marks(signed(DOSES[0], minutes))[0] == mark


def test_what_is_unsigned_is_missed_once_it_is_over_and_unknown_while_phones_are_silent() -> None:
    assert marks()[0] == "missed"
    assert set(marks(heard=DOSES[2].at)[2:]) == {"unknown"}
    assert [cell.mark for cell in cells(DOSES[-1:], {}, DOSES[-1].closes)] == ["open"]


def test_the_share_on_time_leaves_out_what_had_a_reason_and_what_is_not_known() -> None:
    found = cells(
        DOSES[:5],
        {
            one.id: one
            for one in (
                signed(DOSES[0], 5),
                signed(DOSES[1], 90),
                signed(DOSES[2], 0, outcome="withheld", reason="asleep"),
                signed(DOSES[3], -10, 20),
            )
        },
        NOW,
    )
    told = figures(found)
    assert dict(told.counts) == {"on_time": 1, "late": 1, "withheld": 1, "twice": 1, "missed": 1}
    assert (told.planned, told.due, told.share) == (5, 4, 25)
    assert (told.median, told.within) == (10, 90)


def test_a_signature_that_was_taken_back_counts_for_nothing() -> None:
    back = signed(DOSES[0], 0)
    back.signatures[0].withdrawn = "f9"
    assert marks(back)[0] == "missed"


def test_nothing_due_has_no_share() -> None:
    assert figures([]).share is None
    assert figures([Cell(DOSES[0], "withheld")]).share is None


def test_doses_are_told_by_order_and_by_day() -> None:
    found = cells(DOSES, {}, NOW)
    assert list(by_order(found)) == [ORDER]
    assert [len(of) for of in by_day(found).values()] == [1] * len(DOSES)


def test_what_was_entered_from_paper_is_by_whoever_did_it() -> None:
    own, entered = (
        Signature("f", AMINA, "", NOON, NOON, "given"),
        Signature("f", KARIN, "", NOON, NOON, "given", performer=AMINA),
    )
    assert own.by == entered.by == AMINA
