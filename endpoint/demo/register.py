"""What the demo needs of an endpoint: to read a document and to state a fact."""

from datetime import datetime
from typing import Protocol

from care.documents import Document, fold
from care.facts import ENDPOINT, Body, Fact, Ref, raw, type_of
from care.ids import uuid7
from endpoint import documents
from endpoint.database import Database
from endpoint.keys import Keys
from endpoint.statements import Statement, state


class Register(Protocol):
    """Where the demo is written. `EndpointRegister` writes to an endpoint; tests write to memory."""

    async def get(self, kind: str, id: str) -> Document | None: ...

    async def state(
        self,
        body: Body,
        aggregate: Ref,
        unit: str,
        person: str | None = None,
        author: str = ENDPOINT,
        at: datetime | None = None,
    ) -> None: ...


class EndpointRegister:
    """An endpoint in the same process."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self.database = database
        self._keys = keys

    async def get(self, kind: str, id: str) -> Document | None:
        return await documents.get(self.database, kind, id)

    async def state(
        self,
        body: Body,
        aggregate: Ref,
        unit: str,
        person: str | None = None,
        author: str = ENDPOINT,
        at: datetime | None = None,
    ) -> None:
        await state(self.database, self._keys, Statement(body, aggregate, unit, person, at), author)


class MemoryRegister:
    """A register without an endpoint: facts in memory, folded when asked for."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.facts: dict[Ref, list[Fact]] = {}

    async def get(self, kind: str, id: str) -> Document | None:
        facts = self.facts.get(Ref(kind, id))
        return fold(kind, id, facts) if facts else None

    async def state(
        self,
        body: Body,
        aggregate: Ref,
        unit: str,
        person: str | None = None,
        author: str = ENDPOINT,
        at: datetime | None = None,
    ) -> None:
        facts = self.facts.setdefault(aggregate, [])
        seq = self.count + 1
        fact_type, version = type_of(body)
        facts.append(
            Fact(
                id=uuid7(int(self.now.timestamp() * 1000), seq.to_bytes(10, "big")),
                type=fact_type,
                version=version,
                aggregate=aggregate,
                rank=len(facts) + 1,
                at=at or self.now,
                author=author,
                device=ENDPOINT,
                seq=seq,
                unit=unit,
                person=person,
                body=raw(body),
            )
        )

    @property
    def count(self) -> int:
        """How many facts have been stated."""
        return sum(len(facts) for facts in self.facts.values())

    def all(self, kind: str) -> list[Document]:
        """Every document of a kind."""
        return [fold(kind, ref.id, facts) for ref, facts in self.facts.items() if ref.kind == kind]
