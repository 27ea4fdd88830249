"""What is opened of a care recipient on a phone becomes a fact of the log, whichever screen it is."""

import asyncio
from collections.abc import Iterator
from datetime import date, datetime
from types import SimpleNamespace

import pytest
from msgspec.structs import fields

from care.delegation import DelegationIssued
from care.documents import fold
from care.facts import Fact, Ref
from care.follow_up import FollowUpPlanned
from care.order import OrderPlaced, Plan, Slot
from care.prn import PrnGiven
from care.schedule import STOCKHOLM
from care.streams import streams_of
from care.viewing import VIEW, PersonViewed
from storage import Store
from sync.state import Connection, chip
from tests.statements import new_id
from tests.store_case import ENDPOINT_SEAL, UNIT, deliver, receipt
from tests.test_answering import HIT_HEAD, SHORT_OF_BREATH
from tests.ward import AMINA, BROR, INGEGERD, KARIN, PIN, START, Ward, as_needed, asks, fall, sbar
from views import places
from views.model import filling, reading
from views.model.shift import Shift
from views.model.viewed import NOBODY, SHOWS
from views.screens.register import SCREENS
from wire.envelope import envelope
from wire.messages import PushResult
from wire.seal import Opener

ITS = {"sbar": new_id(), "deviation": new_id(), "link_id": "a.respiration", "person": INGEGERD}


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    made = Ward(tmp_path_factory.mktemp("ward"))
    yield made
    for shift in made.shifts:
        shift.phone.store.close()


@pytest.fixture(scope="module")
def karin(ward: Ward) -> Shift:
    """Karin's phone, with something of every kind on it: a dose, an SBAR, a fall, a report of her own."""
    shift = ward.phone("k", KARIN)
    plan = Plan(what="Dospåse", form="pouch", amount="5", slots=(Slot("m", "07:00"),), start=date(2026, 1, 1))
    since = datetime(2026, 1, 1, tzinfo=STOCKHOLM)
    ward.say(OrderPlaced(plan=plan, effective=since), Ref("order", new_id()), INGEGERD)
    ITS["order"], ITS["prn"], ITS["delegation"] = new_id(), new_id(), new_id()
    issued = DelegationIssued(
        holder=KARIN, tasks=("x",), units=(UNIT,), persons=(INGEGERD,), start=since, end=START
    )
    ward.say(issued, Ref("delegation", ITS["delegation"]), author=KARIN)
    ward.say(as_needed(), Ref("order", ITS["order"]), INGEGERD)
    given = PrnGiven(
        order=ITS["order"], performed=START, amount="2", quantity=1000, unit="mg", order_fact="f"
    )
    ward.say(given, Ref("prn", ITS["prn"]), INGEGERD)
    ITS["task"] = new_id()
    day = START.date()
    watch = FollowUpPlanned(what="head_watch", first=day, last=day)
    ward.say(watch, Ref("task", ITS["task"]), INGEGERD)
    ITS["preparation"] = "Oxynorm 5 mg"
    ITS["what"] = "count"
    ITS.update(kind="prn", id=ITS["prn"], fact="f")
    for body, kind in ((sbar(SHORT_OF_BREATH), "sbar"), (fall(HIT_HEAD), "deviation")):
        shift.me.save(asks(INGEGERD, body, ITS[kind], kind))
    ward.deliver()
    asyncio.run(filling.begin(shift, "sbar", reading.person(shift, INGEGERD)))
    ITS["draft"] = next(iter(shift.fillings))
    ITS["dose"] = reading.day(shift).now[0].dose.id
    return shift


@pytest.fixture
def nurse(ward: Ward, karin: Shift) -> Shift:
    """The same, with the phone just taken up and nothing read lately."""
    if karin.unlocked is None:
        karin.opened(karin.phone.store.unlock(KARIN, PIN))
    ward.pass_(20)
    karin.home()
    karin.viewed.save(karin)
    deliver(karin.phone.store)
    return karin


def seen(store: Store) -> list[Fact]:
    """The readings that wait, opened as the endpoint opens them."""
    assert store.device
    opener = Opener(ENDPOINT_SEAL)
    facts = [envelope(opener.open(one, store.device.id)).fact() for one in store.waiting()]
    return [one for one in facts if one.aggregate.kind == VIEW]


def whom(store: Store) -> list[str | None]:
    return [one.person for one in seen(store)]


def test_every_place_says_whether_it_shows_somebody() -> None:
    known = {one for one in vars(places).values() if isinstance(one, type) and issubclass(one, places.Place)}
    assert (known | SCREENS.keys()) - {places.Place} == SHOWS.keys() | NOBODY
    assert not SHOWS.keys() & NOBODY


