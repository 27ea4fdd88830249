"""What a phone holds, as far as anybody has been promised it: the same for two phones that did the same.

Facts are called by type, device and number (``dose.given e1#7``): ids, keys and nonces are drawn anew in each
run, and what was promised is the same.
"""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from care.facts import Body, Fact, Ref, type_of
from tests.store_case import device

OURS = device().id
SHARED = frozenset({"dose"})
"""Kinds that everybody on the phone may read."""
Readable = dict[tuple[str, str], tuple[str, ...]]


class Held(Struct, frozen=True):
    """``made``: how many facts this phone has made. ``outbox``, ``aside``: by number, what waits and what is
    set aside. ``readable``: the facts of an aggregate, by owner (empty: everybody) and aggregate.
    ``purged``: what has left, and can be fetched back; the phone itself does not know what it was.
    ``drafts``: by owner and key. ``people``: the PIN and the wrong tries of each who has signed in."""

    unit: str = ""
    made: int = 0
    outbox: dict[int, str] = {}
    aside: dict[int, str] = {}
    readable: Readable = {}
    drafts: dict[tuple[str, str], str] = {}
    cursors: dict[str, str] = {}
    people: dict[str, tuple[str, int]] = {}
    purged: Readable = {}
    closing: bool = False
    closed: bool = False

    def seen(self) -> "Held":
        """What of it the phone can be asked for: nothing under the keys of somebody who cannot unlock."""
        people = {} if self.closing else self.people
        there = {"", *people} if people else set()
        return replace(
            self,
            people=people,
            purged={},
            readable={key: facts for key, facts in self.readable.items() if key[0] in there},
            drafts={key: words for key, words in self.drafts.items() if key[0] in there},
            cursors=self.cursors if people else {},
        )


def label(fact: Fact) -> str:
    return f"{fact.type} {fact.device[-1]}#{fact.seq}"


def made(held: Held, body: Body, ref: Ref, author: str | None) -> Held:
    """One more fact of this phone; without an author it is readable by nobody here."""
    seq = held.made + 1
    name = f"{type_of(body)[0]} {OURS[-1]}#{seq}"
    held = replace(held, made=seq, outbox={**held.outbox, seq: name})
    return held if author is None else came(held, ref, [name], author)


def came(held: Held, ref: Ref, names: Iterable[str], reader: str, without: Iterable[str] = ()) -> Held:
    """More facts of an aggregate, for everybody or for their reader."""
    key = "" if ref.kind in SHARED else reader, f"{ref.kind}/{ref.id}"
    facts = {*held.readable.get(key, ()), *names} - set(without)
    return replace(held, readable={**held.readable, key: tuple(sorted(facts))})


def differences(found: Held, expected: Held) -> list[str]:
    """In words, for whoever looks at a failing point."""
    pairs = [(name, getattr(found, name), getattr(expected, name)) for name in Held.__struct_fields__]
    return [
        f"{name}: found {_new(is_, was)}, expected {_new(was, is_)}" for name, is_, was in pairs if is_ != was
    ]


def _new(one: object, other: object) -> object:
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: value for key, value in one.items() if other.get(key) != value}
    return one
