"""What the screens show, read from the open documents of whoever has the phone."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import TypeVar, cast

from care import occasion
from care.delegation import DelegationDocument
from care.documents import Document
from care.dose import DoseDocument
from care.order import OrderDocument, Plan
from care.person import PersonDocument
from care.prn import PrnDocument
from care.schedule import STOCKHOLM
from care.signing import Done, MaySign, Refusal, Standing, Used, right_to_sign, standing, who_can
from care.staff import StaffDocument
from care.streams import Stream, granted, unit_stream
from care.today import AHEAD, BACK, Day, Task, day_list, due
from care.unit import OnCall, UnitDocument
from storage import Damaged
from views.model.shift import Shift

Kind = TypeVar("Kind", bound=Document)


def all_of(shift: Shift, cls: type[Kind]) -> list[Kind]:
    """Every document of a kind that is open to whoever has the phone."""
    return cast(list[Kind], shift.me.documents(cls.kind))


def some(shift: Shift, cls: type[Kind], ids: Iterable[str]) -> list[Kind]:
    """Those of some documents of a kind that the phone has."""
    return cast(list[Kind], shift.me.some(cls.kind, ids))


def about(shift: Shift, cls: type[Kind], person: str) -> list[Kind]:
    """Every document of a kind about one person."""
    return cast(list[Kind], shift.me.documents(cls.kind, person))


def one(shift: Shift, cls: type[Kind], id: str | None) -> Kind | None:
    """One document; None when the phone does not have it, or nothing is left of it."""
    found = shift.me.document(cls.kind, id) if id else None
    return None if found is None or found.gone else cast(Kind, found)


def remembered(shift: Shift, key: str) -> bytes | None:
    """A setting of whoever has the phone; None where it is damaged, which keeps nobody from their list."""
    with suppress(Damaged):
        return shift.me.recall(key)
    return None


def unit(shift: Shift) -> UnitDocument | None:
    return one(shift, UnitDocument, shift.me.unit)


def me(shift: Shift) -> StaffDocument | None:
    """The staff document of whoever has the phone; None until the first sync has brought it."""
    return one(shift, StaffDocument, shift.me.staff)


def providers(shift: Shift, *units: str) -> dict[str, str]:
    """The vårdgivare of each unit, by id: those that are here, `units`, and those of the reader's roles.

    A unit that the phone does not hold is taken for one of the phone's own vårdgivare: MAS, MAR and SAS are
    sent what they answer for in units that are not theirs, and nobody is sent what is not theirs to read.
    """
    known = {one.id: one.provider for one in all_of(shift, UnitDocument)}
    reader = me(shift)
    held = [one.unit for one in reader.roles] if reader else []
    return {**dict.fromkeys([*held, *units], known.get(shift.me.unit, "")), **known}


def reads(shift: Shift, of: str, unit: str = "") -> bool:
    """Whether the one who has the phone may read a class of stream ("nurse", "chief", "mas") in a unit.

    The phone's own when none is named. MAS, MAR and SAS read the whole of their vårdgivare.
    """
    reader = me(shift) if shift.unlocked else None
    if reader is None:
        return False
    wanted, day = Stream(of, unit or shift.me.unit), shift.phone.now().date()
    return wanted in granted(reader, day, providers(shift, wanted.id))


def cares_here(shift: Shift) -> bool:
    """Whether whoever has the phone reads what its unit shares: residents, tasks. Who does not, such as MAS
    on a phone of an office, has cases and what is their own. Until the first sync it is taken to be so."""
    return me(shift) is None or reads(shift, "unit")


def units(shift: Shift) -> list[UnitDocument]:
    """The units in use that the phone knows, by name: of MAS, MAR and SAS all of their vårdgivare."""
    found = [one for one in all_of(shift, UnitDocument) if not one.closed]
    return sorted(found, key=lambda one: one.name)


def unit_name(shift: Shift, unit: str) -> str:
    """What another unit than the phone's is called; "" for its own, or one that the phone does not know."""
    found = one(shift, UnitDocument, unit) if unit != shift.me.unit else None
    return found.name if found else ""


def name_of(shift: Shift, staff: str) -> str:
    """A colleague's name, or "" when the phone does not know them."""
    found = one(shift, StaffDocument, staff)
    return found.name if found else ""


