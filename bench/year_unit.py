"""A unit's year: its care recipients and orders, what is done day by day, and an endpoint that has it all.

What one phone states goes in by its sealed outbox, what all others state is made here; both come back in
signed pages. The dice are the same in every run.
"""

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from msgspec import Raw, Struct

from care.delegation import DelegationAccepted, DelegationIssued
from care.deviation import DeviationReceived, DeviationReported, ReportStatus, Step
from care.documents import fold
from care.dose import DoseCorrected, DoseGiven, DoseWithheld
from care.facts import Body, Fact, Ref, encode, raw, type_of
from care.ids import uuid7
from care.order import OrderDocument, OrderPlaced, OrderStopped, Plan, Slot
from care.person import PersonSet
from care.published import Answered
from care.rights import Role
from care.sbar import SbarAcknowledged, SbarAnswered, SbarClosed, SbarReadBack, SbarRecorded
from care.schedule import Planned, on_day
from care.staff import RoleInUnit, StaffSet
from care.streams import streams_of
from care.unit import UnitSet
from storage import Statement
from wire import seal, signature
from wire.envelope import Envelope, envelope, stated
from wire.messages import Page, Placed, PushResult, Signed, Whole, signed
from wire.seal import Opener, Sealed
from wire.signature import Context

FIRST = date(2026, 1, 5)
"""A Monday."""
DAY = timedelta(days=1)
ANSWERS = Answered("https://rapp.example/sbar", "1", Raw(b'{"text": "%s"}' % (b"x" * 800)))
STEPS: tuple[tuple[int, Step], ...] = ((1, "received"), (4, "assessed"), (14, "action"), (25, "closed"))


class Endpoint:
    """Everything that is stated, in the streams that it belongs in."""

    def __init__(self, device: str) -> None:
        self.sign, self.seal = signature.new_key(), seal.new_key()
        self._device = device
        self._opener = Opener(self.seal)
        self._facts: dict[str, Envelope] = {}
        self._of: defaultdict[Ref, list[Fact]] = defaultdict(list)
        self._streams: defaultdict[str, dict[str, Ref]] = defaultdict(dict)

    def take(self, sealed: Sealed) -> PushResult:
        """Take in what the phone sends."""
        read = envelope(self._opener.open(sealed, self._device))
        self.add(read)
        return PushResult(id=sealed.id, status="accepted", hash=read.hash)

    def add(self, read: Envelope) -> None:
        fact = read.fact()
        self._facts[fact.id] = read
        self._of[fact.aggregate].append(fact)
        document = fold(fact.aggregate.kind, fact.aggregate.id, self._of[fact.aggregate])
        for stream in streams_of(document):
            for one in document.facts:
                self._streams[str(stream)].setdefault(one, fact.aggregate)

    def rank(self, ref: Ref) -> int:
        """The highest rank that there is of an aggregate."""
        return max((fact.rank for fact in self._of[ref]), default=0)

    def page(self, stream: str, after: int, now: datetime) -> Signed | None:
        """What follows a place; None: nothing does."""
        ids = list(self._streams[stream])[after : after + 500]
        placed = tuple(self._placed(n, id) for n, id in enumerate(ids, after + 1))
        upto = after + len(ids)
        page = Page(stream=stream, epoch="e", after=after, upto=upto, more=False, facts=placed, now=now)
        return signed(page, self.sign, Context.PAGE) if ids else None

    def whole(self, ref: Ref, stream: str, now: datetime) -> Signed:
        places = enumerate(self._streams[stream].items(), 1)
        placed = tuple(self._placed(n, id) for n, (id, of) in places if of == ref)
        whole = Whole(kind=ref.kind, id=ref.id, stream=stream, facts=placed, now=now)
        return signed(whole, self.sign, Context.WHOLE)

    def _placed(self, position: int, fact: str) -> Placed:
        return Placed(position=position, envelope=bytes(self._facts[fact]))


class Size(Struct, frozen=True):
    """How much there is to do in the unit."""

    persons: int = 12
    orders: int = 70
    sbars_a_day: float = 0.5
    reports_a_day: float = 0.3
    late_a_day: float = 0.3
    """Corrections of what was signed one to two months ago."""


