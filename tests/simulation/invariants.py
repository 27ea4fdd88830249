"""What must always hold (docs/simulation.md): looked at once everything has healed.

Each is asked of the files themselves, and the answer is worked out here anew rather than by the code that
it is asked of.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from msgspec import json
from sqlalchemy import Connection, select

from care.delegation import DelegationAccepted, DelegationDocument, DelegationIssued, DelegationRevoked
from care.documents import Document, document_type, known_kinds
from care.dose import DoseDocument, Signature
from care.facts import Fact, Ref, body_of
from care.order import Plan
from care.retention import closed_at
from care.rights import Role
from care.signing import Done, local_day, standing
from care.staff import StaffDocument
from care.viewing import UNFOLDED
from endpoint import documents
from endpoint.chains import compared
from endpoint.pages import streams_now
from endpoint.schema import documents as documents_table
from endpoint.schema import facts, placed, quarantine, streams
from endpoint.using_phones import phone_of
from storage import StorageError, Unlocked
from sync.pull import _remembered
from tests.endpoint_table import stale
from tests.simulation.phone import Phone
from tests.simulation.town import TASK
from tests.simulation.virtual import OVER, TIME
from tests.simulation.world import PATIENCE_S, Broken, World
from tests.statements import plan
from wire.envelope import Envelope, envelope
from wire.errors import SignatureError


class Held:
    """All that the endpoint has."""

    def __init__(self, connection: Connection, keys: Any) -> None:
        self.envelopes: dict[str, Envelope] = {
            row.id: envelope(row.envelope) for row in connection.execute(select(facts.c.id, facts.c.envelope))
        }
        self.facts = {id: one.fact() for id, one in self.envelopes.items()}
        self.documents: dict[Ref, Document] = {
            Ref(row.kind, row.id): json.decode(row.document, type=document_type(row.kind))
            for row in connection.execute(select(documents_table))
            if row.document
        }
        self.placed: dict[str, list[str]] = {row.name: [] for row in connection.execute(select(streams))}
        self.heads = _heads(connection)
        self.hashes = {row.id: row.hash for row in connection.execute(select(facts.c.id, facts.c.hash))}
        self.sums = {row.name: row.sum for row in connection.execute(select(streams))}
        for row in connection.execute(select(placed).order_by(placed.c.stream, placed.c.position)):
            self.placed[row.stream].append(row.fact)
            if row.position != len(self.placed[row.stream]):
                raise Broken("2 exactly once", f"a gap in {row.stream} at {row.position}")
        self.stale = stale(connection)
        self.aside = {row.fact: row.reason for row in connection.execute(select(quarantine))}
        self.sign_publics = keys.sign_publics

    def sum_of(self, name: str, upto: int) -> int:
        """The sum over a stream's facts up to a position, as docs/protocol.md says it."""
        found = [self.hashes[id] for id in self.placed[name][:upto]]
        return sum(int.from_bytes(one[:8], "big") for one in found) % 2**64

    def of(self, names: Iterable[str]) -> set[Ref]:
        """The aggregates that some streams hold."""
        return {self.facts[id].aggregate for name in names for id in self.placed.get(name, ())}


async def hold(world: World) -> None:
    """Raises Broken for the first that does not."""
    held = _held(world)
    _saved_is_kept(world, held)
    _exactly_once(held)
    _signed(world, held)
    for phone in world.phones:
        await _converges(world, phone)
    _chains(world, held)
    if world.read_anew:
        raise Broken("7 whole", f"read anew, since something was not there: {world.read_anew}")


def _held(world: World) -> Held:
    return world.endpoint.seen(Held, world.endpoint.keys)


def _saved_is_kept(world: World, held: Held) -> None:
    """1 and 2: what was said to be saved is at the endpoint, byte for byte what was stated."""
    for phone in world.phones:
        on_phone = {one.id for one in phone.store.set_aside()}
        for id, fact in phone.saved.items():
            if id in held.facts:
                if held.facts[id] != fact:
                    raise Broken("5 changed bytes", f"{fact.type} {id} is another at the endpoint")
            elif id in held.aside and id in on_phone:
                raise Broken("2 reaches the endpoint", f"{fact.type} {id} was set aside: {held.aside[id]}")
            elif id not in phone.may_be_lost:
                raise Broken("1 saved is kept", f"{fact.type} {id} of phone {phone.number} is nowhere")