def day(shift: Shift) -> Day:
    """Idag of the unit, for whoever has the phone."""
    reader = me(shift)
    if reader is None:
        return Day([], [], [], [], [])
    now = shift.phone.now()
    here = {person.id: person for person in all_of(shift, PersonDocument)}
    orders = [one for one in all_of(shift, OrderDocument) if one.unit == shift.me.unit and one.person in here]
    around = due(now, orders)
    doses = some(shift, DoseDocument, [dose.id for dose in around.doses])
    known = {dose.id: dose for dose in doses}
    held = all_of(shift, DelegationDocument)
    whole, before = not coming(shift), used(shift, now, reader.id)
    return day_list(reader, shift.me.unit, now, around, here, known, held, before, whole)


def coming(shift: Shift) -> bool:
    """Whether more of what the unit has said of the day's list is on its way to this phone."""
    now = shift.phone.now()
    return shift.phone.store.coming(str(unit_stream(shift.me.unit)), shift.me, now - BACK, now + AHEAD)


def task(shift: Shift, dose: str) -> Task | None:
    """The task of one planned dose, wherever it stands in the day."""
    today = day(shift)
    return next((t for t in [*today.late, *today.now, *today.later, *today.done] if t.dose.id == dose), None)


def next_of(shift: Shift, found: Task) -> Task | None:
    """What else is to be done for the same person now: tasks come in a row, each signed for itself."""
    today = day(shift)
    waits = [*today.late, *today.now]
    return next((t for t in waits if t.person.id == found.person.id and t.dose.id != found.dose.id), None)


def who_else_can(shift: Shift, plan: Plan, person: str) -> list[StaffDocument]:
    """Colleagues who may do the task now."""
    now = shift.phone.now()
    able = who_can(
        all_of(shift, StaffDocument),
        plan,
        person,
        shift.me.unit,
        now,
        all_of(shift, DelegationDocument),
        used(shift, now),
    )
    return [staff for staff in able if staff.id != shift.me.staff]


def right_now(shift: Shift, found: Task) -> MaySign | Refusal:
    """Whether whoever has the phone may sign the task at this moment."""
    return right_at(shift, found, shift.phone.now())


def right_at(shift: Shift, found: Task, at: datetime) -> MaySign | Refusal:
    """Whether they could sign it at another moment: when it was done is what counts."""
    return right_of(shift, found.dose.plan, found.dose.person, at)


def right_of(shift: Shift, plan: Plan, person: str, at: datetime) -> MaySign | Refusal:
    """Whether whoever has the phone may do what a plan says for a person, at a moment."""
    reader = me(shift)
    if reader is None:
        return Refusal("not_care_staff")
    held = all_of(shift, DelegationDocument)
    return right_to_sign(reader, plan, person, shift.me.unit, at, held, used(shift, at, reader.id))


def used(shift: Shift, around: datetime, holder: str = "") -> Used:
    """What has used up delegations for one occasion near a moment, one holder's or everybody's. Where there
    are none, which is mostly so, no signature is read for it."""
    held = all_of(shift, DelegationDocument)
    theirs = [one for one in held if not holder or one.holder == holder]
    once = occasion.for_one(theirs, around)
    if not once:
        return {}
    found = occasion.rested(once, all_of(shift, OrderDocument))
    signed = occasion.done(
        found,
        some(shift, DoseDocument, found.doses),
        all_of(shift, PrnDocument) if found.needed else (),
    )
    staff = {one.id: one for one in all_of(shift, StaffDocument)}
    return occasion.used([*once, *(one for one in theirs if not one.once)], signed, staff)


def standing_of(shift: Shift, done: Done) -> Standing:
    """How a signature stands by all that this phone knows."""
    signature = done.signature
    author, held = one(shift, StaffDocument, signature.by), all_of(shift, DelegationDocument)
    return standing(done, author, held, used(shift, signature.performed, signature.by))


def nurse(shift: Shift) -> OnCall | None:
    """The nurse to call now; known also while the phone is locked."""
    at = shift.phone.now().astimezone(STOCKHOLM).strftime("%H:%M")
    if shift.unlocked is not None and (found := unit(shift)):
        return found.on_call(at)
    info = shift.phone.store.lock_info
    return UnitDocument(id="", nurse=list(info.nurse)).on_call(at) if info else None


def person(shift: Shift, id: str | None) -> PersonDocument | None:
    return one(shift, PersonDocument, id)


def persons(shift: Shift) -> list[PersonDocument]:
    """Everybody who is cared for here, by room, then by name."""
    found = all_of(shift, PersonDocument)
    return sorted(found, key=lambda p: (p.room_number, p.room, p.name))
