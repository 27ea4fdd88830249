"""A console in a test: the endpoint in this process, Provkommun in it, and cases as phones record them."""

import asyncio
import atexit
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar
from litestar.testing import AsyncTestClient
from msgspec import Raw

from care.deviation import Category, DeviationReported
from care.facts import Body, Ref
from care.forms import Answers, Coding, to_response
from care.published import Answered
from care.sbar import SbarRecorded
from endpoint import keys
from endpoint.app import create_app
from endpoint.console.answers import forms
from endpoint.console.routes import console
from endpoint.database import Database
from endpoint.demo import names
from endpoint.demo.load import load
from endpoint.demo.register import EndpointRegister
from endpoint.identity import console_session
from endpoint.identity.demo import DemoProvider
from endpoint.migrate import migrate
from endpoint.parts import Parts, utc_now
from endpoint.settings import Settings
from endpoint.statements import Statement, state

FORM = "https://rapp.example/fhir/Questionnaire/"
GRANEN, NORR = names.UNITS["Granen"], names.UNITS["Hemtjänst Norr"]


def code(value: str) -> Coding:
    return Coding(value, "", "")


ASTA: Answers = {
    "s.problem": [code("breathing")],
    "s.words": ["Andfådd och kallsvettig sedan 06."],
    "b.conditions": ["Hjärtsvikt. Antibiotika mot UVI."],
    "a.airway.free": [code("clear")],
    "a.respiration": [22],
    "a.spo2": [94],
    "a.oxygen": [False],
    "a.pulse": [112],
    "a.systolic": [104],
    "a.diastolic": [60],
    "a.consciousness": [code("A")],
    "a.temperature": [Decimal("38.4")],
    "r.wish": [code("assess")],
    "r.soon": [code("now")],
}
"""Script 1: NEWS2 = 7."""

BROR: Answers = {
    "fall.headHit": [code("yes")],
    "fall.bloodThinner": [code("yes")],
    "fall.newPain": [code("no")],
    "fall.canStand": [code("unknown")],
    "fall.confused": [code("no")],
    "fall.place": [code("bathroom")],
    "fall.movement": [code("walking")],
    "fall.witnessed": [code("no")],
    "fall.harm": [code("mild")],
    "fall.injury": [code("bump")],
    "fall.words": ["På väg från toaletten i strumplästen. Släckt. Bula i pannan."],
}
"""Script 2."""


def answered(form: str, answers: Answers, at: datetime) -> Answered:
    response = to_response(forms()[FORM + form], answers, at.isoformat())
    return Answered(FORM + form, "1", Raw(msgspec.json.encode(response)))


class World:
    """The endpoint, a browser without scripts, and the hands that phones would be."""

    def __init__(self, app: Litestar, client: AsyncTestClient[Litestar]) -> None:
        self.client = client
        self.parts: Parts = app.state.parts
        self.now = datetime.now(UTC)

    async def sign_in(self, name: str) -> None:
        self.client.cookies.clear()
        cookie = await console_session.create(
            self.parts.database, self.parts.settings, names.STAFF[name], self.now
        )
        assert cookie.value is not None
        self.client.cookies.set(cookie.key, cookie.value)

    async def see(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(f"/console{path}")
        assert answer.status_code == status, (path, answer.status_code, answer.text[:400])
        return answer.text

    async def send(self, path: str, data: dict[str, Any] | None = None, site: str = "same-origin") -> Any:
        return await self.client.post(
            f"/console{path}", data=data or {}, headers={"Sec-Fetch-Site": site}, follow_redirects=False
        )

    async def says(
        self, name: str | None, body: Body, ref: Ref, unit: str, who: str | None = None, **at: Any
    ) -> None:
        statement = Statement(body, ref, unit, names.RESIDENTS[who] if who else None, **at)
        author = names.STAFF[name] if name else "endpoint"
        await state(self.parts.database, self.parts.keys, statement, author)

    async def sbar(
        self,
        who: str = "Asta Provdahl",
        answers: Answers | None = None,
        ago: int = 2,
        by: str = "Amina Yusuf",
        unit: str = GRANEN,
        prompted_by: str = "",
    ) -> str:
        id, at = str(uuid.uuid4()), self.now - timedelta(minutes=ago)
        body = SbarRecorded(answers=answered("sbar", answers or ASTA, at), prompted_by=prompted_by)
        await self.says(by, body, Ref("sbar", id), unit, who, at=at)
        return id

    async def deviation(
        self,
        who: str | None = "Bror Exempelsson",
        answers: Answers | None = None,
        ago: int = 6,
        by: str = "Amina Yusuf",
        category: Category = "fall",
        danger: tuple[str, ...] = ("fall.headHit", "fall.bloodThinner"),
        unit: str = GRANEN,
    ) -> str:
        id, at = str(uuid.uuid4()), self.now - timedelta(minutes=ago)
        form = "fall" if category == "fall" else "deviation"
        body = DeviationReported(
            category=category, answers=answered(form, answers or BROR, at), occurred=at, danger=danger
        )
        await self.says(by, body, Ref("deviation", id), unit, who, at=at)
        return id


@cache
def filled() -> Path:
    """An endpoint's folder with Provkommun's people, orders and delegations, made once per run."""
    folder = Path(tempfile.mkdtemp(prefix="rapp-console-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    database = Database(Settings(data=folder).database)
    migrate(database)
    register = EndpointRegister(database, keys.load(folder / "endpoint.keys", database))
    asyncio.run(load(register, datetime.now(UTC), past=False))
    database.close()
    return folder


@cache
def _routed() -> Litestar:
    """An endpoint with its routes, which take longer to make than a test takes."""
    folder = Path(tempfile.mkdtemp(prefix="rapp-routes-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    app = create_app(Settings(data=folder, demo=True), [console])
    app.state.parts.database.close()
    return app


def routed(settings: Settings) -> Litestar:
    """The endpoint with settings of the demo; one at a time: all share their routes, and nothing else."""
    app = _routed()
    settings.data.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    held = keys.load(settings.key_file, database)
    app.state.parts = Parts(settings, database, held, DemoProvider(settings), utc_now)
    app.state.limiter.__init__()  # nobody has called yet
    return app


@asynccontextmanager
async def world(folder: Path, made: Path | None = None) -> AsyncIterator[World]:
    """A console over Provkommun: everybody is there, nothing has been signed or said; or what was `made`."""
    source = made or await asyncio.to_thread(filled)
    shutil.copytree(source, folder, dirs_exist_ok=True)
    app = routed(Settings(data=folder, demo=True))
    async with AsyncTestClient(app, base_url="http://testserver.local") as client:
        yield World(app, client)
