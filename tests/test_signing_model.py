"""The proof of signing: random orders, delegations, phones, clocks and silences, against a plain oracle.

Pure: phones here are sets of facts, and what they show and allow are the folds and functions of care/. What
must hold is worked out a second time from a list of what was done, without them.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, field

from care import occasion, schedule, signing
from care.as_needed import MayGive, may_give
from care.delegation import (
    DelegationAccepted,
    DelegationDeclined,
    DelegationDocument,
    DelegationIssued,
    DelegationRevoked,
)
from care.documents import Document, fold
from care.dose import DoseCorrected, DoseDocument, DoseGiven, DoseWithheld
from care.facts import Body, Fact, Ref
from care.order import AsNeeded, OrderChanged, OrderDocument, OrderPlaced, Plan, Slot
from care.prn import PrnCorrected, PrnDocument, PrnGiven
from care.rights import Role
from care.schedule import STOCKHOLM, Planned, planned
from care.signing import MISSED_AFTER, Done, MaySign, Refusal, Used, dose_end, standing
from care.staff import RoleInUnit, StaffDocument
from tests.statements import AMINA, KARIN, PERSON, TESFAY, UNIT, fact, new_id

TASK = "medicine_pouch"
STARTS = (
    datetime(2026, 10, 24, 4, tzinfo=UTC),
    datetime(2026, 3, 28, 4, tzinfo=UTC),
    datetime(2026, 6, 1, 4, tzinfo=UTC),
)
"""Before an October night, before a March night, and on a day like any other."""
CLOCKS = timedelta(0), timedelta(minutes=-7), timedelta(days=-365), timedelta(days=400)
TIMES = ("02:30", "07:00", "08:00", "12:30", "20:00", "23:50")
SLOTS = ("a", "b", "c")
CARERS = AMINA, TESFAY
LIMIT = AsNeeded("Smärta", 4, 3000, "mg", 1000)


class Given(Struct):
    """What the oracle remembers of a signature."""

    fact: str
    of: str
    by: str
    performed: datetime
    stated: datetime
    done: bool
    named: str | None = None
    """The delegation that it was signed on."""
    back: bool = False
    known: list[datetime] = []
    """Of what is given as needed: when it had been given before, as far as the phone knew."""


class Granted(Struct):
    holder: str
    start: datetime
    end: datetime
    once: bool = False
    accepted: bool = False
    declined: bool = False
    revoked: datetime | None = None


class Phone(Struct):
    off: timedelta
    known: dict[str, Fact] = field(default_factory=dict)
    heard: datetime | None = None


class World(Struct):
    now: datetime
    phones: list[Phone]
    began: datetime
    endpoint: dict[str, Fact] = field(default_factory=dict)
    signed: list[Given] = field(default_factory=list)
    needed: list[Given] = field(default_factory=list)
    granted: dict[str, Granted] = field(default_factory=dict)
    times: list[tuple[datetime, dict[str, str]]] = field(default_factory=list)
    """From when on the order has had which clock times, by slot."""
    order: str = field(default_factory=new_id)
    prn: str = field(default_factory=new_id)

    def read(self, facts: dict[str, Fact], kind: str) -> list[Document]:
        by: dict[str, list[Fact]] = {}
        for one in facts.values():
            if one.aggregate.kind == kind:
                by.setdefault(one.aggregate.id, []).append(one)
        return [fold(kind, id, of) for id, of in by.items()]

    def state(self, phone: Phone, body: Body, about: Ref, author: str) -> Fact:
        """A fact as a phone makes it: ranked after what it holds, timed by its own clock."""
        held = [one.rank for one in phone.known.values() if one.aggregate == about]
        made = fact(
            body,
            about,
            rank=1 + max(held, default=0),
            at=self.now + phone.off,
            offset_ms=-int(phone.off.total_seconds() * 1000),
            author=author,
            device=f"phone-{self.phones.index(phone)}",
        )
        phone.known[made.id] = made
        return made

    def sync(self, phone: Phone) -> None:
        self.endpoint.update(phone.known)
        phone.known.update(self.endpoint)
        phone.heard = self.now


def delegations(world: World, facts: dict[str, Fact]) -> list[DelegationDocument]:
    return [one for one in world.read(facts, "delegation") if isinstance(one, DelegationDocument)]


def spent(world: World, facts: dict[str, Fact]) -> Used:
    """What has used up delegations for one occasion, as whoever has these facts works it out."""
    held = delegations(world, facts)
    orders = [one for one in world.read(facts, "order") if isinstance(one, OrderDocument)]
    found = occasion.rested(occasion.for_one(held), orders)
    doses = [one for one in world.read(facts, "dose") if isinstance(one, DoseDocument)]
    needed = [one for one in world.read(facts, "prn") if isinstance(one, PrnDocument)]
    people = {id: staff(id) for id in (*CARERS, KARIN)}
    return occasion.used(held, occasion.done(found, doses, needed), people)


def right(world: World, phone: Phone, plan: Plan, by: str, at: datetime) -> MaySign | Refusal:
    """What a phone says of somebody's right, by what it knows."""
    held, used = delegations(world, phone.known), spent(world, phone.known)
    return signing.right_to_sign(staff(by), plan, PERSON, UNIT, at, held, used)


