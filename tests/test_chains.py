"""A phone's chain as the endpoint compares it: gaps, numbers used twice, and files that were put back."""

import asyncio
import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from care.dose import DoseWithheld
from care.facts import Ref
from endpoint import chains
from endpoint.chains import Compared, Link, Stretch, compare, join
from endpoint.migrate import migrate
from endpoint.schema import facts, quarantine
from storage import Statement, Unlocked
from storage.chain import BREAK
from tests.phones import PIN, Phone, new_id, now, until
from tests.phones_town import Town, town
from tests.statements import AMINA, PERSON, UNIT


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as made:
        yield made


# What facts say together.


def run(first: int, last: int, after: str | None = None, branch: str = "a") -> list[Link]:
    """Facts of which each names the one before."""
    made = []
    for number in range(first, last + 1):
        made.append(Link(number, f"{number}{branch}", after))
        after = f"{number}{branch}"
    return made


WHOLE = run(1, 20)
CASES: list[tuple[list[Link], Compared]] = [
    (WHOLE, Compared(20, "20a")),
    ([one for one in WHOLE if one.seq not in (7, 8, 15)], Compared(20, "20a", missing=3)),
    (WHOLE[3:], Compared(20, "20a", missing=3)),
    # Put back at 10, then five others.
    ([*WHOLE, *run(11, 15, "10a", "b")], Compared(20, "20a", twice=(11, 15))),
    # Put back at 10, then more than there was.
    ([*WHOLE, *run(11, 30, "10a", "b")], Compared(30, "30b", twice=(11, 20))),
    # Put back twice to the same place.
    ([*WHOLE, *run(11, 12, "10a", "b"), *run(11, 14, "10a", "c")], Compared(20, "20a", twice=(11, 14))),
    # The other number 10 has not arrived, but 11 names it.
    ([*WHOLE[:10], *run(11, 15, "10b", "b")], Compared(15, "15b", twice=(10, 10))),
    # The phone did not know how its chain ended.
    ([*WHOLE, *run(BREAK + 21, BREAK + 25)], Compared(BREAK + 25, f"{BREAK + 25}a", anew=1)),
    # And the first of what followed is not here yet: one is missing, not a million.
    ([*WHOLE, *run(BREAK + 22, BREAK + 25, "x")], Compared(BREAK + 25, f"{BREAK + 25}a", missing=1)),
]


@pytest.mark.parametrize(("links", "expected"), CASES)
def test_the_order_of_arrival_changes_nothing(links: Sequence[Link], expected: Compared) -> None:
    source = random.Random(7)
    for _ in range(200):
        mixed = source.sample(links, len(links))
        stretches: list[Stretch] = []
        while mixed:
            batch, mixed = mixed[:3], mixed[3:]
            stretches = join(stretches, batch)
        assert compare(stretches) == expected


def test_a_gap_that_fills_clears_itself_and_a_whole_chain_is_one_stretch() -> None:
    stretches = join([], [one for one in WHOLE if one.seq != 9])
    assert compare(stretches).missing == 1
    stretches = join(stretches, [WHOLE[8]])
    assert compare(stretches) == Compared(20, "20a")
    assert stretches == [Stretch(1, 20, None, "20a")]


def test_a_phone_that_leaves_gaps_everywhere_fills_no_database() -> None:
    stretches = join([], [Link(number, f"{number}a", "x") for number in range(2, 3000, 2)])
    assert len(stretches) == chains.MOST
    assert compare(stretches).seq == 2998


# Phones and the endpoint.


def id_of(phone: Phone) -> str:
    assert phone.store.device
    return phone.store.device.id


def chain_of(here: Town, phone: Phone) -> Compared:
    device = id_of(phone)
    return here.database.read_now(lambda c: chains.compared(c, [device])).get(device, Compared())


async def sent(phone: Phone) -> None:
    await until(lambda: not phone.store.counts().waiting and phone.sync.state.phase in ("sent", "action"))


def dose() -> Statement:
    at = now()
    body = DoseWithheld(order=new_id(), planned=at, performed=at, reason="asleep", order_fact=new_id())
    return Statement(body, Ref("dose", new_id()), UNIT, PERSON)


