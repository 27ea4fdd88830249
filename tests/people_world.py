"""Two vårdgivare, their administrators, and a browser without scripts: for tests of people and units."""

import asyncio
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

from litestar.testing import TestClient

from care.facts import Ref
from care.rights import Role
from care.signing import local_day
from care.staff import RoleInUnit, StaffDocument, StaffSet
from care.unit import OnCall, UnitDocument, UnitSet
from endpoint import documents
from endpoint.app import create_app
from endpoint.console.routes import console
from endpoint.identity import console_session
from endpoint.parts import Parts
from endpoint.settings import Settings
from endpoint.statements import Statement, state

HSA = "SE2120000000-1A"
START = date(2025, 1, 1)


def same_id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.people.rapp.test"))


GRANEN, BJORKEN, GRANNE = (same_id(name) for name in ("Granen", "Björken", "Grannen"))
"""Two units of Provkommun, and one of another vårdgivare."""
UNITS = {
    GRANEN: ("Granen", "Provkommun"),
    BJORKEN: ("Björken", "Provkommun"),
    GRANNE: ("Grannen", "Grannvård"),
}


class People:
    """The endpoint, and somebody at its console."""

    def __init__(self, client: TestClient[Any]) -> None:
        self.client = client
        self.parts: Parts = client.app.state.parts  # type: ignore[attr-defined]
        self.today = local_day(datetime.now(UTC))
        self.yesterday = self.today - timedelta(days=1)

    def state(self, body: Any, ref: Ref, unit: str) -> None:
        asyncio.run(state(self.parts.database, self.parts.keys, Statement(body, ref, unit)))

    def employ(self, name: str, *roles: tuple[Role, str], identity: str = "", end: date | None = None) -> str:
        """Somebody with roles from `START`; the same id for the same name."""
        held = tuple(RoleInUnit(role, unit, START, end) for role, unit in roles)
        body = StaffSet(name=name, title="assistant_nurse", roles=held, identity=identity)
        self.state(body, Ref("staff", same_id(name)), roles[0][1])
        return same_id(name)

    def staff(self, id: str) -> StaffDocument:
        found = asyncio.run(documents.get(self.parts.database, StaffDocument, id))
        assert found is not None
        return found

    def named(self, name: str) -> StaffDocument:
        everybody = asyncio.run(documents.of_kind(self.parts.database, StaffDocument))
        return next(one for one in everybody if one.name == name)

    def unit(self, id: str) -> UnitDocument:
        found = asyncio.run(documents.get(self.parts.database, UnitDocument, id))
        assert found is not None
        return found

    def sign_in(self, id: str, ago: timedelta = timedelta()) -> None:
        now = datetime.now(UTC) - ago
        self.client.cookies.clear()
        cookie = asyncio.run(console_session.create(self.parts.database, self.parts.settings, id, now))
        assert cookie.value is not None
        self.client.cookies.set(cookie.key, cookie.value)

    def see(self, path: str, status: int = 200) -> str:
        answer = self.client.get(f"/console{path}", follow_redirects=False)
        assert answer.status_code == status, (path, answer.status_code, words(answer.text)[:600])
        return unescape(answer.text)

    def send(self, path: str, data: Any = None, status: int = 303, **more: Any) -> Any:
        headers = {"Sec-Fetch-Site": "same-origin"}
        answer = self.client.post(
            f"/console{path}", data=data or {}, headers=headers, follow_redirects=False, **more
        )
        assert answer.status_code == status, (path, answer.status_code, words(answer.text)[:900])
        return answer

    def form(self, path: str) -> dict[str, str]:
        """The fields of a page's form as they stand in it."""
        html = self.see(path)
        found = {}
        for tag in re.findall(r"<input [^>]*>", html):
            fields = dict(re.findall(r'(\w+)="([^"]*)"', tag))
            if fields.get("type") not in ("checkbox", "radio", "file") and "name" in fields:
                found[fields["name"]] = fields.get("value", "")
        for name, inside in re.findall(
            r'<select id="[^"]*" name="([^"]*)".*?>(.*?)</select>', html, re.DOTALL
        ):
            chosen = re.search(r'value="([^"]*)" selected', inside)
            found[name] = chosen[1] if chosen else re.findall(r'value="([^"]*)"', inside)[0]
        for name, inside in re.findall(r'<textarea id="[^"]*" name="([^"]*)".*?>(.*?)</textarea>', html):
            found[name] = inside
        return found

    def upload(self, data: bytes, whole: bool = False, status: int = 303) -> Any:
        more: dict[str, str] = {"whole": "1"} if whole else {}
        return self.send("/staff/import", more, status, files={"file": ("personal.csv", data)})

    def dry_run(self, data: bytes | str, whole: bool = False) -> tuple[str, str]:
        """The address of a list's dry run, and its page."""
        sent = self.upload(data.encode() if isinstance(data, str) else data, whole)
        path = str(sent.headers["location"]).removeprefix("/console")
        return path, self.see(path)

    def carry_out(self, path: str, html: str, *ticked: str, status: int = 200) -> str:
        digest = re.search(r'name="digest" value="(\w+)"', html)
        assert digest is not None
        return words(self.send(path, {"digest": digest[1], "end": list(ticked)}, status).text)


def words(html: str) -> str:
    """What a page says."""
    body = html.split("<main", 1)[-1]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@contextmanager
def people(folder: Path, database_url: str | None = None) -> Iterator[People]:
    settings = Settings(
        data=folder, database_url=database_url, public_url="http://testserver.local", demo=True
    )
    with TestClient(create_app(settings, [console]), base_url="http://testserver.local") as client:
        made = People(client)
        night = OnCall("Nattsköterskan", "070-1740602", "21:00", "07:00")
        day = OnCall("Karin Ström", "070-1740605", "07:00", "16:00")
        for id, (name, provider) in UNITS.items():
            body = UnitSet(
                name=name,
                kind="residential",
                provider=provider,
                provider_name=provider,
                nurse=(day, night),
            )
            made.state(body, Ref("unit", id), id)
        made.employ("Robin Sand", (Role.ADMINISTRATOR, GRANEN))
        made.employ("Gro Grannadmin", (Role.ADMINISTRATOR, GRANNE))
        yield made


ROBIN, GRO = same_id("Robin Sand"), same_id("Gro Grannadmin")
