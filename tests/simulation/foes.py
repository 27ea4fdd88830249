"""Somebody who has a phone's token, and wants the endpoint to believe what was not said."""

import random

import httpx

from care.dose import DoseGiven
from care.facts import Fact, Ref, encode, raw, type_of
from care.ids import dose_id, uuid7
from care.signing import local_day
from sync.push import send
from tests.simulation.phone import Phone
from tests.simulation.town import ORDERS, PERSONS
from tests.simulation.virtual import CHANCE
from tests.statements import SLOT
from wire.encoding import decode
from wire.envelope import stated
from wire.messages import (
    Receipt,
    Signed,
)
from wire.seal import Sealer
from wire.signature import new_key


async def forge(phone: Phone, author: str, forged: set[str]) -> str:
    """A signature in a colleague's name, by a key that is nobody's."""
    device, sessions = phone.store.device, phone.sync._sessions
    if device is None or sessions is None:
        return "could not be"
    person = PERSONS[device.unit][0]
    now = phone.wall()
    order = ORDERS[person]
    body = DoseGiven(order=order, planned=now, performed=now, amount="1", order_fact=order)
    fact_type, version = type_of(body)
    fact = Fact(
        id=uuid7(int(now.timestamp() * 1000), CHANCE.bytes(10)),
        type=fact_type,
        version=version,
        aggregate=Ref("dose", dose_id(order, local_day(now), SLOT)),
        rank=1,
        at=now,
        author=author,
        device=device.id,
        seq=900_000_000 + len(forged),
        unit=device.unit,
        person=person,
        body=raw(body),
    )
    forged.add(fact.id)
    sealed = Sealer(device.seal_public, device.id).seal(fact.id, bytes(stated(encode(fact), new_key())))
    return _of(await send(sessions, [sealed]))


async def replay(phone: Phone, phones: list[Phone], number: int) -> str:
    """What another phone has sent, once more in this one's name."""
    sent = [one for other in phones if other is not phone for one in other.network.sent]
    sessions = phone.sync._sessions
    if not sent or sessions is None:
        return "could not be"
    request, body = random.Random(number).choice(sent)

    async def ask(token: str) -> Signed:
        headers = dict(request.headers) | {"authorization": f"Bearer {token}"}
        again = httpx.Request(
            request.method, request.url, headers=headers, content=body, extensions=request.extensions
        )
        answer = await phone.network.handle_async_request(again)
        return decode(await answer.aread(), Signed)

    try:
        signed = await sessions.ask(None, ask)
        return _of(decode(signed.data, Receipt))
    except Exception:
        return "could not be"


def _of(receipt: Receipt) -> str:
    return ", ".join(f"{one.status} {one.reason or ''}".strip() for one in receipt.results)
