"""Mistakes put into the product, to see that the simulation finds them."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

from msgspec.structs import replace

from care.facts import Ref
from endpoint import batches, publish, verifying
from endpoint.record import Record, Recorded
from storage import Store, Unlocked, pages, restored
from storage.outbox import Outbox
from wire.messages import Page

Mistake = tuple[object, str, Callable[..., Any]]
_oldest, _taken_in = Outbox.oldest, batches.record
_take, _by_aggregate, _take_page = pages.take, pages.by_aggregate, Store.take_page


def _sent_is_gone(self: Outbox, connection: Any, limit: int, after: str | None) -> Any:
    found, damaged = _oldest(self, connection, limit, after)
    connection.executemany("DELETE FROM outbox WHERE id = ?", [(one.id,) for one in found])
    return found, damaged


def _all_but_the_last(connection: Any, stream: str, facts: Any, ring: Any) -> dict[Ref, Any]:
    placed = list(facts)
    return _by_aggregate(connection, stream, placed[:-1] if len(placed) > 1 else placed, ring)


def _short(file: Any, connection: Any, page: Page, reader: Any) -> Any:
    with patch.object(pages, "by_aggregate", _all_but_the_last):
        return _take(file, connection, page, reader)


def _let_go(self: Store, page: Page, unlocked: Unlocked) -> list[Ref]:
    """Once in an app's life: something that a page brought is deleted, without a trace, after the cursor has
    passed it."""
    changed = _take_page(self, page, unlocked)
    for ring in self._file.open_rings if not hasattr(self, "let_go") else ():
        for aggregate in map(ring.facts.lookup, changed):
            where = f"WHERE ring = x'{ring.id.hex()}' AND aggregate = x'{aggregate.hex()}'"
            with self._database.writing() as connection:
                if connection.execute(f"SELECT count(*) FROM facts {where}").fetchone()[0] != 1:
                    continue
                for table in ("facts", "documents"):
                    connection.execute(f"DELETE FROM {table} {where}")
            ring.forget({aggregate})
            self.let_go = True  # type: ignore[attr-defined]
            return changed
    return changed


def _lying(connection: Any, arrivals: Any, now: Any) -> Record:
    done = _taken_in(connection, arrivals[:1], now)
    said = [Recorded(one.fact.id, one.envelope.hash, "accepted") for one in arrivals[1:]]
    return replace(done, results=[*done.results, *said])


WAYS: dict[str, tuple[Mistake, int]] = {
    "what was sent leaves the outbox unanswered": ((Outbox, "oldest", _sent_is_gone), 2),
    "the endpoint believes any signature": ((verifying, "holds", lambda *_: True), 2),
    "what came by a lost stream is kept": ((Store, "drop_stream", lambda *_: None), 13),
    "the cursor passes a fact that was not stored": ((pages, "take", _short), 1),
    "a file that was put back goes on unseen": ((restored, "begin_anew", lambda *_: None), 7),
    "what a page brought is deleted after it": ((Store, "take_page", _let_go), 3),
    "what is sent again is placed again": ((publish, "_has", lambda connection, aggregates: set()), 1),
    "a batch is answered before it is recorded": ((batches, "record", _lying), 1),
}
"""Each with a seed that finds it."""


def made(way: str) -> ExitStack:
    """While it is open the mistake is made."""
    stack = ExitStack()
    (where, name, instead), _ = WAYS[way]
    stack.enter_context(patch.object(where, name, instead))
    return stack
