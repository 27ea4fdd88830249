"""Erasing on the console takes two people and a decision; handing out is signed and logged."""

import io
import re
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from care.erasing import FactErased
from care.facts import Ref
from care.order import OrderDocument
from care.person import PersonDocument, ProtectedSet
from care.sbar import SbarDocument
from endpoint import documents
from endpoint.audit.tables import audit
from endpoint.demo import names
from endpoint.demo.load import load
from endpoint.demo.register import EndpointRegister
from endpoint.jobs import JOBS
from endpoint.keeping import decisions, ledger
from endpoint.keeping import erase as erasing
from endpoint.keeping.export import Manifest, SignedFact
from endpoint.keeping.tables import erasures
from endpoint.scheduler import look
from endpoint.schema import console_sessions, facts
from tests.console_world import GRANEN, World, world
from wire.envelope import Envelope
from wire.signature import Context, verify

MAS, SAS, NURSE = "Eva Holm", "Anders Fjäll", "Karin Ström"
ASTA = names.RESIDENTS["Asta Provdahl"]
DECISION = "IVO 3.6.2-4711/2026"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


async def prepared(here: World, **form: object) -> str:
    """The address of an erasure that the MAS has prepared."""
    await here.sign_in(MAS)
    answer = await here.send(f"/keeping/persons/{ASTA}/erase", {"decision": DECISION, "what": "whole"} | form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).removeprefix("/console")


async def log(here: World) -> list[tuple[str, str, str]]:
    rows = await here.parts.database.read(
        lambda c: c.execute(select(audit).where(audit.c.what == "keeping")).all()
    )
    return [(row.act, row.person, row.reason) for row in rows]


async def test_two_people_erase_a_person_and_nobody_alone(here: World) -> None:
    case = await here.sbar()
    at = await prepared(here)
    page = unescape(await here.see(at))
    assert "SBAR: <strong>1</strong>" in page
    assert "En annan person med samma behörighet ska bekräfta den." in page
    assert (await here.send(f"{at}/confirm")).status_code == 403
    assert await documents.get(here.parts.database, SbarDocument, case)
    await here.sign_in(SAS)
    assert "Väntar på dig" in await here.see("/keeping")
    assert DECISION in await here.see(at)
    assert (await here.send(f"{at}/confirm")).status_code == 303
    found = await documents.get(here.parts.database, PersonDocument, ASTA)
    assert found is not None
    assert found.gone
    assert (found.name, found.personnummer, found.flags) == ("", "", [])
    listed = await documents.of_kind(here.parts.database, PersonDocument)
    assert ASTA not in {one.id for one in listed}
    await here.see(f"/keeping/persons/{ASTA}", 404)
    done = await here.see(at)
    assert "Raderat efter beslut" in done
    assert "Asta" not in done
    made = await here.see("/keeping")
    assert DECISION in made
    assert "Eva Holm förberedde, Anders Fjäll bekräftade" in made
    assert ("erase", ASTA, DECISION) in await log(here)
    row = await here.parts.database.read(lambda c: c.execute(select(erasures)).one())
    assert (row.state, row.person, row.aggregates) == ("done", None, "")
    # The words are in no file of the endpoint's, and the ledger knows what they were.
    folder = here.parts.settings.data
    held = b"".join(path.read_bytes() for path in folder.iterdir() if path.suffix != ".keys")
    assert b"Asta Provdahl" not in held
    assert b"kallsvettig sedan 06" not in held
    stated = [one.fact() for one in ledger.read(ledger.path_in(folder))]
    assert {one.author for one in stated} == {names.STAFF[SAS]}
    bodies = [msgspec.json.decode(one.body, type=FactErased) for one in stated]
    assert {(body.why, body.decision) for body in bodies} == {("decision", DECISION)}
    # The other pages go on without her; what stood at an address is said to be erased.
    await here.sign_in(NURSE)
    said = await here.see(f"/inbox/{case}", 410)
    assert "Raderat efter beslut" in said
    assert "SHA-256" in said
    assert "Asta" not in said
    await here.see(f"/persons/{ASTA}", 404)
    await here.sign_in("Robin Sand")
    await here.see(f"/inbox/{case}", 403)
    await here.sign_in(NURSE)
    assert "Asta" not in await here.see("/inbox")
    assert "Asta" not in await here.see("/signing")


