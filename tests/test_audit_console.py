"""Whoever looks at a person on the console is in the log, whatever page it was; the person may be told."""

import csv
import hashlib
import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from care.deviation import DeviationDocument
from care.facts import Ref
from care.person import PersonSet
from care.photo import DeviationPhotographed
from care.rights import Act, laws
from care.sbar import SbarAnswered
from care.unit import UnitSet
from endpoint import documents
from endpoint.audit import log as audit_log
from endpoint.console.page import PLACES
from endpoint.console.routes import console
from endpoint.demo import names
from endpoint.identity import console_session
from endpoint.photos import photos
from endpoint.statements import Statement, state
from tests.console_world import GRANEN, NORR, World, world
from tests.statements import new_id

READERS = ("Karin Ström", "Maria Nyberg", "Eva Holm", "Robin Sand", "Amina Yusuf")
ASTA, VERA = names.RESIDENTS["Asta Provdahl"], names.RESIDENTS["Vera Holmgren"]
AREAS = {
    "persons": [ASTA, VERA],
    "log": [ASTA],
    "units": [GRANEN],
    "staff": [names.STAFF["Amina Yusuf"]],
    "delegations": [names.delegation_id("amina-all")],
    "orders": [names.order_id("aina-rask/near"), ASTA],
    "overview": [ASTA],
}
"""What a page's address may name, by the area that it is in."""
NOT_REACHED = (
    "log_control/",
    "checks/",
    "routines/",
    "staff/import/",
    "persons/import/",
    "orders/import/",
    "delegations/import/",
    "staff/systems/",
    "keeping/erasures/",
    "phones/",
    "complaints/",
    "councils/",
    "risks/",
    "forms/",
    "narcotics/",
    "deviations/{id:str}/photos/",
)
"""Pages of things that do not exist here; those of them that show a person are in the tests of their area."""


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


def get_routes() -> list[str]:
    """Every page of the console."""
    found = {
        str(route.path)
        for route in console.routes
        if "GET" in getattr(route, "methods", ()) and "/static/" not in str(route.path)
    }
    return sorted(found)


def area(path: str) -> str:
    return [*path.split("/"), ""][2]


def filled_in(path: str, ids: dict[str, list[str]]) -> list[str]:
    """The addresses of a page: with everything in its place that there is in its area, else with anything."""
    if "{" not in path:
        return [path, f"{path}?unit={GRANEN}"] if path.endswith("/fresh") else [path]
    known = ids.get(area(path)) or [id for of in ids.values() for id in of]
    return [re.sub(r"\{[^}]*\}", id, path.replace("{track:str}", "lex_maria")) for id in known]


async def log_of(here: World, after: int = 0) -> list[Any]:
    query = text("SELECT rowid AS place, * FROM audit WHERE rowid > :after ORDER BY rowid")
    return await here.parts.database.read(lambda c: list(c.execute(query, {"after": after}).all()))


async def test_every_page_that_shows_a_person_is_logged(here: World) -> None:
    sbar, fall = await here.sbar(), await here.deviation()
    ids = AREAS | {"inbox": [sbar, fall], "deviations": [fall], "log_control": [GRANEN], "checks": [GRANEN]}
    residents = {id: name for name, id in names.RESIDENTS.items()}
    reached: set[str] = set()
    shown: set[str] = set()
    after = len(await log_of(here))
    for reader in READERS:
        await here.sign_in(reader)
        # A page that has shown somebody to one reader need not to the next: what logs it is the same.
        html = await here.see("/")
        others = {place.name for place in PLACES if f'href="{place.path}"' not in html}
        left = [path for path in get_routes() if path not in shown and area(path) not in others]
        for path, address in [(of, one) for of in left for one in filled_in(of, ids)]:
            audit_log._recent.clear()
            answer = await here.client.get(address, follow_redirects=False)
            assert answer.status_code < 500, (reader, address)
            if answer.status_code != 200:
                continue
            fresh = await log_of(here, after)
            after += len(fresh)
            rows = [row for row in fresh if row.staff == names.STAFF[reader]]
            seen = {id for id, name in residents.items() if name in answer.text}
            assert seen <= {row.person for row in rows}, (reader, address, "shows, and does not log")
            assert all(row.device == "console" and row.law and row.role for row in rows), address
            reached.add(path)
            shown |= {path} if seen else set()
    assert {"/console/inbox", "/console/inbox/{id:str}", "/console/signing", "/console/log/{id:str}"} <= shown
    with_names = {path for path in get_routes() if "{" in path and not path[9:].startswith(NOT_REACHED)}
    missing = "\n".join(sorted(with_names - reached))
    assert not missing, "give the page something to show: AREAS"


