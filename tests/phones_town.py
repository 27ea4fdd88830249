"""Phones as the app runs them, against the real endpoint in this process."""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from litestar.testing import TestClient
from sqlalchemy import select

from care.facts import ENDPOINT, Body, Ref
from care.rights import Role
from care.staff import RoleInUnit, StaffDocument, StaffSet
from care.unit import OnCall, UnitSet
from endpoint import devices, documents, standing
from endpoint.app import create_app
from endpoint.database import Database
from endpoint.parts import Parts
from endpoint.schema import devices as devices_table
from endpoint.schema import facts
from endpoint.settings import Settings
from endpoint.statements import Statement as Said
from endpoint.statements import write
from storage import Unlocked
from sync import Link
from tests.phones import PIN, Phone, until
from tests.statements import AMINA, KARIN, OTHER_UNIT, TESFAY, UNIT

URL = "https://rapp.example.se"
MANAGER = "88888888-8888-5888-8888-888888888888"
_NAMES = {AMINA: "Amina Yusuf", KARIN: "Karin Ström", TESFAY: "Tesfay Mehari"}


class Line(httpx.AsyncBaseTransport):
    """The line between phones and endpoint. `away` cuts it, `lose` drops the answers of some paths once,
    `cut_after` drops the answer of a path and cuts the line then, `slow` keeps those of some paths under
    way."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx.ASGITransport(app)
        self.away = False
        self.lose: set[str] = set()
        self.slow: set[str] = set()
        self.cut_after = ""
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("no route to host", request=request)
        path = request.url.path
        self.asked.append(path)
        answer = await self._inner.handle_async_request(request)
        await until(lambda: path not in self.slow)
        if path == self.cut_after:
            self.cut_after, self.away = "", True
            raise httpx.ReadError("the line broke", request=request)
        if path in self.lose:
            self.lose.discard(path)
            raise httpx.ReadError("the line broke", request=request)
        return answer


class Town:
    """The endpoint with two units, its phones, and a clock that can be moved ahead."""

    def __init__(self, folder: Path) -> None:
        self.ahead = timedelta()
        self._folder = folder
        settings = Settings(data=folder / "endpoint", demo=True, public_url=URL)
        self.app = create_app(settings, now=self.now)
        self.parts: Parts = self.app.state.parts
        self.line = Line(self.app)
        self.phones: list[Phone] = []

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    @property
    def database(self) -> Database:
        return self.parts.database

    def say(
        self, body: Body, ref: Ref, unit: str = UNIT, person: str | None = None, author: str = ENDPOINT
    ) -> None:
        said = [Said(body, ref, unit, person)]
        _, done = self.database.write_now(lambda c: write(c, self.parts.keys, said, author))
        self.database.wake.up(done.woken)

    def employ(self, staff: str, *roles: RoleInUnit) -> None:
        body = StaffSet(name=_NAMES[staff], title="assistant_nurse", roles=roles)
        self.say(body, Ref("staff", staff))

    def decide(self, what: Callable[..., frozenset[str]], *given: Any) -> None:
        """As the console does: close, lose, reopen, move, renew_key."""
        woken = self.database.write_now(lambda c: what(c, *given, MANAGER, self.now()))
        self.database.wake.up(woken)

    def lose(self, device: str) -> None:
        woken = self.database.write_now(
            lambda c: standing.lose(c, self.parts.keys, device, MANAGER, self.now())
        )
        self.database.wake.up(woken)

    async def phone(self, unit: str = UNIT, name: str = "Telefon 3") -> Phone:
        phone = self.start(f"phone-{len(self.phones)}")
        code = self.database.write_now(lambda c: devices.new_code(c, unit, name, self.now()))
        await phone.sync.enrol(URL, code, name)
        return phone

    def start(self, name: str) -> Phone:
        """The app on a phone, begun, or begun again after it was killed."""
        phone = Phone(self._folder / name, lambda url: Link(url, self.line))
        self.phones.append(phone)
        return phone

    async def sign_in(self, phone: Phone, staff: str, pin: str = PIN) -> Unlocked:
        started = await phone.sync.start_sign_in()
        async with httpx.AsyncClient(transport=self.line, base_url=URL) as browser:
            answer = await browser.post(f"/demo/signin/{started.id}", data={"staff": staff})
        assert answer.is_success
        found = await phone.sync.wait_for_sign_in(started)
        return await phone.sync.certify(started, found, pin)

    def row(self, phone_id: str) -> Any:
        query = select(devices_table).where(devices_table.c.id == phone_id)
        return self.database.read_now(lambda c: c.execute(query).one())

    def staff(self, id: str) -> StaffDocument:
        found = self.database.read_now(lambda c: documents.one(c, StaffDocument, id))
        assert found
        return found

    def held(self) -> set[str]:
        return set(self.database.read_now(lambda c: c.scalars(select(facts.c.id)).all()))


@cache
def filled() -> Path:
    """An endpoint's folder with two units and three people, made once per run."""
    folder = Path(tempfile.mkdtemp(prefix="rapp-phones-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with TestClient(create_app(Settings(data=folder / "endpoint", demo=True, public_url=URL))):
        # Its life makes the tables, and is over: the phones meet the application itself.
        pass
    made = Town(folder)
    for unit, name, nurse in ((UNIT, "Granen", "Karin"), (OTHER_UNIT, "Björken", "Sara")):
        call = (OnCall(nurse, "070-1740605"),)
        body = UnitSet(name=name, kind="residential", provider="p", provider_name="Provkommun", nurse=call)
        made.say(body, Ref("unit", unit), unit)
    start = date(2025, 1, 1)
    made.employ(AMINA, RoleInUnit(Role.CARER, UNIT, start))
    made.employ(KARIN, RoleInUnit(Role.NURSE, UNIT, start), RoleInUnit(Role.NURSE, OTHER_UNIT, start))
    made.employ(TESFAY, RoleInUnit(Role.CARER, UNIT, start))
    made.database.close()
    return folder / "endpoint"


@contextmanager
def town(folder: Path) -> Iterator[Town]:
    shutil.copytree(filled(), folder / "endpoint")
    made = Town(folder)
    try:
        yield made
    finally:
        for phone in made.phones:
            phone.close()
        made.database.close()
