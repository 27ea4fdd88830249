"""Sign-in: in the system browser, at the organisation's own provider; the phone never sees a password.

The phone starts it and shows a number, waits until the browser is done, lets the person confirm the name, and
then makes a signing key for them, which the endpoint certifies.
"""

import asyncio

from storage import Store, Unlocked
from storage.pins import check_pin
from sync.backoff import TRIES
from sync.errors import BadAnswer, Offline
from sync.session import Sessions
from wire.messages import Certified, CertifyRequest, SignInStarted, SignInState
from wire.signature import Context, new_key, public_of, sign

_POLL_S = 1.0


async def start(sessions: Sessions) -> SignInStarted:
    """Begin: where the browser is to go, and the number that both screens show. Raises SyncError."""
    return await sessions.ask(
        None, lambda token: sessions.link.post("/v1/signin", None, SignInStarted, token)
    )


async def wait(sessions: Sessions, started: SignInStarted, every: float = _POLL_S) -> SignInState:
    """Wait until the browser is done, whatever the network does meanwhile. Raises SyncError but Offline."""
    while True:
        try:
            state = await sessions.ask(
                None, lambda token: sessions.link.get(f"/v1/signin/{started.id}", SignInState, token)
            )
        except Offline:
            # The app is behind the browser now, and coverage may come and go with it.
            if sessions.now() >= started.expires:
                return SignInState(state="expired")
        else:
            if state.state != "waiting":
                return state
        await asyncio.sleep(every)


async def certify(
    sessions: Sessions, store: Store, started: SignInStarted, person: SignInState, pin: str
) -> Unlocked:
    """Make the person's signing key on this phone, have it certified, and open their slot with a new PIN.

    Raises SyncError, and StorageError (PinRule before anything is asked of the endpoint).
    """
    if person.state != "done" or not person.staff:
        raise BadAnswer("sign-in: not done")
    check_pin(pin)
    staff, private = person.staff, new_key()
    request = CertifyRequest(
        public=public_of(private),
        proof=sign(private, Context.CERTIFY, (started.id + staff).encode()),
    )
    path = f"/v1/signin/{started.id}/certify"
    # The answer may be lost on the way: a sign-in certifies one key, but the same key gets the same answer.
    certified = await sessions.ask(
        None, lambda token: sessions.link.post(path, request, Certified, token, tries=TRIES)
    )
    if certified.staff != staff:
        raise BadAnswer("certified: somebody else")
    unlocked = store.set_slot(
        staff=staff,
        name=person.name,
        title=person.title,
        language=person.language,
        pin=pin,
        signing_key=private,
        phone_key=certified.phone_key,
        own_key=certified.own_key,
        certified_until=certified.end,
        sign_in_by=certified.sign_in_by,
    )
    # The endpoint is told who has a slot here: only of those it can say that theirs has ended.
    sessions.tell_anew()
    sessions.news = True
    return unlocked
