"""Pulling: each reader gets what they may read, gapless and signed, as soon as it is there."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from care.deviation import DeviationReported, ReportStatus
from care.facts import Ref, body_of
from care.published import Answered, FormDocument, FormPublished
from care.rights import Role
from care.sbar import SbarClosed, SbarRecorded
from care.staff import RoleInUnit
from endpoint import pages, standing
from endpoint.api import exchange
from endpoint.schema import streams
from tests.endpoint_phone import Phone, Refusal, fresh_id
from tests.endpoint_town import MANAGER, Town, town
from tests.postgres import database_url, postgres, postgres_url
from tests.statements import AMINA, KARIN, NOON, OTHER_UNIT, PERSON, TESFAY, UNIT
from wire.cursor import Cursor
from wire.envelope import Envelope
from wire.messages import Pulled, Signed, Whole, opened
from wire.signature import Context

__all__ = ["database_url", "postgres", "postgres_url"]
FORM = "0192dddd-0000-7000-8000-00000000000f"
ANSWERS = Answered("form", "1", msgspec.Raw(b"{}"))


@pytest.fixture
def here(tmp_path: Path, database_url: str | None) -> Iterator[Town]:
    with town(tmp_path, database_url) as made:
        yield made


def recorded(phone: Phone, author: str = AMINA, **given: Any) -> Envelope:
    return phone.fact(SbarRecorded(answers=ANSWERS), Ref("sbar", fresh_id()), author, person=PERSON, **given)


def ids(held: dict[str, list[Envelope]]) -> set[str]:
    return {one.fact().id for envelopes in held.values() for one in envelopes}


def test_a_first_pull_brings_the_whole_of_every_stream_granted(here: Town) -> None:
    phone = here.phone(KARIN)
    held = phone.pull_all(KARIN)
    assert phone.streams == (f"nurse:{UNIT}", f"staff:{KARIN}", f"unit:{UNIT}")
    assert {name: {one.fact().id for one in held.get(name, [])} for name in held} == {
        name: facts for name, facts in here.contents().items() if name in phone.streams
    }


def test_a_pull_goes_on_where_the_last_one_ended(here: Town) -> None:
    carer, nurse = here.phone(AMINA), here.phone(KARIN)
    nurse.pull_all(KARIN)
    fact = recorded(carer)
    carer.push(fact)
    [page] = nurse.pull(KARIN)
    assert (page.stream, len(page.facts)) == (f"nurse:{UNIT}", 1)
    assert bytes(page.facts[0].envelope) == bytes(fact)
    assert nurse.pull(KARIN) == []


def test_what_is_not_granted_never_comes_even_when_asked_for(here: Town) -> None:
    carer, stranger = here.phone(AMINA), here.phone(TESFAY, unit=OTHER_UNIT)
    deviation = carer.fact(
        DeviationReported(category="fall", answers=ANSWERS), Ref("deviation", fresh_id()), AMINA
    )
    carer.push(recorded(carer), deviation)
    for phone, staff in ((stranger, TESFAY), (carer, AMINA)):
        for name in here.contents():
            phone.cursors.setdefault(name, Cursor("0", 0))
        phone.cursors = {name: at for name, at in phone.cursors.items() if name not in phone.streams}
        pulled = phone.get(
            "/v1/pull?" + "&".join(f"cursor={name}@0.0" for name in here.contents()),
            Pulled,
            phone.token(staff),
        )
        assert all(_stream_of(one.data) in pulled.streams for one in pulled.pages)
        assert f"chief:{UNIT}" not in pulled.streams
    assert deviation.fact().id not in ids(carer.pull_all(AMINA))


def test_one_aggregate_is_fetched_whole_with_its_places(here: Town) -> None:
    carer, nurse = here.phone(AMINA), here.phone(KARIN)
    nurse.pull_all(KARIN)
    first = recorded(carer)
    of = first.fact().aggregate
    carer.push(first, recorded(carer))
    second = nurse.fact(SbarClosed(), of, KARIN, rank=2, person=PERSON)
    nurse.push(second)
    path = f"/v1/aggregate/{of.kind}/{of.id}"
    signed = nurse.get(path, Signed, nurse.token(KARIN))
    whole = opened(signed, nurse.known.sign_public, Context.WHOLE, Whole)
    assert (whole.kind, whole.id, whole.stream) == (of.kind, of.id, f"nurse:{UNIT}")
    assert [bytes(one.envelope) for one in whole.facts] == [bytes(first), bytes(second)]
    [*pages] = nurse.pull(KARIN)
    places = {bytes(one.envelope): one.position for page in pages for one in page.facts}
    assert [one.position for one in whole.facts] == [places[bytes(first)], places[bytes(second)]]
    with pytest.raises(Refusal) as error:
        nurse.get(f"{path}?stream=chief:{UNIT}", Signed, nurse.token(KARIN))
    assert (error.value.status, error.value.problem.code) == (404, "no_such_stream")
    with pytest.raises(Refusal) as error:
        nurse.get(path, Signed, nurse.token())
    assert error.value.problem.code == "staff_needed"


def _stream_of(page: bytes) -> str:
    found: str = msgspec.json.decode(page)["stream"]
    return found


def test_the_reporter_is_told_the_steps_and_nothing_else_of_the_case(here: Town) -> None:
    carer, chief = here.phone(AMINA), here.phone(MANAGER)
    deviation = fresh_id()
    carer.push(
        carer.fact(DeviationReported(category="fall", answers=ANSWERS), Ref("deviation", deviation), AMINA)
    )
    chief.push(chief.fact(ReportStatus(reporter=AMINA, step="received"), Ref("report", deviation), MANAGER))
    kinds = {one.fact().aggregate for one in carer.pull_all(AMINA)[f"staff:{AMINA}"]}
    assert kinds == {Ref("report", deviation)}
    assert Ref("deviation", deviation) in {
        one.fact().aggregate for one in chief.pull_all(MANAGER)[f"chief:{UNIT}"]
    }


def test_a_device_alone_pulls_nothing(here: Town) -> None:
    phone = here.phone()
    with pytest.raises(Refusal) as error:
        phone.get("/v1/pull", Pulled, phone.token())
    assert (error.value.status, error.value.problem.code) == (403, "staff_needed")
    with pytest.raises(Refusal) as error:
        phone.get("/v1/pull", Pulled, "guessed")
    assert (error.value.status, error.value.problem.code) == (401, "no_session")


def test_an_order_moved_to_another_unit_comes_there_whole(here: Town) -> None:
    carer, there = here.phone(AMINA), here.phone(TESFAY, unit=OTHER_UNIT)
    there.pull_all(TESFAY)
    here.employ(
        AMINA, RoleInUnit(Role.CARER, UNIT, NOON.date()), RoleInUnit(Role.CARER, OTHER_UNIT, NOON.date())
    )
    [page] = there.pull(TESFAY)
    assert {one.fact().aggregate for one in map(_envelope, page.facts)} == {Ref("staff", AMINA)}
    assert len(page.facts) == 3, "set, certified on a phone, set anew"
    assert f"unit:{OTHER_UNIT}" in _granted(carer, AMINA)


def test_a_published_form_comes_to_the_phones_of_its_unit_with_all_its_versions(here: Town) -> None:
    carer, other = here.phone(AMINA), here.phone(TESFAY, unit=OTHER_UNIT)
    carer.pull_all(AMINA)
    other.pull_all(TESFAY)
    document = FormDocument(id="f")
    for version in ("1", "2"):
        raw = msgspec.Raw(b'{"resourceType":"Questionnaire","version":"%s"}' % version.encode())
        body = FormPublished(url="https://example.org/form", form_version=version, questionnaire=raw)
        here.state(body, Ref("form", FORM), UNIT)
        [page] = carer.pull(AMINA)
        [fact] = [_envelope(placed).fact() for placed in page.facts]
        said = body_of(fact)
        assert said is not None
        document.apply(fact, said)
    assert [one.version for one in document.versions] == ["1", "2"]
    assert document.current is not None
    assert document.current.questionnaire == bytes(raw)
    assert all(fact.aggregate.kind != "form" for fact in _facts(other.pull_all(TESFAY)))


def _facts(held: dict[str, list[Envelope]]) -> list[Any]:
    return [one.fact() for envelopes in held.values() for one in envelopes]


def _envelope(placed: Any) -> Envelope:
    from wire.envelope import envelope

    return envelope(placed.envelope)


def _granted(phone: Phone, staff: str) -> tuple[str, ...]:
    phone.pull_all(staff)
    return phone.streams


def test_a_role_that_ends_takes_its_streams_out_of_the_answer(here: Town) -> None:
    phone = here.phone(KARIN)
    assert f"nurse:{UNIT}" in _granted(phone, KARIN)
    yesterday = datetime.now(UTC).date() - timedelta(days=2)
    here.employ(
        KARIN,
        RoleInUnit(Role.NURSE, UNIT, NOON.date() - timedelta(days=99), yesterday),
        RoleInUnit(Role.CARER, UNIT, yesterday),
    )
    assert _granted(phone, KARIN) == (f"staff:{KARIN}", f"unit:{UNIT}")


def test_large_streams_come_in_pages_that_follow_on_each_other(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "FACTS_MOST", 7)
    carer, nurse = here.phone(AMINA), here.phone(KARIN)
    pushed = [recorded(carer) for _ in range(20)]
    carer.push(*pushed)
    assert {one.fact().id for one in pushed} <= ids(nurse.pull_all(KARIN))


def test_an_answer_is_bounded_in_bytes_but_one_fact_always_goes(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "BYTES_MOST", 10)
    phone = here.phone(AMINA)
    assert [len(page.facts) for page in phone.pull(AMINA)] == [1]
    assert phone.pull_all(AMINA)


def test_a_rebuilt_stream_is_read_from_its_beginning(here: Town) -> None:
    phone = here.phone(AMINA)
    before = len(phone.pull_all(AMINA)[f"unit:{UNIT}"])
    here.database.write_now(lambda c: c.execute(update(streams).values(epoch="anew")))
    pulled = phone.get(
        f"/v1/pull?cursor=unit:{UNIT}@{phone.cursors[f'unit:{UNIT}']}", Pulled, phone.token(AMINA)
    )
    page = msgspec.json.decode(pulled.pages[0].data)
    assert (page["epoch"], page["after"], page["upto"]) == ("anew", 0, before)


def test_a_reader_with_more_than_the_endpoint_is_told_which_stream(here: Town) -> None:
    phone = here.phone(AMINA)
    phone.pull_all(AMINA)
    epoch = phone.cursors[f"unit:{UNIT}"].epoch
    with pytest.raises(Refusal) as error:
        phone.get(f"/v1/pull?cursor=unit:{UNIT}@{epoch}.999", Pulled, phone.token(AMINA))
    problem = error.value.problem
    assert (error.value.status, problem.code, problem.field) == (410, "cursor_ahead", f"unit:{UNIT}")


@pytest.mark.parametrize(
    "query", ["cursor=x", "cursor=@1.1", "cursor=unit:1@1", "wait=soon", "wait=-1", "wait=nan"]
)
def test_a_query_without_its_form_is_refused(here: Town, query: str) -> None:
    phone = here.phone(AMINA)
    with pytest.raises(Refusal) as error:
        phone.get(f"/v1/pull?{query}", Pulled, phone.token(AMINA))
    assert error.value.status == 400


def test_a_waiting_pull_is_woken_by_what_is_pushed(here: Town) -> None:
    carer, nurse = here.phone(AMINA), here.phone(KARIN)
    nurse.pull_all(KARIN)
    nurse.token(KARIN)
    took = _while_waiting(nurse, KARIN, lambda: carer.push(recorded(carer)))
    assert took < 0.5


def test_a_waiting_pull_is_woken_by_a_new_role(here: Town) -> None:
    phone = here.phone(AMINA)
    phone.pull_all(AMINA)
    roles = RoleInUnit(Role.CARER, UNIT, NOON.date()), RoleInUnit(Role.CARER, OTHER_UNIT, NOON.date())
    assert _while_waiting(phone, AMINA, lambda: here.employ(AMINA, *roles)) < 0.5
    assert f"unit:{OTHER_UNIT}" in phone.streams


def test_a_waiting_pull_looks_at_the_phones_standing_when_that_was_woken_and_not_for_every_fact(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = here.phone(AMINA)
    phone.pull_all(AMINA)
    looked, real = [], standing.standing
    settled: list[int] = []

    def looking(*given: Any, **more: Any) -> Any:
        looked.append(given)
        return real(*given, **more)

    monkeypatch.setattr(standing, "standing", looking)

    def decide() -> None:
        # What enrolment woke may still be on its way through the database.
        while (before := len(looked)) != (time.sleep(0.3), len(looked))[1]:
            pass
        settled.append(before)
        for _ in range(3):
            here.database.wake.up([f"unit:{UNIT}"])
            time.sleep(0.1)
        assert len(looked) == before >= 1
        device, now = phone.known.device, here.parts.now()
        here.database.wake.up(here.database.write_now(lambda c: standing.renew_key(c, device, MANAGER, now)))

    assert _while_waiting(phone, AMINA, decide) < 0.5
    assert len(looked) == settled[0] + 1


def test_a_pull_with_nothing_to_bring_ends_when_it_has_waited(here: Town) -> None:
    phone = here.phone(AMINA)
    phone.pull_all(AMINA)
    began = time.monotonic()
    assert phone.pull(AMINA, wait=0.4) == []
    assert 0.35 < time.monotonic() - began < 2


def test_a_pull_that_nothing_wakes_asks_the_database_once_and_says_what_time_it_is_then(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    carer, nurse = here.phone(AMINA), here.phone(KARIN)
    nurse.pull_all(KARIN)
    asked: list[datetime] = []
    real = exchange._found

    def found(*given: Any) -> Any:
        asked.append(given[5])
        return real(*given)

    monkeypatch.setattr(exchange, "_found", found)
    query = "&".join(f"cursor={name}@{at}" for name, at in nurse.cursors.items())
    answer = nurse.get(f"/v1/pull?wait=0.4&{query}", Pulled, nurse.token(KARIN))
    assert (answer.pages, len(asked)) == ((), 1)
    assert answer.now - asked[0] >= timedelta(seconds=0.35)
    asked.clear()
    _while_waiting(nurse, KARIN, lambda: carer.push(recorded(carer)))
    assert len(asked) == 2


def test_the_mas_of_a_vardgivare_of_five_hundred_units_names_them_all(here: Town) -> None:
    phone = here.phone(KARIN)
    asked = [("cursor", f"mas:{fresh_id()}@0a1b2c3d.17") for _ in range(501)]
    assert phone.get("/v1/pull", Pulled, phone.token(KARIN), params=asked[:500]).streams
    with pytest.raises(Refusal) as error:
        phone.get("/v1/pull", Pulled, phone.token(KARIN), params=asked)
    assert (error.value.status, error.value.problem.code) == (400, "bad_cursor")


def _while_waiting(phone: Phone, staff: str, act: Any) -> float:
    """Seconds from the end of the act to the answer of a pull that was waiting when it began."""
    answered: list[float] = []

    def wait() -> None:
        phone.pull(staff, wait=20)
        answered.append(time.monotonic())

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.3)
    assert not answered
    act()
    acted = time.monotonic()
    waiting.join(15)
    assert answered, "the pull was never woken"
    return answered[0] - acted
