"""A ward for the tests of screens: nurses' and carers' phones, each with its store, and what is between.

ward = Ward(folder)
carer, nurse = ward.phone("a", AMINA), ward.phone("n", KARIN)
...; ward.deliver()
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import Raw

from care.deviation import DeviationReported
from care.documents import fold
from care.facts import Body, Ref, encode
from care.forms import Answers, danger_answers, to_response
from care.order import AsNeeded, OrderPlaced, Plan
from care.person import Flag, PersonSet
from care.published import Answered
from care.rights import Role
from care.sbar import SbarRecorded
from care.schedule import STOCKHOLM
from care.staff import RoleInUnit, StaffSet
from care.streams import streams_of
from care.unit import OnCall, Settings, UnitSet
from storage import FileSecret, Statement, Store, Unlocked
from storage.keys import SCRYPT_N
from sync import Offline, SyncState
from tests import store_case
from tests.statements import fact
from tests.store_case import UNIT, page
from views.model.phone import Phone, shipped_forms
from views.model.shift import Shift
from views.places import Place, Today
from wire.envelope import Envelope, stated

FORMS = shipped_forms(Path(__file__).parents[1] / "assets" / "forms")
AMINA, LENA, KARIN, MARIA, SIGRID = (f"0192bbbb-0000-7000-8000-00000000000{n}" for n in range(1, 6))
INGEGERD, BROR, VERA = (f"0192cccc-0000-7000-8000-00000000000{n}" for n in range(1, 4))
START = datetime(2026, 3, 14, 6, 52, tzinfo=STOCKHOLM)
PIN = "482913"
_STAFF = {
    AMINA: ("Amina Yusuf", "assistant_nurse", Role.CARER),
    LENA: ("Lena Bäcklund", "assistant_nurse", Role.CARER),
    KARIN: ("Karin Ström", "nurse", Role.NURSE),
    MARIA: ("Maria Nyberg", "unit_manager", Role.UNIT_MANAGER),
    SIGRID: ("Sigrid Ombud", "assistant_nurse", Role.SAFETY_REPRESENTATIVE),
}
_PERSONS = {
    INGEGERD: ("Ingegerd Norling", "5", Flag("allergy", "penicillin"), Flag("condition", "Hjärtsvikt")),
    BROR: ("Bror Lindqvist", "12", Flag("blood_thinner", "Eliquis")),
    VERA: ("Vera Holmgren", "7"),
}


class StillSync:
    """Sync as a screen sees it: what waits, and nothing that moves by itself."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def state(self) -> SyncState:
        waiting = self.store.counts().waiting
        return SyncState("waiting" if waiting else "sent", waiting, last_contact=START, all_sent_at=START)

    def wake(self) -> None: ...

    async def bring(self, who: Unlocked, kind: str, id: str) -> bool:
        raise Offline("no network")

    def subscribe(self, callback: Callable[[SyncState], None]) -> Callable[[], None]:
        return lambda: None