def staff(id: str) -> StaffDocument:
    role = Role.NURSE if id == KARIN else Role.CARER
    return StaffDocument(id=id, name=id, roles=[RoleInUnit(role, UNIT, date(2020, 1, 1))])


def plan(slots: tuple[Slot, ...], start: date, needed: AsNeeded | None = None) -> Plan:
    return Plan(
        what="Dosett", form="pouch", amount="2", slots=slots, start=start, requires=TASK, as_needed=needed
    )


# Steps. Each takes the world, a phone and a source of choices.


def advance(world: World, phone: Phone, pick: random.Random) -> None:
    world.now += timedelta(minutes=pick.choice((1, 20, 90, 240, 600)))


def meet(world: World, phone: Phone, pick: random.Random) -> None:
    world.sync(phone)


def issue(world: World, phone: Phone, pick: random.Random) -> None:
    about = Ref("delegation", new_id())
    start = world.now + timedelta(hours=pick.choice((-40, -1, 0, 5)))
    once = pick.random() < 0.4
    end = start + timedelta(hours=pick.choice((2, 12, 20) if once else (2, 12, 48, 400)))
    holder = pick.choice(CARERS)
    body = DelegationIssued(holder=holder, tasks=(TASK,), units=(UNIT,), start=start, end=end, once=once)
    world.state(phone, body, about, KARIN)
    world.granted[about.id] = Granted(holder, start, end, once)


def answer(world: World, phone: Phone, pick: random.Random) -> None:
    waiting = delegations(world, phone.known)
    if waiting:
        one = pick.choice(sorted(waiting, key=lambda one: one.id))
        accepts = pick.random() < 0.9
        body: Body = DelegationAccepted() if accepts else DelegationDeclined()
        world.state(phone, body, Ref("delegation", one.id), one.holder)
        given = world.granted[one.id]
        given.accepted, given.declined = given.accepted or accepts, given.declined or not accepts


def revoke(world: World, phone: Phone, pick: random.Random) -> None:
    known = sorted(one.id for one in world.read(phone.known, "delegation"))
    if known:
        id = pick.choice(known)
        world.state(phone, DelegationRevoked(at=world.now), Ref("delegation", id), KARIN)
        held = world.granted[id]
        held.revoked = min(held.revoked, world.now) if held.revoked else world.now


def retime(world: World, phone: Phone, pick: random.Random) -> None:
    """By the nurse, where the order is known: other times for the same slots."""
    clocks = dict(zip(SLOTS, pick.sample(TIMES, len(SLOTS)), strict=True))
    slots = tuple(Slot(slot, clock) for slot, clock in clocks.items())
    body = OrderChanged(plan=plan(slots, date(2026, 1, 1)), effective=world.now)
    world.times.append((world.now, clocks))
    world.state(world.phones[0], body, Ref("order", world.order), KARIN)


def due(world: World, phone: Phone) -> list[Planned]:
    orders = [one for one in world.read(phone.known, "order") if one.id == world.order]
    found: list[Planned] = []
    for order in orders:
        assert isinstance(order, OrderDocument)
        found += planned(order, world.now - timedelta(hours=12), world.now + timedelta(hours=2))
    return found