def test_every_place_that_carries_a_person_is_logged(ward: Ward, nurse: Shift) -> None:
    nurse.witnessed = SimpleNamespace(person=INGEGERD)
    for place in SHOWS:
        ward.pass_(15)
        given = {field.name: ITS[field.name] for field in fields(place) if field.name in ITS}
        nurse.go(place(**given))
        [fact] = seen(nurse.phone.store)
        assert (fact.type, fact.person, fact.author) == ("person.viewed", INGEGERD, KARIN), place
        assert fact.unit == nurse.me.unit
        assert streams_of(fold(VIEW, fact.aggregate.id, [fact])) == frozenset()
        deliver(nurse.phone.store)


def test_lists_and_places_of_nobody_are_not(nurse: Shift) -> None:
    for place in NOBODY - {places.Lock, places.ChoosePerson}:
        nurse.go(place(**{field.name: new_id() for field in fields(place)}))
    assert not seen(nurse.phone.store)


def test_the_same_within_a_quarter_of_an_hour_is_one_reading(ward: Ward, nurse: Shift) -> None:
    place = places.Sign(ITS["dose"])
    for _ in range(3):
        nurse.go(place)
        nurse.home()
    assert len(seen(nurse.phone.store)) == 1
    nurse.go(places.InboxCase(ITS["sbar"]))
    assert len(seen(nurse.phone.store)) == 2, "something else of the same person"
    ward.pass_(15)
    nurse.go(places.Menu())
    nurse.back()
    assert len(seen(nurse.phone.store)) == 3, "come back to a quarter of an hour later"


def test_another_who_takes_the_phone_reads_anew(ward: Ward, nurse: Shift) -> None:
    nurse.go(places.Sign(ITS["dose"]))
    nurse.lock()
    nurse.opened(nurse.phone.store.unlock(KARIN, PIN))
    nurse.go(places.Sign(ITS["dose"]))
    assert whom(nurse.phone.store) == [INGEGERD, INGEGERD]


def test_no_chip_counts_them_and_none_is_left_once_the_endpoint_has_answered(nurse: Shift) -> None:
    store = nurse.phone.store
    nurse.go(places.Sign(ITS["dose"]))
    assert (store.counts().waiting, store.counts().quiet, nurse.me.unsent) == (0, 1, frozenset())
    counts = store.counts()
    assert chip(counts.waiting, counts.needs_action, Connection(connected=True), START, START).waiting == 0
    assert nurse.me.documents(VIEW) == []
    assert len(deliver(store)) == 1
    assert (store.counts().quiet, store.waiting()) == (0, [])


def test_what_the_endpoint_would_not_log_asks_nobody_for_anything(nurse: Shift) -> None:
    store = nurse.phone.store
    nurse.go(places.Sign(ITS["dose"]))
    [sealed] = store.waiting()
    refused = PushResult(id=sealed.id, status="quarantined", reason="not_permitted")
    store.take_receipt(receipt(store, refused), [sealed.id])
    assert (store.counts().needs_action, store.counts().quiet) == (0, 0)


def test_readings_survive_a_restart_and_are_sent_while_locked(ward: Ward, nurse: Shift) -> None:
    nurse.go(places.Sign(ITS["dose"]))
    nurse.lock()
    store = nurse.phone.store
    with store._database.reading() as connection:
        store._file.outbox.load(connection)
    assert (store.counts().waiting, store.counts().quiet) == (0, 1)
    assert whom(store) == [INGEGERD]


def test_beside_a_loop_it_is_saved_without_holding_the_screen(nurse: Shift) -> None:
    async def go() -> None:
        nurse.go(places.InboxCase(ITS["sbar"]))
        nurse.go(places.InboxDeviation(ITS["deviation"]))
        # Put down at once: nothing of hers is left for the next one.
        nurse.lock()

    asyncio.run(go())
    assert sorted(str(one) for one in whom(nurse.phone.store)) == [INGEGERD, INGEGERD]


def test_a_reading_that_cannot_be_saved_is_kept_and_stops_nobody(
    nurse: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storage import DiskFull

    def full(*_: object) -> None:
        raise DiskFull("full")

    with monkeypatch.context() as patched:
        patched.setattr(nurse.me, "state_reading", full)
        nurse.go(places.Sign(ITS["dose"]))
    assert isinstance(nurse.place, places.Sign)
    assert not seen(nurse.phone.store)
    nurse.go(places.InboxCase(ITS["sbar"]))
    assert len(seen(nurse.phone.store)) == 2


def test_two_persons_are_two_readings(ward: Ward) -> None:
    shift = ward.phone("a", AMINA)
    for person in (INGEGERD, BROR):
        ward.say(as_needed(), Ref("order", new_id()), person)
    ward.deliver()
    shift.go(places.AsNeededList())
    assert sorted(str(one) for one in whom(shift.phone.store)) == [INGEGERD, BROR]
    assert {one.type for one in seen(shift.phone.store)} == {"person.viewed"}
    assert PersonViewed(what="sign").under == "unit"
