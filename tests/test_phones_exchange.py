"""The endpoint adds a secret to a phone's keys when one has been used long enough; the phone takes it up."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from care.dose import DoseWithheld
from care.facts import Ref
from endpoint import slot_keys
from endpoint.slot_keys import SECRET, exchange_soon
from storage import Statement
from tests.phones import PIN, Phone, new_id, until
from tests.phones_town import Town, town
from tests.statements import AMINA, PERSON, TESFAY, UNIT

YEAR = timedelta(days=365)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as made:
        yield made


def chain(here: Town, phone: Phone, staff: str = "", later: timedelta = timedelta()) -> bytes:
    assert phone.store.device
    device, now = phone.store.device.id, here.now() + later
    return here.database.write_now(lambda c: slot_keys.chain(c, here.parts.keys, device, staff, now, YEAR))


def under(folder: Path) -> set[int]:
    """Which versions of the key the facts on the phone say."""
    with closing(sqlite3.connect(folder / "phone-0" / "rapp.db")) as rows:
        return {payload[1] for (payload,) in rows.execute("SELECT payload FROM facts")}


def withheld(here: Town) -> Statement:
    at = here.now()
    body = DoseWithheld(order=new_id(), planned=at, performed=at, reason="asleep", order_fact=new_id())
    return Statement(body, Ref("dose", new_id()), UNIT, PERSON)


async def test_a_secret_is_added_after_a_year_and_never_taken_away(here: Town) -> None:
    phone = await here.phone()
    first = chain(here, phone)
    assert len(first) == SECRET
    assert chain(here, phone, later=YEAR - timedelta(hours=1)) == first
    second = chain(here, phone, later=YEAR + timedelta(hours=1))
    assert second[:SECRET] == first
    assert len(second) == 2 * SECRET
    assert second[SECRET:] != first
    assert chain(here, phone, later=2 * YEAR) == second
    assert chain(here, phone, AMINA) != first


async def test_a_key_of_before_there_were_dates_counts_from_the_first_look(here: Town) -> None:
    phone = await here.phone()
    first = chain(here, phone)
    here.database.write_now(lambda c: c.execute(slot_keys.slot_keys.update().values(made=None)))
    assert chain(here, phone, later=2 * YEAR) == first
    assert len(chain(here, phone, later=3 * YEAR + timedelta(hours=1))) == 2 * SECRET


async def test_on_command_everybody_on_the_phone_goes_over_to_new_keys(here: Town, tmp_path: Path) -> None:
    phone = await here.phone()
    tesfay = await here.sign_in(phone, TESFAY)
    tesfay.save_draft("sbar", b"begun")
    tesfay.lock()
    amina = await here.sign_in(phone, AMINA)
    mine = amina.save(withheld(here))[0]
    await until(lambda: phone.sync.state.phase == "sent" and amina.document("unit", UNIT))
    assert under(tmp_path) == {1}
    assert here.database.write_now(exchange_soon) == 3
    # The certificate is renewed ten days before its end.
    here.ahead = timedelta(days=21)
    phone.sync.stop()
    phone.sync.start()
    await until(lambda: under(tmp_path) == {2}, within=20)
    assert amina.document("dose", mine.aggregate.id)
    amina.lock()
    found = phone.store.unlock(TESFAY, PIN)
    assert found.document("dose", mine.aggregate.id)
    assert found.draft("sbar") == b"begun"
    assert not found.damage
    await until(lambda: not found.exchange())
    found.lock()
    assert phone.store.unlock(AMINA, PIN).document("dose", mine.aggregate.id)