def sign(world: World, phone: Phone, pick: random.Random) -> None:
    """As the signing screen does it: with the delegation relied on, or as *Jag har redan gett den*."""
    doses = due(world, phone)
    if not doses:
        return
    dose, by = pick.choice(doses), pick.choice(CARERS)
    performed = world.now - timedelta(minutes=pick.choice((0, 0, 15, 60)))
    found = right(world, phone, dose.plan, by, performed)
    named = found.delegation if isinstance(found, MaySign) else None
    withheld = pick.random() < 0.2
    body: Body = (
        DoseWithheld(
            order=world.order, planned=dose.at, performed=performed, reason="asleep", order_fact=dose.version
        )
        if withheld
        else DoseGiven(
            order=world.order,
            planned=dose.at,
            performed=performed,
            amount="2",
            order_fact=dose.version,
            delegation=named,
            already_given=isinstance(found, Refusal),
        )
    )
    made = world.state(phone, body, Ref("dose", dose.id), by)
    world.signed.append(Given(made.id, dose.id, by, performed, world.now, not withheld, named))


def take_back(world: World, phone: Phone, pick: random.Random) -> None:
    for made, kind, body in (
        (world.signed, "dose", DoseCorrected),
        (world.needed, "prn", PrnCorrected),
    ):
        mine = [one for one in made if one.fact in phone.known and not one.back]
        if mine and pick.random() < 0.5:
            one = pick.choice(mine)
            world.state(phone, body(corrects=one.fact), Ref(kind, one.of), one.by)
            one.back = True


def give(world: World, phone: Phone, pick: random.Random) -> None:
    """As the screen of what is given as needed does it: only when the phone's own sum allows it."""
    orders = [one for one in world.read(phone.known, "order") if one.id == world.prn]
    known = [one for one in world.read(phone.known, "prn") if isinstance(one, PrnDocument)]
    for order in orders:
        assert isinstance(order, OrderDocument)
        if isinstance(may_give(order, known, world.now), MayGive):
            assert order.plan
            right_ = right(world, phone, order.plan, AMINA, world.now)
            named = right_.delegation if isinstance(right_, MaySign) else None
            body = PrnGiven(
                order=world.prn,
                performed=world.now,
                amount="2",
                quantity=1000,
                unit="mg",
                order_fact="f",
                known=phone.heard,
                delegation=named,
                already_given=isinstance(right_, Refusal),
            )
            about = Ref("prn", new_id())
            backs = {corrected(one) for one in phone.known.values() if one.type == "prn.corrected"}
            before = [
                one.performed for one in world.needed if one.fact in phone.known and one.fact not in backs
            ]
            made = world.state(phone, body, about, AMINA)
            world.needed.append(
                Given(made.id, about.id, AMINA, world.now, world.now, True, named, known=before)
            )


def corrected(one: Fact) -> str:
    return msgspec.json.decode(one.body, type=PrnCorrected).corrects


STEPS = (
    advance,
    advance,
    meet,
    meet,
    issue,
    answer,
    answer,
    revoke,
    retime,
    sign,
    sign,
    sign,
    take_back,
    give,
    give,
)


def began(start: datetime, clocks: list[timedelta]) -> World:
    """Phones that have had contact once: they know both orders."""
    world = World(start, [Phone(off) for off in clocks], start - timedelta(days=2))
    clocks_ = dict(zip(SLOTS, ("07:00", "12:30", "20:00"), strict=True))
    slots = tuple(Slot(slot, clock) for slot, clock in clocks_.items())
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    world.times.append((long_ago, clocks_))
    placed = OrderPlaced(plan=plan(slots, date(2026, 1, 1)), effective=long_ago)
    needed = OrderPlaced(plan=plan((), date(2026, 1, 1), LIMIT), effective=long_ago)
    nurse = world.phones[0]
    world.state(nurse, placed, Ref("order", world.order), KARIN)
    world.state(nurse, needed, Ref("order", world.prn), KARIN)
    for phone in world.phones:
        world.sync(phone)
    return world


def lived(seed: int, steps: int, start: datetime, clocks: list[timedelta]) -> World:
    """So many random steps. Looked at on the way: what is shown while phones are silent must hold as well."""
    pick = random.Random(seed)
    world = began(start, clocks)
    for number in range(steps):
        pick.choice(STEPS)(world, pick.choice(world.phones), pick)
        if number % 12 == 11:
            a_known_dose_ends_as_it_must(world)
    return world