def _exactly_once(held: Held) -> None:
    if held.stale:
        raise Broken("2 exactly once", f"stale documents: {held.stale}")
    for name, ids in held.placed.items():
        if len(set(ids)) != len(ids) or len(ids) != held.heads[name]:
            raise Broken("2 exactly once", f"{name} holds a fact twice, or its head is not its end")
        if held.sum_of(name, len(ids)) != held.sums[name]:
            raise Broken("7 whole", f"the sum of {name} is not that of its facts")


def _signed(world: World, held: Held) -> None:
    """4: nothing counts that its author's own key, on that device, did not sign."""
    if believed := world.forged & held.facts.keys():
        raise Broken("4 no signature without the key", f"forged: {sorted(believed)}")
    staff = {ref.id: one for ref, one in held.documents.items() if isinstance(one, StaffDocument)}
    publics = world.endpoint.database.read_now(_device_keys)
    for id, one in held.envelopes.items():
        fact = held.facts[id]
        if fact.device == "endpoint":
            keys = list(held.sign_publics)
        elif fact.author is None:
            keys = publics[fact.device]
        else:
            keys = [key.public for key in staff[fact.author].keys if key.device == fact.device]
        if not any(_verifies(one, key) for key in keys):
            raise Broken("4 no signature without the key", f"{fact.type} {id} by {fact.author}")
    known = [one for one in held.documents.values() if isinstance(one, DelegationDocument)]
    for document in held.documents.values():
        if isinstance(document, DoseDocument):
            for signature in document.standing:
                _in_order(signature, document, staff, known, held)


def _in_order(
    signature: Signature,
    dose: DoseDocument,
    staff: dict[str, StaffDocument],
    known: list[DelegationDocument],
    held: Held,
) -> None:
    """A signature is shown as in order when, and only when, the facts themselves say that it is."""
    if signature.outcome == "withheld":
        return
    shown = standing(
        Done(signature, _PLAN, dose.person or "", dose.unit), staff.get(signature.author), known, {}
    )
    roles = staff[signature.author].roles_in(dose.unit, local_day(signature.performed))
    right = Role.NURSE in roles or (
        Role.CARER in roles and _delegated(signature, dose.unit, held.facts.values())
    )
    if right != (shown != "without_delegation"):
        raise Broken("4 none in order without a delegation", f"{signature.fact}: {shown}, and it is {right}")


def _delegated(signature: Signature, unit: str, said: Iterable[Fact]) -> bool:
    """From what was issued, accepted and revoked alone, whenever it came."""
    bodies = [(fact, body_of(fact)) for fact in said if fact.aggregate.kind == "delegation"]
    for fact, body in bodies:
        if (
            not isinstance(body, DelegationIssued)
            or body.holder != signature.author
            or unit not in body.units
        ):
            continue
        others = [(one, what) for one, what in bodies if one.aggregate == fact.aggregate]
        accepted = any(
            isinstance(what, DelegationAccepted) and one.author == body.holder for one, what in others
        )
        revoked = any(
            isinstance(what, DelegationRevoked) and what.at <= signature.performed for _, what in others
        )
        if accepted and not revoked and body.start <= signature.performed <= body.end:
            return True
    return False


_PLAN: Plan = plan(requires=TASK)


def _verifies(one: Envelope, public: bytes) -> bool:
    try:
        one.verify(public)
    except SignatureError:
        return False
    return True


def _device_keys(connection: Connection) -> dict[str, list[bytes]]:
    from endpoint.schema import device_keys, devices

    found = {row.id: [row.public] for row in connection.execute(select(devices.c.id, devices.c.public))}
    for row in connection.execute(select(device_keys.c.device, device_keys.c.public)):
        found[row.device].append(row.public)
    return found


async def _converges(world: World, phone: Phone) -> None:
    """3: each of the phone's people sees what the endpoint has for them, and nothing of anybody else's."""
    if phone.store.device is None:
        return
    for slot in phone.store.slots():
        granted = world.endpoint.database.read_now(
            lambda c, staff=slot.staff: streams_now(c, staff, phone.store.device.unit, TIME.now())
        )
        if not granted or not await world.let(phone, slot.staff):
            continue
        session = await _read_all(world, phone, slot.staff, granted)
        if session is None:
            continue
        await world.until(lambda s=session: not phone.store.wanted(s), phone, "still wants something whole")
        held = _held(world)
        theirs = {ref for ref in held.of(granted) if ref.kind not in UNFOLDED}
        for ref in theirs:
            if session.document(ref.kind, ref.id) is None and _is_over(held.documents[ref]):
                # Left out of a first sync: somebody opens it.
                await phone.sync.bring(session, ref.kind, ref.id)
                world.counts["left out, then opened"] += 1
            if session.document(ref.kind, ref.id) != held.documents[ref]:
                raise Broken(
                    "3 converges", f"{ref.kind} {ref.id} is another for {slot.name} on phone {phone.number}"
                )
        _nothing_else(phone, session, theirs, held)
        _whole(phone, session, granted, held)
        if session.damage or phone.store.damage:
            raise Broken("5 changed bytes", f"phone {phone.number}: {session.damage or phone.store.damage}")
        phone.lock()


