"""What several phones have sent, taken in together: to each what it would have heard alone."""

import asyncio
import logging
import random
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from care.facts import Ref
from care.sbar import SbarCalled
from endpoint import batches, sessions
from endpoint.arrival import Sent
from endpoint.chains import compared
from endpoint.intake import Intake
from endpoint.push import push
from endpoint.schema import chains, devices
from endpoint.verifying import Beside, Verifier
from tests.endpoint_phone import Phone, fresh_id
from tests.endpoint_town import Town, town
from tests.postgres import database_url, postgres, postgres_url
from tests.statements import AMINA, OTHER_UNIT, TESFAY, UNIT
from wire.envelope import Envelope
from wire.messages import Receipt

__all__ = ["database_url", "postgres", "postgres_url"]
Outcome = list[tuple[str, str | None]]


@pytest.fixture
def here(tmp_path: Path, database_url: str | None) -> Iterator[Town]:
    with town(tmp_path, database_url) as made:
        yield made


@pytest.fixture
def phones(here: Town) -> list[Phone]:
    return [here.phone(AMINA) for _ in range(3)]


def called(phone: Phone, sbar: str | None = None) -> Envelope:
    return phone.fact(SbarCalled(to="Karin", number="010"), Ref("sbar", sbar or fresh_id()), AMINA)


def sent(here: Town, phone: Phone, *facts: Envelope, left: int | None = None) -> Sent:
    token = phone.token()
    caller = here.database.read_now(lambda c: sessions.caller(c, token, datetime.now(UTC)))
    return Sent(caller, [phone.seal(one) for one in facts], left)


def group(here: Town, *some: Sent, verifier: Verifier | None = None) -> list[Receipt | Exception]:
    held, verifies = here.parts.keys, verifier or Verifier()

    async def together(sent: Sequence[Sent]) -> list[Receipt]:
        return await here.database.thread(
            lambda: push(here.database, held, sent, datetime.now(UTC), verifies)
        )

    async def all_at_once() -> list[Receipt | BaseException]:
        intake = Intake()
        return await asyncio.gather(*(intake.take(one, together) for one in some), return_exceptions=True)

    return [one for one in asyncio.run(all_at_once()) if isinstance(one, Receipt | Exception)]


def outcomes(said: list[Receipt | Exception]) -> list[Outcome]:
    assert all(isinstance(one, Receipt) for one in said), said
    return [[(of.status, of.reason) for of in one.results] for one in said if isinstance(one, Receipt)]


def test_each_phone_has_its_own_receipt_its_chain_and_what_waits(here: Town, phones: list[Phone]) -> None:
    facts = [[called(phone) for _ in range(n + 1)] for n, phone in enumerate(phones)]
    some = [
        sent(here, phone, *mine, left=n) for n, (phone, mine) in enumerate(zip(phones, facts, strict=True))
    ]
    said = group(here, *some)
    assert outcomes(said) == [[("accepted", None)] * (n + 1) for n in range(3)]
    for phone, mine, one in zip(phones, facts, said, strict=True):
        assert isinstance(one, Receipt)
        assert one.device == phone.known.device
        assert [of.id for of in one.results] == [of.fact().id for of in mine]
        assert one.chain
        assert (one.chain.seq, one.chain.hash) == (mine[-1].fact().seq, mine[-1].hash.hex())
    rows = here.read(lambda c: c.execute(select(devices.c.id, devices.c.unsent, devices.c.heard)).all())
    assert {row.id: row.unsent for row in rows} == {phone.known.device: n for n, phone in enumerate(phones)}
    assert all(row.heard for row in rows)
    here.contents()
    assert not here.stale()


def test_what_two_phones_say_of_one_thing_stands_together(here: Town, phones: list[Phone]) -> None:
    first, second, _ = phones
    sbar = fresh_id()
    mine, theirs = called(first, sbar), called(second, sbar)
    assert outcomes(group(here, sent(here, first, mine), sent(here, second, theirs))) == [
        [("accepted", None)],
        [("accepted", None)],
    ]
    document = here.document("sbar", sbar)
    assert document
    assert set(document.facts) == {mine.fact().id, theirs.fact().id}
    assert {mine.fact().id, theirs.fact().id} <= here.contents()[f"nurse:{UNIT}"]


def test_an_id_that_two_phones_use_is_the_firsts_and_the_other_is_shown_to_a_person(
    here: Town, phones: list[Phone]
) -> None:
    first, second, third = phones
    mine = called(first)
    theirs = second.signed(msgspec.structs.replace(called(second).fact(), id=mine.fact().id), AMINA)
    some = [sent(here, first, mine), sent(here, second, theirs), sent(here, third, called(third))]
    said = sorted(str(one) for one in outcomes(group(here, *some)))
    assert said == sorted(["[('accepted', None)]", "[('accepted', None)]", "[('quarantined', 'conflict')]"])
    assert not here.stale()


def test_a_fact_that_is_not_recorded_gives_what_another_phone_begins_no_home(here: Town) -> None:
    """It would be refused as of another unit, and nobody would send it again."""
    mine, theirs = here.phone(AMINA), here.phone(TESFAY, unit=OTHER_UNIT)
    earlier, sbar = called(mine), fresh_id()
    group(here, sent(here, mine, earlier))
    taken = mine.signed(msgspec.structs.replace(called(mine, sbar).fact(), id=earlier.fact().id), AMINA)
    good = theirs.fact(SbarCalled(to="Karin", number="010"), Ref("sbar", sbar), TESFAY, unit=OTHER_UNIT)
    assert outcomes(group(here, sent(here, mine, taken), sent(here, theirs, good))) == [
        [("quarantined", "conflict")],
        [("accepted", None)],
    ]