def judged(world: World, pick: random.Random) -> None:
    """All that must hold, of what the endpoint has now and of what it has once every phone has met it."""
    first = world.now
    a_known_dose_ends_as_it_must(world)
    for phone in world.phones:
        world.sync(phone)
    world.now = first + timedelta(days=2)
    for phone in world.phones:
        world.sync(phone)
    assert all(phone.known == world.endpoint for phone in world.phones)
    a_known_dose_ends_as_it_must(world)
    no_signature_is_in_order_without_a_delegation(world, pick)
    no_dose_is_two_and_no_two_are_one(world)
    every_dose_is_when_it_was_last_said_to_be(world)
    the_most_was_kept_on_what_was_known(world)


def no_signature_is_in_order_without_a_delegation(world: World, pick: random.Random) -> None:
    facts = list(world.endpoint.values())
    pick.shuffle(facts)  # and twice over: in whatever order they came
    shuffled = {one.id: one for one in facts + facts[:5]}
    doses = [one for one in world.read(shuffled, "dose") if isinstance(one, DoseDocument)]
    assert sorted(doses, key=lambda d: d.id) == sorted(
        world.read(world.endpoint, "dose"),
        key=lambda d: d.id,  # type: ignore[comparison-overlap]
    )
    held, used = delegations(world, shuffled), spent(world, shuffled)
    [order] = [one for one in world.read(shuffled, "order") if one.id == world.order]
    assert isinstance(order, OrderDocument)
    every = {dose.id: dose for dose in planned(order, world.began, world.now)}
    given = [one for one in world.read(shuffled, "prn") if isinstance(one, PrnDocument)]
    remembered = {one.fact: one for one in (*world.signed, *world.needed)}
    right = in_order(world)
    for document in (*doses, *given):
        for signature in document.standing:
            if isinstance(document, DoseDocument) and document.id not in every:
                continue
            made = remembered[signature.fact]
            assert signature.performed == made.performed
            done = Done(signature, plan((), date(2026, 1, 1)), PERSON, UNIT)
            how = standing(done, staff(signature.author), held, used)
            assert (how in ("right", "late_registered")) == (made.fact in right or not made.done), (how, made)


def in_order(world: World) -> set[str]:
    """The oracle's own words: what a lasting delegation covers; of one for one occasion who relied on it
    first by when it was done; and where nobody did, the first that it covers and nothing else does."""
    done = [one for one in (*world.signed, *world.needed) if one.done and not one.back]
    lasting = [one for one in world.granted.values() if not one.once]
    right = {one.fact for one in done if any(valid(of, one.by, one.performed) for of in lasting)}
    rest = sorted((one for one in done if one.fact not in right), key=lambda one: (one.performed, one.fact))
    free = {id: of for id, of in world.granted.items() if of.once}
    for id, of in list(free.items()):
        relied = [one for one in rest if one.named == id and valid(of, one.by, one.performed)]
        if relied:
            right.add(relied[0].fact)
            del free[id]
    for one in rest:
        if one.fact not in right:
            over = [(of.end, id) for id, of in free.items() if valid(of, one.by, one.performed)]
            if over:
                right.add(one.fact)
                del free[min(over)[1]]
    return right


def valid(one: Granted, holder: str, at: datetime) -> bool:
    """The oracle's own words: theirs, accepted and not declined, begun, not ended, not revoked by then."""
    if one.holder != holder or not one.accepted or one.declined:
        return False
    return one.start <= at <= one.end and (one.revoked is None or at < one.revoked)


def no_dose_is_two_and_no_two_are_one(world: World) -> None:
    """Each slot of each whole local day is one dose, however often it was re-timed."""
    [order] = [one for one in world.read(world.endpoint, "order") if one.id == world.order]
    assert isinstance(order, OrderDocument)
    found = planned(order, world.began, world.now)
    assert len({dose.id for dose in found}) == len(found)
    first, last = world.began.date() + timedelta(days=1), world.now.date() - timedelta(days=1)
    for day in (first + timedelta(days=away) for away in range((last - first).days)):
        assert sorted(dose.slot for dose in found if dose.day == day) == sorted(SLOTS), day
    clocks = [dose.at.astimezone(STOCKHOLM).date() for dose in found]
    assert all(abs((at - dose.day).days) <= 1 for at, dose in zip(clocks, found, strict=True))
    signed = {one.of for one in world.signed if one.done and not one.back}
    shown = [
        one.id for one in world.read(world.endpoint, "dose") if isinstance(one, DoseDocument) and one.done
    ]
    assert len(shown) == len(set(shown))
    assert set(shown) == signed


