"""A simulator of locks and dispensers: they number what they see, keep what could not be sent, repeat it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from litestar.testing import AsyncTestClient


@dataclass
class Machine:
    """One machine of a unit. What it sees waits in it until it has been sent."""

    client: AsyncTestClient[Any]
    key: str
    name: str
    unit: str
    person: str = ""
    offline: bool = False
    waiting: list[dict[str, Any]] = field(default_factory=list)
    seen: int = 0

    async def opened(self, at: datetime, by: str = "") -> dict[str, str]:
        """A lock: somebody has opened it."""
        return await self._see("cabinet.opened", at, by=by)

    async def reports(self, outcome: str, at: datetime, planned: datetime | None = None) -> dict[str, str]:
        """A dispenser: "handed_out", "not_taken" or "reminded"."""
        when = {"planned": planned.isoformat()} if planned else {}
        return await self._see(f"dispenser.{outcome}", at, **when)

    async def _see(self, kind: str, at: datetime, **more: str) -> dict[str, str]:
        self.seen += 1
        event = {"id": str(self.seen), "kind": kind, "at": at.isoformat(), "machine": self.name}
        self.waiting.append(event | {"unit": self.unit, "person": self.person} | more)
        return {} if self.offline else await self.send()

    async def send(self, again: bool = False) -> dict[str, str]:
        """Send what waits; `again` keeps it, as when the answer was lost. Status by event id."""
        answer = await self.client.post(
            "/v1/machines/events",
            json={"events": self.waiting},
            headers={"Authorization": f"Bearer {self.key}"},
        )
        assert answer.status_code == 200, answer.text
        if not again:
            self.waiting = []
        return {one["id"]: one["status"] for one in answer.json()["results"]}