async def _read_all(world: World, phone: Phone, staff: str, granted: Iterable[str]) -> Unlocked | None:
    """Whoever is told to sign in anew does: their key ended while the phone was lost.

    None: they work here no longer, which the phone has just heard; their slot is gone.
    """
    ends = TIME.elapsed + PATIENCE_S
    while True:
        if staff in phone.sync.state.sign_in:
            await world.sign_in(phone, staff)
        heads = world.endpoint.seen(_heads)
        if phone.session and _all_read(phone, phone.session, granted, heads):
            return phone.session
        if staff not in {slot.staff for slot in phone.store.slots()} and not _works_here(world, phone, staff):
            return None
        if TIME.elapsed > ends:
            said = f"phone {phone.number} does not read to {granted}: {phone.sync.state}"
            raise Broken("2 reaches the endpoint", said)
        await asyncio.sleep(1.0)


def _works_here(world: World, phone: Phone, staff: str) -> bool:
    def works(connection: Connection) -> bool:
        assert phone.store.device
        [document] = documents.some(connection, StaffDocument, [staff])
        return phone_of(connection, phone.store.device.unit).works_here(document, TIME.now())

    return world.endpoint.database.read_now(works)


def _heads(connection: Connection) -> dict[str, int]:
    return {row.name: row.position for row in connection.execute(select(streams))}


def _all_read(phone: Phone, session: Unlocked, granted: Iterable[str], heads: dict[str, int]) -> bool:
    try:
        if _remembered(phone.store, session) != frozenset(granted):
            return False
        at = {name: phone.store.cursor(name, session) for name in granted if heads.get(name)}
    except StorageError:
        return False
    return all(text and text.endswith(f".{heads[name]}") for name, text in at.items())


def _is_over(document: Document) -> bool:
    closed = closed_at(document)
    return closed is not None and closed < TIME.now() - OVER


def _nothing_else(phone: Phone, session: Unlocked, theirs: set[Ref], held: Held) -> None:
    """What is on the phone for somebody came by their streams or the phone's unit's, or was said on it."""
    shared = held.of([f"unit:{session.unit}"])
    own = {
        fact.aggregate for fact in held.facts.values() if fact.device == (phone.store.device or session).id
    }  # type: ignore[union-attr]
    for kind in sorted(known_kinds()):
        for document in session.documents(kind):
            if Ref(kind, document.id) not in theirs | shared | own:
                raise Broken(
                    "3 nobody else", f"{session.name} sees {kind} {document.id} on phone {phone.number}"
                )


def _whole(phone: Phone, session: Unlocked, granted: Iterable[str], held: Held) -> None:
    """7: by count and sum each stream has brought what it has, and all of it is still there."""
    for name in granted:
        reached = phone.store.reached(name, session)
        if reached is None:
            if held.heads.get(name):
                raise Broken("7 whole", f"phone {phone.number} does not know what {name} has brought")
            continue
        tally, upto = reached.tally, reached.at.position
        if (tally.count, tally.sum) != (upto, held.sum_of(name, upto)):
            raise Broken("7 whole", f"phone {phone.number} has {tally} of {name} up to {upto}")
        if any(phone.store.lost(name, session)):
            raise Broken("7 whole", f"phone {phone.number} has lost something of {name}")


def _chains(world: World, held: Held) -> None:
    """5: a phone whose file was never put back leaves no gap and no number twice; one whose was, says so."""
    for phone in world.phones:
        device = phone.store.device
        if device is None:
            continue
        if phone.restored:
            went_on = [
                id for id in phone.may_be_lost & held.facts.keys() if held.facts[id].device == device.id
            ]
            if went_on and phone.store.mishap is None:
                raise Broken("5 chains", f"phone {phone.number} was put back, and does not say so")
            continue
        found = world.endpoint.database.read_now(lambda c, id=device.id: compared(c, [id]).get(id))
        if found and (found.missing or found.twice) and device.id not in world.forged_on:
            raise Broken("5 chains", f"phone {phone.number}: {found}")
