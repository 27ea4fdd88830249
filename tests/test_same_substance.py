"""The same substance in another order: a warning with what was given when, and never a block."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from care.documents import fold
from care.dose import DoseDocument, DoseGiven
from care.facts import Ref
from care.order import AsNeeded, OrderDocument, OrderPlaced, Plan
from care.order_check import faults
from care.order_filled import fields_of
from care.order_form import plan_of
from care.prn import PrnDocument, PrnGiven
from care.same_substance import same
from tests.statements import NOON, ORDER, fact, new_id, order, plan
from tests.test_give_needed import at, delegated, given
from tests.ward import AMINA, KARIN, LENA, START, VERA, Ward
from views.places import AsNeededList, GiveAsNeeded

PARACETAMOL = "N02BE01"
PANODIL = new_id()
LIMIT = AsNeeded("smärta", 4, 3000, "mg", 1000)


def alvedon(limit: AsNeeded = LIMIT, substance: str = PARACETAMOL) -> OrderDocument:
    made = plan(slots=(), as_needed=limit, what="Alvedon", substance=substance)
    return order((made, NOON - timedelta(days=60)))


def other(substance: str = PARACETAMOL, limit: AsNeeded | None = LIMIT) -> OrderDocument:
    made = plan(what="Panodil", amount="2 tabletter", substance=substance, as_needed=limit)
    found = order((made, NOON - timedelta(days=60)))
    found.id = PANODIL
    return found


def gave(hours: float, of: str = PANODIL, quantity: float = 1000, unit: str = "mg") -> PrnDocument:
    ref, when = Ref("prn", new_id()), NOON - timedelta(hours=hours)
    body = PrnGiven(
        order=of, performed=when, amount="2 tabletter", quantity=quantity, unit=unit, order_fact="f"
    )
    found = fold("prn", ref.id, [fact(body, ref, at=when)])
    assert isinstance(found, PrnDocument)
    return found


def test_too_soon_after_the_other_is_said_with_what_was_given_when() -> None:
    found = same(alvedon(), [alvedon(), other()], [gave(2)], [], NOON)
    assert found is not None
    assert [(one.what, one.amount, one.at) for one in found.others] == [
        ("Panodil", "2 tabletter", NOON - timedelta(hours=2))
    ]
    assert (found.warns, found.total) == (("interval",), 1000)


def test_together_more_than_the_most_is_said_with_the_sum() -> None:
    known = [gave(20), gave(9), gave(5), gave(14, ORDER)]
    found = same(alvedon(), [alvedon(), other()], known, [], NOON)
    assert found is not None
    assert (found.warns, found.total) == (("most",), 4000)


def test_what_is_known_and_harmless_is_told_and_warned_of_in_nothing() -> None:
    found = same(alvedon(), [other()], [gave(9)], [], NOON)
    assert found is not None
    assert (len(found.others), found.warns) == (1, ())


def test_another_unit_is_never_added_up() -> None:
    found = same(alvedon(), [other(limit=AsNeeded("x", 4, 8, "tabletter", 2))], [gave(9, quantity=2, unit="tabletter")], [], NOON)  # fmt: skip  # noqa: E501
    assert found is not None
    assert (found.warns, found.total) == (("not_summed",), None)


def test_a_planned_dose_of_the_same_substance_counts_too() -> None:
    ref, when = Ref("dose", new_id()), NOON - timedelta(hours=3)
    body = DoseGiven(order=PANODIL, planned=when, performed=when, amount="1 tablett", order_fact="f")
    dose = fold("dose", ref.id, [fact(body, ref, at=when)])
    assert isinstance(dose, DoseDocument)
    found = same(alvedon(), [other(limit=None)], [], [dose], NOON)
    assert found is not None
    assert [one.amount for one in found.others] == ["1 tablett"]
    assert found.warns == ("interval", "not_summed")


@pytest.mark.parametrize(
    ("mine", "theirs", "hours"),
    [("", PARACETAMOL, 2), (PARACETAMOL, "", 2), (PARACETAMOL, "N02BA01", 2), (PARACETAMOL, PARACETAMOL, 24)],
)
def test_another_substance_none_or_a_day_ago_is_nothing(mine: str, theirs: str, hours: float) -> None:
    assert same(alvedon(substance=mine), [other(theirs)], [gave(hours)], [], NOON) is None


def test_an_order_of_before_the_field_is_read_and_has_no_substance() -> None:
    old = b'{"what": "Alvedon", "form": "tablet", "amount": "2 tabletter", "start": "2026-01-01"}'
    assert msgspec.json.decode(old, type=Plan).substance == ""


@pytest.mark.parametrize(("typed", "plans"), [("n02be01 ", PARACETAMOL), ("N02 BE01", PARACETAMOL), ("", "")])
def test_the_code_is_read_as_it_is_typed(typed: str, plans: str) -> None:
    fields = fields_of(plan(substance=""), "var dag 08")
    made, wrong = plan_of(replace(fields, substance=typed))
    assert wrong == {}
    assert made is not None
    assert made.substance == plans
    assert fields_of(made, "var dag 08").substance == plans


@pytest.mark.parametrize("code", ["N02BE", "paracetamol", "N02BE1", "N02BE011"])
def test_what_is_no_code_of_a_substance_is_said_at_its_field(code: str) -> None:
    assert [(one.field, one.why) for one in faults(plan(substance=code))] == [("substance", "atc")]


# ------------------------------------------------------------------- on the phone


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    made = Ward(tmp_path)
    for id, what in ((ORDER, "Alvedon"), (PANODIL, "Panodil")):
        one = Plan(
            what=what,
            form="tablet",
            amount="2 tabletter",
            start=date(2026, 1, 1),
            requires="medicine_as_needed",
            substance=PARACETAMOL,
            as_needed=AsNeeded("Smärta", 4, 3000, "mg", 1000),
        )
        made.say(OrderPlaced(plan=one, effective=START), Ref("order", id), VERA, KARIN)
    yield made
    for shift in made.shifts:
        shift.phone.store.close()


def panodil(ward: Ward, when: datetime) -> None:
    body = PrnGiven(
        order=PANODIL, performed=when, amount="2 tabletter", quantity=1000, unit="mg", order_fact="f"
    )
    ward.say(body, Ref("prn", new_id()), VERA, LENA)


async def test_the_phone_says_what_was_given_and_how_old_that_is_and_does_not_block(ward: Ward) -> None:
    delegated(ward, AMINA)
    for hours in (2, 10, 15):
        panodil(ward, START - timedelta(hours=hours))
    amina = ward.phone("a", AMINA)
    async with at(amina, AsNeededList()) as screen:
        assert screen.has("Samma läkemedel har getts")
    async with at(amina, GiveAsNeeded(ORDER)) as screen:
        assert screen.has("Samma läkemedel har getts")
        assert screen.has("Panodil, 2 tabletter, 04:52.")
        assert screen.has("Det ska vara minst 4 timmar mellan.")
        assert screen.has("Med den här blir det 4000 mg på ett dygn. Högst är 3000 mg.")
        assert screen.has("Telefonen vet vad andra gett till 06:52")
        await screen.click("given")
        await screen.settle(0.1)
    assert {one.order for one in given(amina)} == {ORDER, PANODIL}


async def test_without_anything_of_it_nothing_is_said(ward: Ward) -> None:
    delegated(ward, AMINA)
    panodil(ward, START - timedelta(hours=25))
    amina = ward.phone("a", AMINA)
    async with at(amina, GiveAsNeeded(ORDER)) as screen:
        assert not screen.has("Samma läkemedel")
