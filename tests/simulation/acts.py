"""What people say on the phones, as the screens would let them."""

import random
from datetime import timedelta

from msgspec import Raw

from care.delegation import DelegationAccepted, DelegationDocument, DelegationIssued, DelegationRevoked
from care.deviation import DeviationReported
from care.dose import DoseCorrected, DoseDocument, DoseGiven, DoseWithheld
from care.facts import Ref
from care.ids import dose_id, uuid7
from care.order import OrderChanged, OrderDocument
from care.published import Answered
from care.sbar import SbarAnswered, SbarDocument, SbarReadBack, SbarRecorded
from care.signing import local_day
from care.viewing import PersonViewed
from storage import Statement, Unlocked
from tests.simulation.phone import Phone
from tests.simulation.town import CARERS, KARIN, ORDERS, PERSONS, TASK
from tests.statements import SLOT, plan

_ANSWERS = Answered(form="sbar", form_version="1", response=Raw(b"{}"))
_SLOTS = (SLOT, "noon")


def said(phone: Phone, what: str, number: int) -> bool:
    """Let whoever holds the phone say it. False: nobody there could."""
    dice = random.Random(f"{what}/{number}")
    session = phone.session if phone.staff else None
    if phone.store.device is None or phone.store.keeper.closing:
        return False
    if what == "read":
        return _read(phone, session, dice)
    statement = _statement(phone, session, what, dice) or _statement(phone, session, "dose", dice)
    phone.say(statement or _otherwise(phone, session, dice))
    return True


def _otherwise(phone: Phone, session: Unlocked | None, dice: random.Random) -> Statement:
    """What anybody may say, also without signing in."""
    found = _statement(phone, session, dice.choice(("sbar", "report")), dice)
    assert found
    return found


def _statement(phone: Phone, session: Unlocked | None, what: str, dice: random.Random) -> Statement | None:
    device = phone.store.device
    assert device
    unit = session.unit if session else device.unit
    person = dice.choice(PERSONS[unit])
    new = _id(phone, dice)
    match what:
        case "sbar":
            return Statement(SbarRecorded(answers=_ANSWERS), Ref("sbar", new), unit, person)
        case "report":
            body = DeviationReported(category=dice.choice(("fall", "conduct")), answers=_ANSWERS)
            return Statement(body, Ref("deviation", new), unit, person)
    return _signed_in(phone, session, what, unit, person, dice) if session else None


def _signed_in(
    phone: Phone, session: Unlocked, what: str, unit: str, person: str, dice: random.Random
) -> Statement | None:
    now = phone.wall() + timedelta(milliseconds=phone.store.clock_offset_ms)
    match what:
        case "dose" | "withhold":
            return _dose(session, what, unit, person, dice)
        case "correct":
            done = [one for one in _of(session, DoseDocument) if one.unit == unit and one.standing]
            if not done:
                return None
            one = dice.choice(done)
            corrects = dice.choice(one.standing).fact
            return Statement(DoseCorrected(corrects=corrects), Ref("dose", one.id), unit, one.person)
        case "answer":
            return _answer(session, dice)
        case "issue" if session.staff == KARIN:
            begins = now - timedelta(minutes=dice.choice((0, 5, 600)))
            body = DelegationIssued(
                holder=dice.choice(CARERS),
                tasks=(TASK,),
                units=(unit,),
                start=begins,
                end=begins + timedelta(hours=dice.choice((1, 24, 2000))),
            )
            return Statement(body, Ref("delegation", _id(phone, dice)), unit)
        case "accept":
            return _of_delegation(
                session, [one for one in _held(session) if one.holder == session.staff], dice
            )
        case "revoke" if session.staff == KARIN:
            return _of_delegation(session, [one for one in _held(session) if one.unit == unit], dice)
        case "order" if session.staff == KARIN and session.document("order", ORDERS[person]):
            changed = plan(requires=TASK, amount=f"{dice.randint(1, 9)} tabletter")
            return Statement(
                OrderChanged(plan=changed, effective=now), Ref("order", ORDERS[person]), unit, person
            )
    return None


def _dose(session: Unlocked, what: str, unit: str, person: str, dice: random.Random) -> Statement | None:
    order = session.document("order", ORDERS[person])
    if not isinstance(order, OrderDocument) or not order.versions or session.staff not in (*CARERS, KARIN):
        return None
    now = session._file.now() + timedelta(milliseconds=session._file.contact.offset_ms or 0)
    dose = Ref("dose", dose_id(order.id, local_day(now), dice.choice(_SLOTS)))
    performed = now - timedelta(minutes=dice.choice((0, 0, 10, 90)))
    version = order.versions[-1].fact
    if what == "withhold":
        return Statement(
            DoseWithheld(
                order=order.id, planned=now, performed=performed, reason="asleep", order_fact=version
            ),
            dose,
            unit,
            person,
        )
    return Statement(
        DoseGiven(order=order.id, planned=now, performed=performed, amount="1", order_fact=version),
        dose,
        unit,
        person,
    )


def _answer(session: Unlocked, dice: random.Random) -> Statement | None:
    cases = _of(session, SbarDocument)
    if not cases:
        return None
    one = dice.choice(cases)
    body = SbarAnswered(text="Mät igen") if session.staff == KARIN else SbarReadBack(nurse="Karin")
    return Statement(body, Ref("sbar", one.id), one.unit, one.person)


def _of_delegation(
    session: Unlocked, held: list[DelegationDocument], dice: random.Random
) -> Statement | None:
    if not held:
        return None
    one = dice.choice(held)
    now = session._file.now() + timedelta(milliseconds=session._file.contact.offset_ms or 0)
    body = DelegationRevoked(at=now) if session.staff == KARIN else DelegationAccepted()
    return Statement(body, Ref("delegation", one.id), one.unit)


def _held(session: Unlocked) -> list[DelegationDocument]:
    return _of(session, DelegationDocument)


def _of(session: Unlocked, kind: type) -> list:  # type: ignore[type-arg]
    return sorted(session.documents(kind.kind), key=lambda one: one.id)  # type: ignore[attr-defined]


def _read(phone: Phone, session: Unlocked | None, dice: random.Random) -> bool:
    if session is None:
        return False
    person = dice.choice(PERSONS[session.unit])
    body = PersonViewed(what="sign")
    view = Ref("view", uuid7(dice.randrange(2**40), _drawn(phone, dice)))
    session.state_reading(Statement(body, view, session.unit, person))
    return True


def _id(phone: Phone, dice: random.Random) -> str:
    return uuid7(int(phone.wall().timestamp() * 1000), _drawn(phone, dice))


def _drawn(phone: Phone, dice: random.Random) -> bytes:
    """Two phones that are asked to say the same thing in one moment do not draw the same id."""
    return dice.randbytes(9) + bytes((phone.number,))