def saved(unlocked: Unlocked, count: int = 1) -> set[str]:
    return {fact.id for fact in unlocked.save(*(dose() for _ in range(count)))}


def held(unlocked: Unlocked) -> set[str]:
    return {fact for one in unlocked.documents("dose") for fact in one.facts}


async def test_what_a_phone_sends_is_one_stretch(here: Town) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    saved(amina, 2)
    await sent(phone)
    saved(amina)
    await sent(phone)
    compared = chain_of(here, phone)
    assert compared.seq >= 3
    assert replace(compared, seq=0, hash="") == Compared()
    assert phone.store.mishap is None


def copied(phone: Phone, to: Path) -> None:
    """A copy of the file, as a backup of the phone would hold it."""
    to.mkdir()
    with phone.store._database.reading() as rows:
        rows.execute(f"VACUUM INTO '{to / 'rapp.db'}'")


async def put_back(here: Town, phone: Phone, copy: Path) -> Phone:
    """The phone's file is what it was when it was copied; the app begins."""
    folder = phone.store.folder
    phone.close()
    here.phones.remove(phone)
    for left in folder.glob("rapp.db*"):
        left.unlink()
    shutil.copy(copy / "rapp.db", folder / "rapp.db")
    return here.start(folder.name)


async def test_a_file_that_was_put_back_is_seen_at_the_next_contact(here: Town, tmp_path: Path) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    before = saved(amina)
    await sent(phone)
    copied(phone, tmp_path / "copy")
    after = saved(amina, 2)
    await sent(phone)
    ended = chain_of(here, phone).seq
    phone = await put_back(here, phone, tmp_path / "copy")
    # Nobody has the phone open, and nothing waits: it is seen all the same.
    await until(lambda: phone.store.mishap)
    assert phone.store.mishap
    assert phone.store.mishap.what == "restored"
    assert (phone.sync.state.phase, phone.sync.state.reason) == ("action", "delivery.restored")
    # Nothing was used twice: it was seen before anything was saved.
    assert chain_of(here, phone).twice is None
    amina = phone.store.unlock(AMINA, PIN)
    # What the phone lost comes back from the endpoint.
    await until(lambda: before | after <= held(amina))
    [fact] = amina.save(dose())
    assert (fact.seq > ended + BREAK, fact.prev) == (True, None)
    await sent(phone)
    compared = chain_of(here, phone)
    assert (compared.twice, compared.missing, compared.anew) == (None, 0, 1)
    await until(lambda: here.row(id_of(phone)).error == "delivery.restored")
    phone.store.seen()
    assert phone.sync.state.phase == "sent"


@pytest.mark.parametrize("more", [1, 2, 4])
async def test_what_was_saved_on_a_file_that_was_put_back_forks_and_is_not_lost(
    here: Town, tmp_path: Path, more: int
) -> None:
    """As many as were lost, fewer and more: each is found by itself."""
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    before = saved(amina)
    await sent(phone)
    copied(phone, tmp_path / "copy")
    forked = chain_of(here, phone).seq + 1
    after = saved(amina, 2)
    await sent(phone)
    ended = chain_of(here, phone).seq
    here.line.away = True
    phone = await put_back(here, phone, tmp_path / "copy")
    amina = phone.store.unlock(AMINA, PIN)
    facts = saved(amina, more)
    here.line.away = False
    phone.sync.wake()
    await until(lambda: phone.store.mishap)
    await sent(phone)
    assert facts <= here.held()
    await until(lambda: before | after | facts <= held(amina))
    compared = chain_of(here, phone)
    assert compared.twice
    assert compared.twice[0] == forked
    assert compared.twice[1] <= ended
    # Once is enough: what follows is beyond both ends.
    phone.store.seen()
    saved(amina)
    await sent(phone)
    asked = here.line.asked.count("/v1/device")

    def has_asked_again() -> bool:
        phone.sync._delivery._standing._asked = None  # type: ignore[union-attr]
        phone.sync.wake()
        return here.line.asked.count("/v1/device") > asked

    await until(has_asked_again)
    await sent(phone)
    assert phone.store.mishap is None
    assert chain_of(here, phone).anew == 1