@dataclass
class Ward:
    """Phones, the facts between them, and one clock."""

    folder: Path
    news2: str = "score"
    now: datetime = START
    set_by: float = 0.0
    shifts: list[Shift] = field(default_factory=list)
    facts: list[Envelope] = field(default_factory=list)
    more: dict[str, set[str]] = field(default_factory=dict)
    """Streams that somebody reads beside those of the role they begin with, by their id."""
    _seen: dict[int, int] = field(default_factory=dict)
    _at: dict[tuple[int, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        call = (OnCall("Karin Ström", "070-1740605"),)
        settings = Settings(news2=self.news2)  # type: ignore[arg-type]
        unit = UnitSet(
            name="Granen",
            kind="residential",
            provider="p",
            provider_name="Provkommun",
            nurse=call,
            settings=settings,
        )
        self.say(unit, Ref("unit", UNIT))
        for id, (name, title, role) in _STAFF.items():
            held = (RoleInUnit(role, UNIT, date(2020, 1, 1)),)
            self.say(StaffSet(name=name, title=title, phone="070-1740600", roles=held), Ref("staff", id))
        for id, (name, room, *flags) in _PERSONS.items():
            set_ = PersonSet(
                name=name, personnummer="19360302-2383", born=date(1936, 3, 2), room=room, flags=tuple(flags)
            )
            self.say(set_, Ref("person", id), person=id)

    def pass_(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)

    def ticks(self) -> float:
        """The clock that nobody can set goes with the other one, until a test sets it."""
        return self.now.timestamp() - self.set_by

    def set_clock(self, **by: float) -> None:
        """Somebody sets the phone's clock; no time passes."""
        self.now += timedelta(**by)
        self.set_by += timedelta(**by).total_seconds()

    def say(self, body: Body, about: Ref, person: str | None = None, author: str = MARIA) -> None:
        """Something from another phone, or from the console."""
        number = 1 + len(self.facts)
        made = fact(
            body, about, rank=number, at=self.now, author=author, seq=number, unit=UNIT, person=person
        )
        self.facts.append(stated(encode(made), b"\x07" * 32))

    def phone(self, name: str, staff: str, place: Place | None = None) -> Shift:
        """Somebody with a phone in their hand."""
        folder = self.folder / name
        folder.mkdir(parents=True)
        secret, now = FileSecret(folder / "secret"), lambda: self.now
        store = Store.open(folder / "rapp.db", secret, now, price=SCRYPT_N, ticks=self.ticks)
        store.enrol(store_case.device())
        full, title, _ = _STAFF[staff]
        key = bytes([staff.encode()[-1]]) * 32
        own = bytes([staff.encode()[-1] ^ 0xFF]) * 32
        unlocked = store.set_slot(
            staff, full, title, "sv", PIN, key, store_case.PHONE_KEY, own, START + timedelta(days=30)
        )
        shift = Shift(Phone(store, StillSync(store), FORMS, clock=lambda: self.now, ticks=self.ticks))  # type: ignore[arg-type]
        shift.opened(unlocked)
        shift.stack = [Today(), *([place] if place else [])]
        self.shifts.append(shift)
        self.deliver()
        return shift

    def deliver(self) -> None:
        """Everything that waits reaches the endpoint, and everybody who reads it."""
        for shift in self.shifts:
            self.facts += store_case.deliver(shift.phone.store)
        for number, shift in enumerate(self.shifts):
            self._bring(number, shift.me)

    def _bring(self, number: int, me: Unlocked) -> None:
        also = {
            Role.NURSE: {f"nurse:{UNIT}"},
            Role.UNIT_MANAGER: {f"chief:{UNIT}"},
            Role.SAFETY_REPRESENTATIVE: {f"safety:{UNIT}"},
        }
        mine = (
            {f"unit:{UNIT}", f"staff:{me.staff}"}
            | also.get(_STAFF[me.staff][2], set())
            | self.more.get(me.staff, set())
        )
        new: dict[str, list[Envelope]] = {}
        by: dict[Ref, list[Envelope]] = {}
        for envelope in self.facts:
            by.setdefault(envelope.fact().aggregate, []).append(envelope)
        done = self._seen.get(number, 0)
        for envelope in self.facts[done:]:
            ref = envelope.fact().aggregate
            document = fold(ref.kind, ref.id, [one.fact() for one in by[ref]])
            for stream in sorted({str(of) for of in streams_of(document)} & mine)[:1]:
                new.setdefault(stream, []).append(envelope)
        self._seen[number] = len(self.facts)
        for stream, envelopes in new.items():
            after = self._at.get((number, stream), 0)
            me_store = self.shifts[number].phone.store
            me_store.take_page(page(stream, envelopes, after=after), me)
            self._at[number, stream] = after + len(envelopes)


def answered(form: str, answers: Answers, at: datetime = START) -> Answered:
    response: dict[str, Any] = to_response(FORMS[form], answers, at.isoformat())
    return Answered(FORMS[form].url, FORMS[form].version, Raw(json.dumps(response, default=float).encode()))


def sbar(answers: Answers, prompted_by: str = "") -> SbarRecorded:
    return SbarRecorded(answers=answered("sbar", answers), prompted_by=prompted_by)


def fall(answers: Answers) -> DeviationReported:
    return DeviationReported(
        category="fall",
        answers=answered("fall", answers),
        danger=tuple(danger_answers(FORMS["fall"], answers)),
    )


def asks(person: str, body: Body, id: str, kind: str = "sbar") -> Statement:
    return Statement(body, Ref(kind, id), UNIT, person)


def as_needed(what: str = "Alvedon 500 mg") -> OrderPlaced:
    limit = AsNeeded("Smärta", 4, 3000, "mg", 1000)
    plan = Plan(
        what=what,
        form="tablet",
        amount="2 tabletter",
        route="Genom munnen",
        start=date(2026, 1, 1),
        requires="medicine_as_needed",
        as_needed=limit,
        note="Fråga hur ont Vera har, 0 till 10.",
    )
    return OrderPlaced(plan=plan, effective=START)
