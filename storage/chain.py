"""How a statement becomes a fact of this device: numbered, chained, timed and signed."""

import os
from datetime import datetime

from msgspec import Struct

from care.facts import Body, Clock, Fact, Ref, encode, raw, type_of
from care.ids import uuid7
from storage.keys import Signer
from storage.state import Chain
from wire.envelope import Envelope, hash_of

BREAK = 10**6
"""How far ahead numbering begins again where the end of the chain is not known."""


class Statement(Struct, frozen=True):
    """What somebody wants to state: of which aggregate, in which unit, about which care recipient."""

    body: Body
    aggregate: Ref
    unit: str
    person: str | None = None
    photo: str = ""
    """The photo in the draft that this names: its bytes are sent after it."""


class Stated(Struct, frozen=True):
    """A new fact, signed, and the chain's end after it."""

    fact: Fact
    envelope: Envelope
    hash: bytes
    """The envelope's."""
    chain: Chain


class Occasion(Struct, frozen=True):
    """Who states, on which device, and what time that device believes it is."""

    author: str | None
    device: str
    at: datetime
    clock: Clock | None


def state(statement: Statement, rank: int, chain: Chain, occasion: Occasion, signer: Signer) -> Stated:
    """The next fact of this device's chain."""
    fact_type, version = type_of(statement.body)
    fact = Fact(
        id=uuid7(int(occasion.at.timestamp() * 1000), os.urandom(10)),
        type=fact_type,
        version=version,
        aggregate=statement.aggregate,
        rank=rank,
        at=occasion.at,
        clock=occasion.clock,
        author=occasion.author,
        device=occasion.device,
        seq=chain.seq + 1,
        prev=chain.prev,
        unit=statement.unit,
        person=statement.person,
        body=raw(statement.body),
    )
    data = encode(fact)
    its_hash = hash_of(data)
    return Stated(fact, signer.stated(data), its_hash, Chain(fact.seq, its_hash.hex(), chain.before))


def anew(after: int) -> Chain:
    """The beginning of a new stretch, far beyond `after` and without a predecessor: that shows."""
    return Chain(after + BREAK, None, after + BREAK)