async def test_a_page_that_keeps_itself_fresh_is_one_reading_in_a_quarter_of_an_hour(here: World) -> None:
    await here.sbar()
    await here.sign_in("Karin Ström")
    before = len(await log_of(here))
    for _ in range(3):
        await here.see("/inbox")
        await here.see("/inbox/fresh")
    rows = (await log_of(here))[before:]
    assert [(row.what, row.person, row.act) for row in rows] == [
        ("inbox", ASTA, "read"),
        ("sbar", ASTA, "read"),
    ]
    assert {(row.staff, row.unit, row.role) for row in rows} == {
        (names.STAFF["Karin Ström"], GRANEN, "nurse")
    }
    assert rows[0].law == laws(Act.NURSE_INBOX_READ)
    key = names.STAFF["Karin Ström"], ASTA, GRANEN, "inbox"
    audit_log._recent[here.parts.database][key] -= timedelta(minutes=15)
    await here.see("/inbox/fresh")
    assert len(await log_of(here)) == before + 3


async def test_what_is_written_on_the_console_is_logged_with_it(here: World) -> None:
    id = await here.sbar()
    await here.sign_in("Karin Ström")
    await here.send(f"/inbox/{id}/answer", {"text": "Jag kommer"})
    row = (await log_of(here))[-1]
    assert (row.act, row.what, row.person, row.device, row.role, row.unit) == (
        "write",
        "sbar.answered",
        ASTA,
        "console",
        "nurse",
        GRANEN,
    )
    assert row.law == laws(Act.SBAR_ANSWER)


# ------------------------------------------------------------------- extract


async def an_extract(here: World, query: str = "") -> str:
    return await here.see(f"/log/{ASTA}{query}")


async def has_read(here: World) -> None:
    """Karin reads and answers Asta's SBAR, and reads Vera in another unit."""
    id = await here.sbar()
    await here.sbar("Vera Holmgren", by="Hanna Ek", unit=NORR)
    await here.sign_in("Karin Ström")
    await here.see(f"/inbox/{id}")
    await here.says("Karin Ström", SbarAnswered(text="Ge vatten"), Ref("sbar", id), GRANEN, "Asta Provdahl")


async def test_the_person_is_told_when_where_and_what_and_the_telling_is_logged(here: World) -> None:
    await has_read(here)
    await here.sign_in("Maria Nyberg")
    html = await an_extract(here)
    rows = re.findall(r'<tr role="row">(<td.*?)</tr>', html, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows]
    said = [(row[2], row[3], row[4]) for row in cells]
    assert ("Granen", "Sjuksköterska", "Läste en SBAR") in said
    assert ("Granen", "Sjuksköterska", "Skrev i en SBAR") in said
    assert ("Granen", "Enhetschef", "Gjorde ett utdrag") in said
    assert "Karin" not in "".join(rows), "names are not shown unless the organisation has said so"
    assert "Vera" not in html
    last = (await log_of(here))[-1]
    assert (last.act, last.what, last.person, last.law) == ("export", "log", ASTA, laws(Act.LOG_EXPORT))
    await an_extract(here)
    assert (await log_of(here))[-1].place > last.place, "each extract is a row"