def every_dose_is_when_it_was_last_said_to_be(world: World) -> None:
    """By what the nurse is remembered to have said: a time that moved keeps its dose, one that had passed
    stays unless its new time is still ahead."""
    [order] = [one for one in world.read(world.endpoint, "order") if one.id == world.order]
    assert isinstance(order, OrderDocument)
    for dose in planned(order, world.began, world.now):
        at: datetime | None = None
        for since, clocks in world.times:
            new = wall(dose.day, clocks[dose.slot])
            if new >= since or (at is not None and at >= since):
                at = new
        assert dose.at == at, (dose.day, dose.slot, world.times)


def wall(day: date, clock: str) -> datetime:
    """What a clock on a wall in Sweden says, as a moment: the first of two, and an hour later where the
    night skips it. Summer time is from the last Sunday of March to the last of October, at 01:00 UTC."""
    naive = datetime.combine(day, time.fromisoformat(clock))
    begins, ends = (datetime(day.year, month, last_sunday(day.year, month), 1) for month in (3, 10))
    summer = naive - timedelta(hours=2)
    return (summer if begins <= summer < ends else naive - timedelta(hours=1)).replace(tzinfo=UTC)


def last_sunday(year: int, month: int) -> int:
    return max(day for day in range(25, 32) if date(year, month, day).weekday() == 6)


def the_most_was_kept_on_what_was_known(world: World) -> None:
    for one in world.needed:
        day = [at for at in one.known if at > one.performed - timedelta(hours=24)]
        assert 1000 * (len(day) + 1) <= 3000
        assert all(one.performed - at >= timedelta(hours=4) for at in one.known)


def a_known_dose_ends_as_it_must(world: World) -> None:
    """Signed, withheld, missed, or unknown since a named time: and never missed where somebody had signed."""
    [order] = [one for one in world.read(world.endpoint, "order") if one.id == world.order]
    assert isinstance(order, OrderDocument)
    heard = min(phone.heard for phone in world.phones if phone.heard)
    documents = {one.id: one for one in world.read(world.endpoint, "dose") if isinstance(one, DoseDocument)}
    delivered = {one.fact for one in world.signed if one.fact in world.endpoint}
    for dose in planned(order, world.now - timedelta(days=4), world.now):
        end, since = dose_end(dose, documents.get(dose.id), world.now, heard)
        mine = [one for one in world.signed if one.of == dose.id and not one.back]
        over = dose.closes + MISSED_AFTER
        if end == "missed":
            assert not [one for one in mine if one.stated < over], dose
            assert since is None
        elif end == "unknown":
            assert since == heard
            assert heard < over
        elif end == "open":
            assert world.now <= over
        else:
            assert any(one.of == dose.id and one.fact in delivered for one in world.signed)
        if heard == world.now and all(phone.known.keys() <= world.endpoint.keys() for phone in world.phones):
            told = "signed" if any(one.done for one in mine) else "withheld" if mine else ("missed", "open")
            assert end in told


LIVES = {
    "seed": st.integers(0, 2**32),
    "steps": st.integers(40, 160),
    "start": st.sampled_from(STARTS),
    "clocks": st.lists(st.sampled_from(CLOCKS), min_size=2, max_size=3),
}


@settings(max_examples=30)
@given(**LIVES)
def test_whatever_happens_signing_keeps_its_word(
    seed: int, steps: int, start: datetime, clocks: list[timedelta]
) -> None:
    judged(lived(seed, steps, start, clocks), random.Random(seed))


@pytest.mark.soak
def test_whatever_happens_signing_keeps_its_word_many_times() -> None:
    """`-s` prints how much was lived."""
    counts: Counter[str] = Counter()

    @settings(max_examples=5000)
    @given(**LIVES)
    def live(seed: int, steps: int, start: datetime, clocks: list[timedelta]) -> None:
        world = lived(seed, steps, start, clocks)
        judged(world, random.Random(seed))
        counts.update(counted(world))

    live()
    print(f"\n{dict(counts)}")
    assert counts["lives"] >= 5000