@pytest.mark.parametrize("reads", [True, False])
async def test_a_fork_that_shows_behind_the_phones_back_is_seen_at_its_next_contact(
    here: Town, tmp_path: Path, reads: bool
) -> None:
    """A request of before the file was put back arrives after the phone has asked how it stands."""
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    saved(amina)
    await sent(phone)
    copied(phone, tmp_path / "copy")
    inner = here.line._inner.handle_async_request
    late: list[httpx.Request] = []

    async def keeping(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/push":
            await request.aread()
            late.append(request)
            raise httpx.ReadError("it went on without us", request=request)
        return await inner(request)

    here.line._inner.handle_async_request = keeping  # type: ignore[method-assign]
    lost = saved(amina)
    await until(lambda: late)
    phone = await put_back(here, phone, tmp_path / "copy")
    here.line._inner.handle_async_request = inner  # type: ignore[method-assign]
    amina = phone.store.unlock(AMINA, PIN)
    saved(amina)
    await sent(phone)
    await until(lambda: here.line.asked.count("/v1/device") >= 2 and not phone.sync._sessions.news)
    assert phone.store.mishap is None
    if not reads:
        amina.lock()
        await until(lambda: phone.sync._delivery._nobody_reads())
        await asyncio.sleep(0.3)
    await inner(late[0])
    assert chain_of(here, phone).twice
    if not reads:
        assert phone.store.mishap is None
        phone.store.report(dose().body, dose().aggregate, UNIT, PERSON)
    # Not after five minutes.
    await until(lambda: phone.store.mishap, within=10)
    assert lost <= here.held()


async def test_a_fact_that_is_set_aside_leaves_no_gap_and_counts_once(here: Town) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    there = replace(dose(), unit="0192aaaa-0000-7000-8000-0000000000ff")
    amina.save(there)
    saved(amina)
    await until(lambda: phone.store.counts().needs_action == 1)
    device = id_of(phone)
    assert replace(chain_of(here, phone), seq=0, hash="") == Compared()
    [aside] = phone.store.set_aside()
    for _ in range(2):
        phone.store.send_again(aside.id)
        await until(lambda: phone.store.counts().needs_action == 1)
    assert replace(chain_of(here, phone), seq=0, hash="") == Compared()
    rows = here.database.read_now(
        lambda c: c.execute(quarantine.select().where(quarantine.c.device == device)).all()
    )
    assert [row.fact for row in rows] == [aside.id]


async def test_a_number_that_was_left_out_is_missed(here: Town) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    phone.sync.stop()
    first = amina.save(dose(), dose(), dose())[0].id
    with phone.store._database.writing() as rows:
        rows.execute("DELETE FROM outbox WHERE id = ?", (first,))
        phone.store._file.outbox.load(rows)
    phone.sync.start()
    await sent(phone)
    assert chain_of(here, phone).missing == 1


async def test_what_was_held_before_chains_were_compared_is_taken_by_its_numbers(here: Town) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    first = amina.save(*(dose() for _ in range(5)))[0].id
    await sent(phone)
    number = 3

    def without_one(connection: sa.Connection) -> None:
        connection.execute(facts.delete().where(facts.c.device == id_of(phone), facts.c.seq == number))
        # Of what was erased nobody knows what it named.
        connection.execute(facts.update().where(facts.c.id == first).values(envelope=b""))
        connection.execute(sa.text("DROP TABLE chains"))
        connection.execute(sa.text("DROP INDEX quarantine_by_device"))
        connection.execute(sa.text("ALTER TABLE quarantine DROP COLUMN hash"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0015'"))

    ended = chain_of(here, phone)
    here.database.write_now(without_one)
    # No further: what later ones have made is there.
    migrate(here.database, "0016")
    assert chain_of(here, phone) == replace(ended, missing=1)
    saved(amina)
    await sent(phone)
    assert chain_of(here, phone).missing == 1
    assert chain_of(here, phone).seq == ended.seq + 1
