"""Writes Provkommun as facts, at every start of the demo: what is there stays, what is due is renewed."""

from datetime import UTC, date, datetime, time, timedelta
from typing import cast

from care.delegation import DelegationAccepted, DelegationDocument, DelegationIssued
from care.facts import Ref
from care.order import OrderChanged, OrderDocument, OrderPlaced, Plan, Slot
from care.person import PersonSet
from care.schedule import STOCKHOLM, local
from care.staff import RoleInUnit, StaffDocument, StaffSet
from care.unit import UnitSet
from endpoint.demo import cases, names, narcotics, near, quality, records
from endpoint.demo.past import sign_past
from endpoint.demo.reading import read_past
from endpoint.demo.records import DelegationRecord, OrderRecord
from endpoint.demo.register import Register

_ROLES_START = date(2025, 1, 1)
_ORDERS_BACK = timedelta(days=2)

_UNIT_OF = {resident.key: names.unit_id(resident.unit) for resident in records.residents()}


async def load(register: Register, now: datetime, past: bool = True) -> None:
    """Write or renew the demo data as of `now` (with a time zone). Again: only what is due changes.

    `past` also signs what colleagues would have signed since yesterday, and writes cases that are being
    handled and a year of quality work.
    """
    now = now.astimezone(UTC)
    await _units(register)
    await _staff(register)
    await _residents(register)
    for delegation in records.delegations():
        await _delegation(register, delegation, now)
    for order in records.orders():
        await _order(register, order, now)
    if past:
        await _past(register, now)
        await quality.load(register, now)
        await cases.load(register, now)
        await read_past(register, now)


async def _units(register: Register) -> None:
    for unit in records.units():
        id = names.unit_id(unit.key)
        if await register.get("unit", id) is None:
            body = UnitSet(
                name=unit.name,
                kind=unit.kind,
                provider=names.PROVIDER,
                provider_name=names.PROVIDER_NAME,
                floors=unit.floors,
                nurse=unit.nurse,
                fallback=unit.fallback,
                settings=unit.settings,
            )
            await register.state(body, Ref("unit", id), id)


async def _staff(register: Register) -> None:
    for one in records.staff():
        id = names.staff_id(one.key)
        if await register.get("staff", id) is None:
            roles = tuple(RoleInUnit(held.role, names.unit_id(held.unit), _ROLES_START) for held in one.roles)
            body = StaffSet(
                name=one.name, title=one.title, phone=one.phone, language=one.language, roles=roles
            )
            await register.state(body, Ref("staff", id), roles[0].unit)


async def _residents(register: Register) -> None:
    for resident in records.residents():
        id = names.person_id(resident.key)
        if await register.get("person", id) is None:
            body = PersonSet(
                name=resident.name,
                personnummer=resident.personnummer,
                born=resident.born,
                room=resident.room,
                floor=resident.floor,
                street=resident.street,
                phone=resident.phone,
                flags=resident.flags,
            )
            await register.state(body, Ref("person", id), names.unit_id(resident.unit), id)


async def _delegation(register: Register, record: DelegationRecord, now: datetime) -> None:
    """Issue a delegation, and issue it anew once one that is meant to be valid has ended."""
    today = now.astimezone(STOCKHOLM).date()
    renewal = 0
    while held := await _held(register, names.delegation_id(record.key, renewal)):
        if record.to_days < 0 or not held.end or held.end > now:
            return
        renewal += 1
    ref = Ref("delegation", names.delegation_id(record.key, renewal))
    unit = names.unit_id(record.units[0])
    last = datetime.combine(today + timedelta(days=record.to_days), time(23, 59), STOCKHOLM)
    body = DelegationIssued(
        holder=names.staff_id(record.holder),
        tasks=record.tasks,
        units=tuple(names.unit_id(key) for key in record.units),
        persons=tuple(names.person_id(key) for key in record.persons),
        start=datetime.combine(today + timedelta(days=record.from_days), time(), STOCKHOLM),
        end=last,
        knowledge_tested=True,
        practice_seen=True,
    )
    await register.state(body, ref, unit, author=names.staff_id(record.issuer), at=body.start)
    if record.state == "accepted":
        await register.state(DelegationAccepted(), ref, unit, author=body.holder, at=body.start)


async def _renewals(register: Register, record: DelegationRecord) -> list[DelegationDocument]:
    found: list[DelegationDocument] = []
    while held := await _held(register, names.delegation_id(record.key, len(found))):
        found.append(held)
    return found


async def _held(register: Register, id: str) -> DelegationDocument | None:
    return cast(DelegationDocument | None, await register.get("delegation", id))


async def _order(register: Register, record: OrderRecord, now: datetime) -> None:
    ref, person = Ref("order", names.order_id(record.key)), names.person_id(record.person)
    unit, author = _UNIT_OF[record.person], names.staff_id(record.by)
    order = cast(OrderDocument | None, await register.get(*_pair(ref)))
    if order is None:
        plan = _plan(record, now)
        placed = OrderPlaced(plan=plan, effective=local(plan.start, "00:00"))
        await register.state(placed, ref, unit, person, author, placed.effective)
    elif order.plan is None:
        return  # Erased on decision, in an earlier run: it is not written again.
    elif record.around is not None and (plan_now := await near.retimed(record, order, now, register)):
        effective = near.wanted(record, now) - timedelta(minutes=1)
        await register.state(OrderChanged(plan=plan_now, effective=effective), ref, unit, person, author)


def _pair(ref: Ref) -> tuple[str, str]:
    return ref.kind, ref.id


def _plan(record: OrderRecord, now: datetime) -> Plan:
    before, after = record.window
    if record.around is not None:
        slots: tuple[Slot, ...] = (near.slot_at(record, near.wanted(record, now)),)
    else:
        slots = tuple(Slot(slot, clock, before, after) for slot, clock in record.at.items())
    return Plan(
        what=record.what,
        short=record.short,
        form=record.form,
        amount=record.amount,
        route=record.route,
        contents=record.contents,
        days=record.days,
        slots=slots,
        start=(now - _ORDERS_BACK).astimezone(STOCKHOLM).date(),
        requires=record.requires,
        as_needed=record.as_needed,
        value=record.value,
        note_asked=record.note_asked,
        strength=record.strength,
        substance=record.substance,
        narcotic=record.narcotic,
        witness=record.witness,
        note=record.note,
        reason=record.reason,
    )


async def _past(register: Register, now: datetime) -> None:
    staff = [await register.get("staff", id) for id in names.STAFF.values()]
    delegations = [held for one in records.delegations() for held in await _renewals(register, one)]
    for record in records.orders():
        order = cast(OrderDocument, await register.get("order", names.order_id(record.key)))
        if record.narcotic:
            await narcotics.load(register, record.key, order, _UNIT_OF[record.person], now)
        if record.around is None and record.at and order.plan is not None:
            await sign_past(
                record,
                order,
                _UNIT_OF[record.person],
                [one for one in staff if isinstance(one, StaffDocument)],
                delegations,
                now,
                register,
            )