async def test_what_was_broken_off_is_shown_is_not_called_off_and_is_gone_on_with(
    here: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for minutes in (5, 10, 15):
        await here.sbar(ago=minutes)
    at = await prepared(here)
    monkeypatch.setattr(erasing, "AT_A_TIME", 4)
    went, batches = decisions.went, iter((True, False))

    def breaks(*given: Any) -> None:
        if not next(batches):
            raise OSError("the machine went down")
        went(*given)

    monkeypatch.setattr(decisions, "went", breaks)
    await here.sign_in(SAS)
    assert (await here.send(f"{at}/confirm")).status_code == 303
    assert "went down" in caplog.text
    page = unescape(await here.see(at))
    assert "Raderas nu" in page
    assert (done := re.search(r"(\d+) av (\d+) uppgifter är raderade", page))
    assert 0 < int(done[1]) < int(done[2])
    assert 'hx-trigger="every 3s"' in page
    assert "Asta" not in page
    assert "Raderas nu" in await here.see("/keeping")
    await here.send(f"{at}/cancel")
    await here.sign_in(MAS)
    await here.send(f"{at}/confirm")
    assert "Raderas nu" in await here.see(at), "neither called off nor confirmed once more"
    monkeypatch.setattr(decisions, "went", went)
    await here.parts.database.thread(
        lambda: look(here.parts, [job for job in JOBS if job.name == "erasures"])
    )
    page = unescape(await here.see(at))
    assert "Raderat efter beslut" in page
    assert "hx-trigger" not in page.partition("<main")[2]
    row = await here.parts.database.read(lambda c: c.execute(select(erasures)).one())
    assert (row.state, row.person, row.settled_by) == ("done", None, names.STAFF[SAS])
    assert sum(msgspec.json.decode(row.counts).values()) == int(done[2]), "each was counted once"
    assert [act for act, _, _ in await log(here)].count("erase") == 1
    assert len(ledger.read(ledger.path_in(here.parts.settings.data))) > 1


async def test_the_demo_starts_again_after_an_erasure_and_writes_nothing_back(here: World) -> None:
    address = await prepared(here)
    await here.sign_in(SAS)
    assert (await here.send(f"{address}/confirm")).status_code == 303
    await load(EndpointRegister(here.parts.database, here.parts.keys), here.now)
    person = await documents.get(here.parts.database, PersonDocument, ASTA)
    assert person is not None
    assert (person.name, person.gone) == ("", True)
    orders = await documents.of_kind(here.parts.database, OrderDocument)
    assert all(one.plan is None for one in orders if one.person == ASTA)


async def test_a_part_is_erased_and_the_case_says_so(here: World) -> None:
    gone, stays = await here.sbar(), await here.sbar(ago=60)
    at = await prepared(here, what="part", piece=f"sbar:{gone}")
    await here.sign_in(SAS)
    page = await here.see(at)
    assert "SBAR: <strong>1</strong>" in page
    assert page.count("<li>SBAR <span") == 1, "which one it is, to compare with the decision"
    await here.send(f"{at}/confirm")
    found = await documents.of_person(here.parts.database, SbarDocument, ASTA)
    assert [one.id for one in found] == [stays]
    page = unescape(await here.see(f"/keeping/persons/{ASTA}"))
    assert f"sbar:{stays}" in page
    assert f"sbar:{gone}" not in page


async def test_without_a_decision_or_a_choice_nothing_is_prepared(here: World) -> None:
    await here.sign_in(MAS)
    answer = await here.send(f"/keeping/persons/{ASTA}/erase", {"decision": "IVO 1", "what": "part"})
    assert "Välj allt eller minst en del." in answer.text
    assert 'value="IVO 1"' in answer.text, "what was typed is kept"
    answer = await here.send(f"/keeping/persons/{ASTA}/erase", {"decision": " ", "what": "whole"})
    assert 'aria-invalid="true"' in answer.text
    assert "Skriv beslutets beteckning" in answer.text
    assert await here.parts.database.read(lambda c: c.execute(select(erasures)).all()) == []


async def test_what_is_called_off_stays(here: World) -> None:
    at = await prepared(here)
    await here.sign_in(SAS)
    assert (await here.send(f"{at}/cancel")).status_code == 303
    assert (await here.send(f"{at}/confirm")).status_code == 303
    assert "Raderingen avbröts" in await here.see(at)
    person = await documents.get(here.parts.database, PersonDocument, ASTA)
    assert person is not None
    assert person.name == "Asta Provdahl"


async def test_a_sign_in_of_a_while_ago_is_asked_for_again_first(here: World) -> None:
    at = await prepared(here)
    await here.sign_in(SAS)
    # Signed in earlier this shift.
    old = here.now - timedelta(minutes=30)
    await here.parts.database.write(lambda c: c.execute(console_sessions.update().values(signed_in=old)))
    assert (await here.send(f"{at}/confirm")).status_code in (303, 403)
    await here.send(f"/keeping/persons/{ASTA}/export")
    person = await documents.get(here.parts.database, PersonDocument, ASTA)
    assert person is not None
    assert not person.gone
    assert {act for act, _, _ in await log(here)} <= {"read"}


async def test_what_comes_in_after_an_erasure_is_shown_and_can_be_erased_too(here: World) -> None:
    at = await prepared(here)
    await here.sign_in(SAS)
    await here.send(f"{at}/confirm")
    assert "Har kommit in efter en radering" not in await here.see("/keeping")
    case = await here.sbar()
    page = unescape(await here.see("/keeping"))
    assert "Har kommit in efter en radering" in page
    assert f"/keeping/persons/{ASTA}" in page
    again = await prepared(here, decision="IVO 2")
    await here.sign_in(SAS)
    assert (await here.send(f"{again}/confirm")).status_code == 303
    found = await documents.get(here.parts.database, SbarDocument, case)
    assert found is not None
    assert found.gone
    await here.see(f"/keeping/persons/{ASTA}", 404)


# Handing out.


async def test_all_of_a_person_is_handed_out_signed_and_logged(here: World) -> None:
    case = await here.sbar()
    fall = await here.deviation(who="Asta Provdahl")
    await here.sign_in(MAS)
    answer = await here.send(f"/keeping/persons/{ASTA}/export", {"reason": "Begäran 22 november"})
    assert answer.headers["content-type"] == "application/zip"
    assert "asta" not in answer.headers["content-disposition"].lower()
    file = zipfile.ZipFile(io.BytesIO(answer.content))
    assert file.testzip() is None
    data = file.read("manifest.json")
    verify(here.parts.keys.sign_public, Context.EXPORT, file.read("manifest.sig"), data)
    manifest = msgspec.json.decode(data, type=Manifest)
    assert {one.name for one in manifest.files} == set(file.namelist()) - {"manifest.json", "manifest.sig"}
    for one in manifest.files:
        assert sha256(file.read(one.name)).hexdigest() == one.sha256
    paper = unescape(file.read("las-mig.html").decode())
    for said in (
        "Asta Provdahl",
        "Andfådd och kallsvettig sedan 06.",
        "På väg från toaletten",
        "Amina Yusuf",
    ):
        assert said in paper
    assert "<script" not in paper
    # It is read on another day: no time stands without its date.
    assert re.search(r"\d{1,2} [a-z]+ 20\d\d \d\d:\d\d", paper)
    assert not re.search(r"(?<!\d{4} )\b\d\d:\d\d\b", paper)
    response = msgspec.json.decode(file.read(f"fhir/sbar-{case}.json"))
    assert response["resourceType"] == "QuestionnaireResponse"
    assert f"fhir/deviation-{fall}.json" in file.namelist()
    lines = file.read("facts/sbar.jsonl").splitlines()
    signed = [msgspec.json.decode(line, type=SignedFact) for line in lines]
    envelopes = [Envelope(one.signature, one.data) for one in signed]
    held = await here.parts.database.read(
        lambda c: set(c.scalars(select(facts.c.envelope).where(facts.c.aggregate == f"sbar/{case}")))
    )
    assert {bytes(one) for one in envelopes} == held
    assert ("export", ASTA, "Begäran 22 november") in await log(here)


async def test_protected_identity_is_warned_of_before_anything_is_handed_out(here: World) -> None:
    await here.sign_in(MAS)
    assert "får inte avslöja" not in await here.see(f"/keeping/persons/{ASTA}")
    await here.says(MAS, ProtectedSet(on=True), Ref("person", ASTA), GRANEN, "Asta Provdahl")
    page = unescape(await here.see(f"/keeping/persons/{ASTA}"))
    assert "får inte avslöja var personen finns" in page
    found = await here.client.post(
        "/console/keeping", data={"words": "Provdahl"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert "Asta Provdahl" not in found.text
    assert re.search(r">A\. ?P\.?<|>AP<|A\.P\.", found.text)


async def test_nurses_neither_erase_nor_hand_out(here: World) -> None:
    at = await prepared(here)
    await here.sign_in(NURSE)
    for path in ("/keeping", f"/keeping/persons/{ASTA}"):
        await here.see(path, 403)
    for path in (f"{at}/confirm", f"{at}/cancel", f"/keeping/persons/{ASTA}/export"):
        assert (await here.send(path)).status_code in (403, 404)


async def test_old_reports_go_with_a_decision_that_says_what_the_person_was_called_there(here: World) -> None:
    await here.sign_in(MAS)
    form = {"decision": DECISION, "what": "whole", "past": "P-17"}
    answer = await here.send(f"/keeping/persons/{ASTA}/erase", form)
    assert "Inga inlästa rapporter har den beteckningen." in answer.text
    assert 'value="P-17"' in answer.text