@pytest.mark.parametrize("beside", [False, True])
def test_what_is_not_signed_is_set_aside_alone(here: Town, phones: list[Phone], beside: bool) -> None:
    verifier = Beside() if beside else Verifier()
    first, second, third = phones
    forged = Envelope(bytes(64), called(second).data)
    many = [called(first) for _ in range(40)]
    some = sent(here, first, *many), sent(here, second, forged), sent(here, third, called(third))
    try:
        said = group(here, *some, verifier=verifier)
    finally:
        verifier.close()
    assert outcomes(said) == [[("accepted", None)] * 40, [("quarantined", "unsigned")], [("accepted", None)]]
    assert not here.stale()


def test_what_breaks_one_breaks_no_other(
    here: Town, phones: list[Phone], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = called(phones[1])
    real = batches.record

    def record(connection: Any, arrivals: Any, now: Any) -> Any:
        if any(one.fact.id == bad.fact().id for one in arrivals):
            raise ValueError("nobody foresaw this")
        return real(connection, arrivals, now)

    monkeypatch.setattr(batches, "record", record)
    good = [called(phone) for phone in phones]
    facts = [good[0]], [good[1], bad], [good[2]]
    some = [sent(here, phone, *mine) for phone, mine in zip(phones, facts, strict=True)]
    assert outcomes(group(here, *some)) == [
        [("accepted", None)],
        [("accepted", None), ("quarantined", "malformed")],
        [("accepted", None)],
    ]
    assert not here.stale()


def busy() -> Exception:
    found = sqlite3.OperationalError("database is locked")
    found.sqlite_errorcode = sqlite3.SQLITE_BUSY_SNAPSHOT
    return found


@pytest.mark.parametrize(
    ("error", "tried"),
    [
        (PoolTimeout(), 1),
        (OperationalError("", {}, psycopg.OperationalError("no connection")), 1),
        (OperationalError("", {}, busy()), 1),
        (OperationalError("", {}, psycopg.errors.DeadlockDetected("each waited for the other")), 4),
        (OperationalError("", {}, Exception("gone")), 4),
    ],
)
def test_a_database_that_does_not_answer_sets_nothing_aside(
    here: Town, phones: list[Phone], monkeypatch: pytest.MonkeyPatch, error: Exception, tried: int
) -> None:
    """Nor is it asked again for each phone where it is away, or busy: each would wait for it."""
    groups: list[int] = []

    def whole(connection: Any, some: Any, now: Any) -> Any:
        groups.append(len(some))
        raise error

    def told(*_: Any, **__: Any) -> Any:
        raise OperationalError("", {}, Exception("gone"))

    some = [sent(here, phone, called(phone)) for phone in phones]
    with monkeypatch.context() as patched:
        patched.setattr("endpoint.push.whole", whole)
        patched.setattr("endpoint.push.alone", told)
        said = group(here, *some)
    assert all(isinstance(one, OperationalError | PoolTimeout) for one in said)
    assert groups == ([3] if tried == 1 else [3, 1, 1, 1])
    assert outcomes(group(here, *some)) == [[("accepted", None)]] * 3


def test_of_the_chains_of_a_group_each_says_what_is_missing_and_what_stands_twice(
    here: Town, phones: list[Phone]
) -> None:
    first, second, third = phones
    called(first)  # never sent
    gap, whole = called(first), called(second)
    twice = called(third)
    again = third.signed(
        msgspec.structs.replace(called(third).fact(), seq=twice.fact().seq, prev=None), AMINA
    )
    some = sent(here, first, gap), sent(here, second, whole), sent(here, third, twice, again)
    said = group(here, *some)
    ends = [one.chain for one in said if isinstance(one, Receipt)]
    assert [one.twice for one in ends if one] == [0, 0, twice.fact().seq]
    found = here.read(lambda c: compared(c, [phone.known.device for phone in phones]))
    assert [found[phone.known.device].missing for phone in phones] == [1, 0, 0]


@pytest.mark.postgres
def test_groups_of_the_same_phones_at_once_never_wait_for_each_other_in_a_ring(
    postgres_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Phones that sent again since they heard nothing: the same batches, in groups of other orders, with good
    facts and such as are set aside."""
    with town(tmp_path, postgres_url) as here:
        phones = [here.phone(AMINA) for _ in range(6)]
        shared = [fresh_id() for _ in range(4)]
        dice = random.Random(3)
        rounds: list[list[Sent]] = []
        for _ in range(6):
            made = []
            for phone in phones:
                facts = [called(phone, dice.choice(shared)) for _ in range(3)]
                forged = Envelope(bytes(64), called(phone).data)
                made.append(sent(here, phone, *facts, forged, left=dice.randint(0, 9)))
            rounds.append(made)
        before = datetime(2026, 1, 1, tzinfo=UTC)
        here.database.write_now(lambda c: c.execute(devices.update().values(heard=before)))
        said: list[Receipt | Exception] = []

        def writer(seed: int) -> None:
            mine = random.Random(seed)
            for made in rounds:
                said.extend(group(here, *mine.sample(made, mine.randint(2, 6))))

        threads = [threading.Thread(target=writer, args=(n,)) for n in range(6)]
        with caplog.at_level(logging.ERROR, "rapp.endpoint"):
            for one in threads:
                one.start()
            for one in threads:
                one.join()
        assert not [one for one in said if not isinstance(one, Receipt)]
        assert "could not be recorded" not in caplog.text
        for made in rounds:
            group(here, *made)
        here.contents()
        assert not here.stale()
        rows = here.read(lambda c: c.execute(select(chains)).all())
        assert len(rows) == len(phones)