class Unit:
    """What happens. `save` is how the phone states something; the rest is stated elsewhere."""

    def __init__(self, endpoint: Endpoint, size: Size, save: Callable[[Statement], None]) -> None:
        self._endpoint, self._size, self._save = endpoint, size, save
        self._dice = random.Random(1)
        self._key = signature.new_key()
        self._seq = 0
        self._later: defaultdict[int, list[Callable[[], None]]] = defaultdict(list)
        self._doses: list[tuple[date, Planned]] = []
        self._now = datetime.combine(FIRST, time(6), tzinfo=UTC)
        self.day = -1
        self.id, self.carer, self.nurse, self.other = (self._new() for _ in range(4))
        self._persons = [self._new() for _ in range(size.persons)]
        self._orders: dict[str, OrderDocument] = {}

    def begin(self) -> None:
        """Who is there, and what is ordered."""
        unit = UnitSet(name="Granen", kind="residential", provider="p", provider_name="Kommunen")
        self._say(unit, Ref("unit", self.id))
        for staff, role in ((self.carer, Role.CARER), (self.other, Role.CARER), (self.nurse, Role.NURSE)):
            held = (RoleInUnit(role, self.id, FIRST),)
            self._say(StaffSet(name="Anna Andersson", title="nurse", roles=held), Ref("staff", staff))
        for n, person in enumerate(self._persons):
            body = PersonSet(name=f"Person {n}", personnummer="19121212-1212", born=date(1912, 12, 12))
            self._say(body, Ref("person", person), person)
        for n in range(self._size.orders):
            self._order(n)
        self._delegate()

    def pass_day(self, now: datetime) -> None:
        """A day's doses, signed here or on another phone; what is asked, reported, ordered and corrected."""
        self.day, self._now = self.day + 1, now
        for act in self._later.pop(self.day, []):
            act()
        day = FIRST + self.day * DAY
        for order in list(self._orders.values()):
            for dose in on_day(order, day):
                self._dose(day, dose)
        self._some(self._size.sbars_a_day, self._sbar)
        self._some(self._size.reports_a_day, self._report)
        self._some(self._size.late_a_day, self._correct)
        if self.day % 7 == 6:
            self._replace_order()
        if self.day % 60 == 59:
            self._delegate()

    def _some(self, a_day: float, act: Callable[[], None]) -> None:
        if self._dice.random() < a_day:
            act()

    def _dose(self, day: date, dose: Planned) -> None:
        what, ref = self._dice.random(), Ref("dose", dose.id)
        body: Body = DoseGiven(
            order=dose.order,
            planned=dose.at,
            performed=dose.at,
            amount=dose.plan.amount,
            order_fact=dose.version,
        )
        if what < 0.03:
            body = DoseWithheld(
                order=dose.order,
                planned=dose.at,
                performed=dose.at,
                reason="asleep",
                order_fact=dose.version,
            )
        if what < 0.02 or 0.5 < what < 0.51:
            # Nobody signs it.
            return
        self._say_here(body, ref, dose.person) if what < 0.5 else self._say(body, ref, dose.person)
        self._doses.append((day, dose))

    def _correct(self) -> None:
        day = FIRST + self.day * DAY
        old = [dose for at, dose in self._doses if 35 * DAY <= day - at <= 60 * DAY]
        if old:
            dose = self._dice.choice(old)
            self._say(DoseCorrected(corrects=dose.version, reason="fel"), Ref("dose", dose.id), dose.person)
        self._doses = [(at, dose) for at, dose in self._doses if day - at <= 60 * DAY]

    def _sbar(self) -> None:
        ref, person = Ref("sbar", self._new()), self._dice.choice(self._persons)
        self._say_here(SbarRecorded(answers=ANSWERS), ref, person)
        self._at(0, SbarAcknowledged(), ref, person)
        self._at(1, SbarAnswered(orders=("look_in",), text="Jag kommer"), ref, person)
        if self._dice.random() < 0.7:
            self._at(1, SbarReadBack(nurse="Karin", orders=("look_in",)), ref, person)
        # Some are closed long after.
        self._at(2 if self._dice.random() < 0.9 else 45, SbarClosed(), ref, person)

    def _report(self) -> None:
        id, person = self._new(), self._dice.choice(self._persons)
        case, told = Ref("deviation", id), Ref("report", id)
        self._say_here(DeviationReported(category="fall", answers=ANSWERS), case, person)
        self._at(1, DeviationReceived(), case, person)
        for after, step in STEPS:
            text = "Tack, vi har sett över golvet." if step == "closed" else ""
            self._at(after, ReportStatus(reporter=self.carer, step=step, text=text), told, person)

    def _order(self, n: int) -> None:
        times = ("08:00", "20:00") if n % 3 == 0 else ("08:00",)
        slots = tuple(Slot(id=f"s{at[:2]}", time=at) for at in times)
        day = FIRST + max(self.day, 0) * DAY
        plan = Plan(what="Dospåse", form="pouch", amount="5 tabletter", slots=slots, start=day)
        ref = Ref("order", self._new())
        self._say(OrderPlaced(plan=plan, effective=self._now), ref, self._persons[n % len(self._persons)])

    def _replace_order(self) -> None:
        oldest = next(iter(self._orders.values()))
        self._say(OrderStopped(at=self._now), Ref("order", oldest.id), oldest.person)
        self._order(self.day)

    def _delegate(self) -> None:
        ref, end = Ref("delegation", self._new()), self._now + 90 * DAY
        body = DelegationIssued(holder=self.carer, tasks=("t",), units=(self.id,), start=self._now, end=end)
        self._say(body, ref)
        self._at(1, DelegationAccepted(), ref, None)

    def _at(self, days: int, body: Body, ref: Ref, person: str | None) -> None:
        if days:
            self._later[self.day + days].append(lambda: self._say(body, ref, person))
        else:
            self._say(body, ref, person)

    def _say_here(self, body: Body, ref: Ref, person: str) -> None:
        self._save(Statement(body, ref, self.id, person))

    def _say(self, body: Body, ref: Ref, person: str | None = None) -> None:
        kind, version = type_of(body)
        self._seq += 1
        fact = Fact(
            id=self._new(),
            type=kind,
            version=version,
            aggregate=ref,
            rank=self._endpoint.rank(ref) + 1,
            at=self._now,
            author=self.nurse,
            device="another",
            seq=self._seq,
            unit=self.id,
            person=person,
            body=raw(body),
        )
        self._endpoint.add(stated(encode(fact), self._key))
        if ref.kind == "order":
            self._follow(ref, fact)

    def _follow(self, ref: Ref, fact: Fact) -> None:
        if fact.type == "order.stopped":
            del self._orders[ref.id]
            return
        document = fold(ref.kind, ref.id, [fact])
        assert isinstance(document, OrderDocument)
        self._orders[ref.id] = document

    def _new(self) -> str:
        return uuid7(int(self._now.timestamp() * 1000), self._dice.randbytes(10))