def counted(world: World) -> dict[str, int]:
    done = [one for one in (*world.signed, *world.needed) if one.done and not one.back]
    right = in_order(world)
    return {
        "lives": 1,
        "facts": len(world.endpoint),
        "signatures": len(world.signed) + len(world.needed),
        "taken back": sum(one.back for one in (*world.signed, *world.needed)),
        "without a delegation": sum(one.fact not in right for one in done),
        "delegations": len(world.granted),
        "for one occasion": sum(one.once for one in world.granted.values()),
        "used": sum(
            one.fact in right
            and not any(valid(of, one.by, one.performed) for of in world.granted.values() if not of.once)
            for one in done
        ),
        "re-timings": len(world.times) - 1,
    }


# Mistakes put into care/ on purpose, to see that the proof finds them.


def as_it_was(order: OrderDocument, day: date) -> list[Planned]:
    """Re-timing counts from the next day on: what is still ahead keeps its old time."""
    due: dict[str, Planned] = {}
    for version in order.versions:
        for slot in version.plan.slots if schedule.falls_on(version.plan, day) else ():
            dose = schedule._dose(order, version, day, slot)
            if slot.id not in due or day > version.effective.astimezone(STOCKHOLM).date():
                due[slot.id] = dose
    return list(due.values())


def passed_too(order: OrderDocument, day: date) -> list[Planned]:
    """Every version rewrites the whole day: what was due, and perhaps given, has never been then."""
    due: dict[str, Planned] = {}
    for version in order.versions:
        for slot in version.plan.slots if schedule.falls_on(version.plan, day) else ():
            due[slot.id] = schedule._dose(order, version, day, slot)
    return list(due.values())


def by_its_clock(order: OrderDocument, version: Any, day: date, slot: Slot) -> Planned:
    """A dose is named by its clock time, not by its slot: one that moves is another."""
    made = _dose(order, version, day, slot)
    return msgspec.structs.replace(made, id=schedule.dose_id(order.id, day, slot.time))


def the_second_of_two(day: date, clock: str) -> datetime:
    """On an October night the later 02:30, on a March night the earlier."""
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=STOCKHOLM).replace(fold=1)


def never_used(*_: Any) -> Used:
    """A delegation for one occasion is one for a day."""
    return {}


def last_comes_first(delegations: Any, signed: Any, staff: Any) -> Used:
    """Of two the later stands."""
    found: dict[str, Done] = {}
    for one in signed:
        id = one.signature.delegation
        if id and (id not in found or found[id].signature.performed < one.signature.performed):
            found[id] = one
    return found


def whatever_was_relied_on(delegations: Any, signed: Any, staff: Any) -> Used:
    """The first signature uses it up, though it holds no more, or a lasting one holds as well."""
    found: dict[str, Done] = {}
    once = {one.id for one in delegations if one.once}
    for one in sorted(signed, key=lambda one: one.signature.performed):
        if one.signature.delegation in once:
            found.setdefault(one.signature.delegation, one)
    return found


_dose, _valid = schedule._dose, DelegationDocument.valid
MISTAKES: dict[str, tuple[object, str, Callable[..., Any]]] = {
    "what is still ahead keeps its old time": (schedule, "on_day", as_it_was),
    "what has passed is re-timed": (schedule, "on_day", passed_too),
    "a dose that moves is another": (schedule, "_dose", by_its_clock),
    "the wrong one of two nights' hours": (schedule, "local", the_second_of_two),
    "one occasion is a day": (occasion, "used", never_used),
    "the last of two on one occasion stands": (occasion, "used", last_comes_first),
    "one occasion is used by what it does not cover": (occasion, "used", whatever_was_relied_on),
    "what is revoked holds on": (
        DelegationDocument,
        "valid",
        lambda self, at: _valid(msgspec.structs.replace(self, revoked=None), at),
    ),
    "what nobody said yes to holds": (
        DelegationDocument,
        "valid",
        lambda self, at: _valid(msgspec.structs.replace(self, accepted=self.issued), at),
    ),
}
MOST_LIVES = 60


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*MISTAKES[mistake])
    for seed in range(MOST_LIVES):
        clocks = [CLOCKS[seed % len(CLOCKS)], CLOCKS[0]]
        try:
            judged(lived(seed, 120, STARTS[seed % len(STARTS)], clocks), random.Random(seed))
        except AssertionError:
            return
    raise AssertionError(f"not found in {MOST_LIVES} lives: {mistake}")
