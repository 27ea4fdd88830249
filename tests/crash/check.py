"""A folder after the end: opened as the app opens it, looked through, and written to once more."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from msgspec import Struct

from care.documents import fold
from storage import BeingClosed, FileSecret, NotEnrolled, Store, Unlocked, WrongPin, keys, open_store
from storage.keys import SCRYPT_N
from storage.slots import MOST_TRIES
from tests.crash.acts import SEAL
from tests.crash.held import OURS, SHARED, Held, Readable, differences, label
from tests.crash.shift import KINDS, PINS, STREAMS, WRONG_PIN, numbered
from tests.store_case import NOON, Time, fallen
from wire.envelope import Envelope, envelope
from wire.seal import Opener, Sealed

_fact = cache(Envelope.fact)
"""Thousands of images hold the same few facts."""


class Lost(Exception):
    """A phone that is not as it was promised."""


@contextmanager
def stretched_once() -> Iterator[None]:
    """Within, a PIN is stretched once for each slot: thousands of images hold the same few slots. What is
    locked anew here, as under newer keys at an unlock, draws the same salt each time."""
    with (
        patch.object(keys, "_kek", cache(keys._kek)),
        patch.object(keys, "os", SimpleNamespace(urandom=bytes)),
        patch.object(keys, "measured", lambda: SCRYPT_N),
    ):
        yield


def check(folder: Path, may_be: Sequence[Held], secret: bytes) -> None:
    """Raise Lost unless what is held is one of these, and one more fact finds its place.

    `secret`: the device secret that the phone began with; gone, once the phone has been closed for ever.
    """
    try:
        store = open_store(folder / "rapp.db", FileSecret(folder / "secret"), Time(NOON + timedelta(days=1)))
        try:
            _same("mishap", store.mishap, None)
            found = look(store, folder)
            if found not in [one.seen() for one in may_be]:
                raise Lost("\n or ".join("; ".join(differences(found, one.seen())) for one in may_be))
        finally:
            store.close()
    except Lost:
        raise
    except Exception as error:
        raise Lost(f"{type(error).__name__}: {error}") from error
    if found.closed and any(secret in path.read_bytes() for path in folder.iterdir()):
        raise Lost("the phone is closed, and its secret is still there")
    with closing(sqlite3.connect(folder / "rapp.db")) as rows:
        if (said := rows.execute("PRAGMA integrity_check").fetchall()) != [("ok",)]:
            raise Lost(f"integrity: {said}")


def look(store: Store, folder: Path) -> Held:
    """What is held, by what the store says; it must all agree. Raises Lost."""
    people = {slot.staff: _unlock(store, slot.staff) for slot in store.slots()} if _open(store) else {}
    sealed = _sealed(folder / "rapp.db")
    opened = {one.id: envelope(Opener(SEAL).open(one, OURS)) for one in sealed}
    waiting = {one.id for one in store.waiting(10**6)}
    aside = {one.id for one in store.set_aside()}
    _same("outbox", waiting | aside, set(opened))
    counts = store.counts()
    _same("counts", counts.waiting + counts.quiet + counts.needs_action, len(sealed))
    seen = [_seen(store, me) for me, _, _ in people.values()]
    for one in seen[1:]:
        _same("what everybody reads", one.for_all, seen[0].for_all)
    _same("damage", store.damage, [])
    known = [*opened.values(), *(envelope for one in seen for envelope in one.envelopes)]
    device = store.device
    return Held(
        unit=device.unit if device else "",
        outbox=dict(_named(opened, waiting)),
        aside=dict(_named(opened, aside)),
        readable={key: facts for one in seen for key, facts in one.readable.items()},
        drafts={key: words for one in seen for key, words in one.drafts.items()},
        cursors={stream: at for one in seen for stream, at in one.cursors.items()},
        people={staff: (pin, tries) for staff, (_, pin, tries) in people.items()},
        closing=store.keeper.closing,
        closed=store.keeper.closed is not None,
        made=_chain(store, known),
    )


class _Seen(Struct, frozen=True):
    """What one person sees."""

    readable: Readable
    drafts: dict[tuple[str, str], str]
    cursors: dict[str, str]
    envelopes: list[Envelope]

    @property
    def for_all(self) -> Readable:
        return {key: facts for key, facts in self.readable.items() if key[0] == ""}


def _seen(store: Store, me: Unlocked) -> _Seen:
    aggregates = dict(_readable(me))
    _same(f"damage of {me.staff}", me.damage, [])
    theirs = (stream for stream in STREAMS if stream in (f"staff:{me.staff}", f"unit:{me.unit}"))
    return _Seen(
        readable={
            key: tuple(sorted(label(_fact(one)) for one in envelopes))
            for key, envelopes in aggregates.items()
        },
        drafts={(me.staff, name): (me.draft(name) or b"").decode() for name, _ in me.drafts()},
        cursors={stream: at for stream in theirs if (at := store.cursor(stream, me))},
        envelopes=[one for envelopes in aggregates.values() for one in envelopes],
    )


def _sealed(path: Path) -> list[Sealed]:
    """Every row of the outbox, as it stands in the file."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as rows:
        return [Sealed(*row) for row in rows.execute("SELECT id, enc, box FROM outbox")]


def _open(store: Store) -> bool:
    try:
        store.keeper.check_open()
    except (BeingClosed, NotEnrolled):
        return False
    return True


def _unlock(store: Store, staff: str) -> tuple[Unlocked, str, int]:
    """Somebody's session, the PIN that opened it, and how many wrong tries were counted before."""
    tries = 0
    try:
        store.unlock(staff, WRONG_PIN)
    except WrongPin as error:
        tries = MOST_TRIES - error.tries_left - 1
    for pin in PINS:
        try:
            return store.unlock(staff, pin), pin, tries
        except WrongPin:
            pass
    raise Lost(f"no PIN opens the slot of {staff}")


def _readable(me: Unlocked) -> Iterator[tuple[tuple[str, str], list[Envelope]]]:
    """Each aggregate that somebody may read, with its facts: they make its document."""
    for kind in KINDS:
        for document in me.documents(kind):
            envelopes = me.envelopes(kind, document.id)
            _same(
                f"{kind} {document.id}", document, fold(kind, document.id, [_fact(one) for one in envelopes])
            )
            yield ("" if kind in SHARED else me.staff, f"{kind}/{document.id}"), envelopes


def _named(opened: dict[str, Envelope], ids: set[str]) -> Iterator[tuple[int, str]]:
    for fact in (_fact(opened[id]) for id in ids):
        yield fact.seq, label(fact)


def _chain(store: Store, known: list[Envelope]) -> int:
    """How many facts the phone has made: found by making one more, which must follow the last one."""
    if store.device is None:
        return 0
    more = store.report(fallen("efteråt"), numbered("deviation", 999), store.device.unit)
    (box,) = (one for one in store.waiting(10**6) if one.id == more.id)
    made = {
        fact.seq: (fact, one.hash.hex())
        for one in [*known, envelope(Opener(SEAL).open(box, OURS))]
        if (fact := _fact(one)).device == OURS
    }
    for seq, (fact, _) in made.items():
        if seq == 1 or seq - 1 in made:
            _same(f"what is before #{seq}", fact.prev, made[seq - 1][1] if seq > 1 else None)
    return more.seq - 1


def _same(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise Lost(f"{what}: {found}, not {expected}")
