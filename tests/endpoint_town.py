"""Two units and their people at an in-process endpoint, for tests of it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from litestar.testing import TestClient
from sqlalchemy import select

from care.documents import Document, document_type, fold
from care.facts import ENDPOINT, Body, Fact, Ref
from care.rights import Role
from care.staff import RoleInUnit, StaffSet
from care.unit import UnitSet
from care.viewing import UNFOLDED
from endpoint import documents
from endpoint.aggregates import aggregate_name
from endpoint.database import Database
from endpoint.parts import Now, Parts, utc_now
from endpoint.schema import documents as documents_table
from endpoint.schema import facts, placed, streams
from endpoint.statements import Statement, state_all
from tests.endpoint_phone import Phone
from tests.endpoint_server import enrol_code, in_process, parts_of
from tests.statements import AMINA, KARIN, OTHER_UNIT, TESFAY, UNIT
from wire.envelope import envelope

MANAGER = "88888888-8888-5888-8888-888888888888"
ADMINISTRATOR = "99999999-9999-5999-8999-999999999999"
_START = date(2025, 1, 1)
STAFF = {
    AMINA: ("Amina Yusuf", Role.CARER, UNIT),
    TESFAY: ("Tesfay Mehari", Role.CARER, OTHER_UNIT),
    KARIN: ("Karin Ström", Role.NURSE, UNIT),
    MANAGER: ("Lena Backlund", Role.UNIT_MANAGER, UNIT),
    ADMINISTRATOR: ("Johan Berg", Role.ADMINISTRATOR, UNIT),
}


class Town:
    """The endpoint, and shortcuts to what it holds."""

    def __init__(self, client: TestClient[Any]) -> None:
        self.client = client
        self.parts: Parts = parts_of(client)

    @property
    def database(self) -> Database:
        return self.parts.database

    def phone(self, *staff: str, unit: str = UNIT) -> Phone:
        """An enrolled phone on which these people have signed in."""
        phone = Phone(self.client, enrol_code(self.database, unit))
        for one in staff:
            phone.sign_in(one)
        return phone

    def state(
        self, body: Body, aggregate: Ref, unit: str = UNIT, person: str | None = None, author: str = ENDPOINT
    ) -> Fact:
        statement = Statement(body, aggregate, unit, person)
        return asyncio.run(state_all(self.database, self.parts.keys, [statement], author))[0]

    def employ(self, staff: str, *roles: RoleInUnit) -> None:
        name = STAFF[staff][0] if staff in STAFF else "Nyanställd"
        body = StaffSet(name=name, title="assistant_nurse", roles=roles)
        self.state(body, Ref("staff", staff), UNIT)

    def document(self, kind: str, id: str) -> Document | None:
        return asyncio.run(documents.get(self.database, kind, id))

    def read(self, work: Callable[..., Any]) -> Any:
        return self.database.read_now(work)

    def contents(self) -> dict[str, set[str]]:
        """The ids of the facts in each stream; asserts that positions are gapless up to the head."""
        found: dict[str, list[tuple[int, str]]] = {}
        rows, heads = self.read(
            lambda c: (
                c.execute(select(placed).order_by(placed.c.position)).all(),
                {row.name: row.position for row in c.execute(select(streams))},
            )
        )
        for row in rows:
            found.setdefault(row.stream, []).append((row.position, row.fact))
        for name, held in found.items():
            assert [position for position, _ in held] == list(range(1, heads[name] + 1)), name
            assert len({fact for _, fact in held}) == len(held), f"{name} holds a fact twice"
        return {name: {fact for _, fact in held} for name, held in found.items()}

    def stale(self) -> list[str]:
        """Aggregates whose row is not what their facts fold into."""
        rows, stored = self.read(
            lambda c: (
                c.execute(select(facts.c.envelope).where(facts.c.erased.is_(None))).scalars().all(),
                c.execute(select(documents_table)).all(),
            )
        )
        by_name: dict[str, list[Fact]] = {}
        for data in rows:
            fact = envelope(data).fact()
            if fact.aggregate.kind not in UNFOLDED:
                by_name.setdefault(aggregate_name(fact.aggregate), []).append(fact)
        import msgspec

        wrong = []
        for row in stored:
            fresh = fold(row.kind, row.id, by_name.get(row.aggregate, []))
            if row.document is None or fresh != msgspec.json.decode(
                row.document, type=document_type(row.kind)
            ):
                wrong.append(row.aggregate)
        return wrong + sorted(by_name.keys() - {row.aggregate for row in stored})


@contextmanager
def town(data: Path, database_url: str | None = None, now: Now = utc_now) -> Iterator[Town]:
    """An endpoint with two units and five people."""
    with in_process(data, database_url, now) as client:
        made = Town(client)
        for unit, name in ((UNIT, "Granen"), (OTHER_UNIT, "Hemvården")):
            body = UnitSet(name=name, kind="residential", provider="p", provider_name="Provkommun")
            made.state(body, Ref("unit", unit), unit)
        for id, (_, role, unit) in STAFF.items():
            made.employ(id, RoleInUnit(role, unit, _START))
        yield made