async def test_names_are_shown_where_the_organisation_has_chosen_so(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await has_read(here)
    monkeypatch.setattr(type(here.parts.settings), "log_names", True)
    await here.sign_in("Maria Nyberg")
    assert "Karin Ström (Sjuksköterska)" in await an_extract(here)


async def test_the_file_has_the_same_rows_and_no_formulas(here: World) -> None:
    await has_read(here)
    await here.sign_in("Maria Nyberg")
    answer = await here.client.get(f"/console/log/{ASTA}/file")
    assert answer.headers["content-disposition"].startswith('attachment; filename="loggutdrag-')
    rows = list(csv.reader(answer.content.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert rows[0] == ["Datum", "Tid", "Enhet", "Vem", "Vad", "Var"]
    assert ["Granen", "Sjuksköterska", "Läste en SBAR", "På datorn"] in [row[2:] for row in rows]
    from endpoint.audit.extract import _plain

    assert [_plain(cell) for cell in ("=1+1", "-2", "Karin")] == ["'=1+1", "'-2", "Karin"]


async def test_a_period_that_is_no_period_is_told_beside_the_field(here: World) -> None:
    await has_read(here)
    await here.sign_in("Maria Nyberg")
    html = await here.see(f"/log/{ASTA}?since=igår&until=2026-03-14", 400)
    assert 'value="igår"' in html
    assert "Skriv datumet så här" in html
    html = await here.see(f"/log/{ASTA}?since=2026-03-15&until=2026-03-14", 400)
    assert "Från-datumet ska inte vara efter till-datumet." in html
    assert "Ingen har läst under den här tiden" in await an_extract(
        here, "?since=2020-01-01&until=2020-02-01"
    )


async def test_a_person_is_found_by_name_and_only_in_ones_own_units(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    found = await here.send("/log", {"words": "asta"})
    assert f'href="/console/log/{ASTA}"' in found.text
    last = (await log_of(here))[-1]
    assert (last.act, last.what, last.person) == ("read", "persons", ASTA)
    unit, nora = new_id(), new_id()
    elsewhere = UnitSet(name="Boken", kind="residential", provider="another", provider_name="Annan vård")
    await here.says(None, elsewhere, Ref("unit", unit), unit)
    body = PersonSet(name="Nora Annanstans", personnummer="", born=date(1940, 1, 1))
    about = Statement(body, Ref("person", nora), unit, nora)
    await state(here.parts.database, here.parts.keys, about)
    assert nora not in (await here.send("/log", {"words": "nora"})).text
    await here.see(f"/log/{nora}", 404)
    await here.sign_in("Karin Ström")
    for path in ("/log", f"/log/{ASTA}", f"/log/{ASTA}/file"):
        await here.see(path, 403)


async def test_an_extract_asks_for_a_fresh_sign_in(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await here.sign_in("Maria Nyberg")
    monkeypatch.setattr(console_session, "JUST", timedelta(seconds=-60))
    for path in ("/log", f"/log/{ASTA}", f"/log/{ASTA}/file"):
        answer = await here.client.get(f"/console{path}", follow_redirects=False)
        assert answer.status_code != 200, path


async def test_a_picture_of_a_case_is_logged_and_shown_to_nobody_else(here: World) -> None:
    fall, who = await here.deviation(), "Bror Exempelsson"
    body = DeviationPhotographed(sha256=hashlib.sha256(b"x").hexdigest(), size=1, width=1, height=1)
    await here.says("Amina Yusuf", body, Ref("deviation", fall), GRANEN, who)
    case = await documents.get(here.parts.database, DeviationDocument, fall)
    assert case is not None
    address = f"/console/deviations/{fall}/photos/{case.photos[0].id}"
    row = {"id": case.photos[0].id, "media": "image/jpeg", "received": here.now, "data": b"x"}
    await here.parts.database.write(lambda connection: connection.execute(photos.insert(), row))
    await here.sign_in("Maria Nyberg")
    before = len(await log_of(here))
    answer = await here.client.get(address)
    assert (answer.status_code, answer.content) == (200, b"x")
    assert answer.headers["cache-control"] == "no-store"
    [read] = (await log_of(here))[before:]
    assert (read.what, read.person, read.act) == ("deviation", names.RESIDENTS[who], "read")
    await here.sign_in("Robin Sand")
    assert (await here.client.get(address)).status_code in (403, 404)
    assert len(await log_of(here)) == before + 1
