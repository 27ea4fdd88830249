"""Delegations on the console: issued within one's profession, asked for on the phone, reviewed, revoked."""

import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from care.delegation import DelegationAccepted, DelegationDocument, DelegationRevoked
from care.dose import DoseGiven
from care.facts import Ref
from care.signing import local_day
from endpoint import documents
from endpoint.demo import names
from tests.console_world import GRANEN, NORR, World, world
from tests.test_console_signing import near


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        await found.sign_in("Karin Ström")
        yield found


def form(here: World, **changes: Any) -> dict[str, Any]:
    day = local_day(here.now)
    values: dict[str, Any] = {
        "holder": names.STAFF["Gustav Prov"],
        "tasks": ["insulin", "eye_drops"],
        "units": [GRANEN],
        "start": day.isoformat(),
        "end": (day + timedelta(days=364)).isoformat(),
        "knowledge": "1",
        "result": "28 av 30",
        "practice": "1",
    }
    return values | changes


async def issue(here: World, **changes: Any) -> DelegationDocument:
    answer = await here.send("/delegations/new", form(here, **changes))
    assert answer.status_code == 303, answer.text
    found = await documents.get(
        here.parts.database, DelegationDocument, answer.headers["location"].rpartition("/")[2]
    )
    assert found is not None
    return found


def text(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


async def test_what_is_issued_waits_for_its_holder_and_says_what_it_rests_on(here: World) -> None:
    made = await issue(here)
    assert (made.issuer, made.state_at(here.now + timedelta(minutes=1))) == (
        names.STAFF["Karin Ström"],
        "issued",
    )
    shown = text(await here.see(f"/delegations/{made.id}"))
    assert "Gustav får frågan i sin telefon" in shown
    assert "28 av 30" in shown
    await here.says("Gustav Prov", DelegationAccepted(), Ref("delegation", made.id), GRANEN)
    assert "Accepterad av Gustav Prov" in text(await here.see(f"/delegations/{made.id}"))


async def test_it_never_begins_before_it_was_issued(here: World) -> None:
    made = await issue(here, start=(local_day(here.now) - timedelta(days=3)).isoformat())
    assert made.start is not None
    assert made.start >= here.now


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"holder": ""}, "Välj vem som får delegeringen."),
        ({"holder": names.STAFF["Johan Berg"]}, "behöver ingen delegering"),
        ({"holder": names.STAFF["Hanna Ek"]}, "arbetar inte på alla de enheterna"),
        ({"tasks": []}, "Välj minst en uppgift."),
        ({"end": "2199-01-01"}, "Högst ett år."),
        ({"end": "i morgon"}, "Skriv en dag."),
        ({"practice": ""}, "Du ska ha sett personen utföra uppgiften."),
        ({"persons": [names.RESIDENTS["Vera Holmgren"]]}, "Välj bland personerna på enheterna ovan."),
    ],
)
async def test_what_is_missing_is_said_and_nothing_is_issued(
    here: World, changes: dict[str, Any], said: str
) -> None:
    before = len(await documents.of_kind(here.parts.database, DelegationDocument))
    answer = await here.send("/delegations/new", form(here, **changes))
    assert answer.status_code == 422
    assert said in text(answer.text)
    assert len(await documents.of_kind(here.parts.database, DelegationDocument)) == before


async def test_a_therapist_is_offered_and_may_issue_training_alone(here: World) -> None:
    await here.sign_in("Sara Lind")
    offered = await here.see("/delegations/new")
    assert re.findall(r'name="tasks" value="(\w+)"', offered) == ["training"]
    answer = await here.send("/delegations/new", form(here, tasks=["training", "insulin"]))
    assert "utanför ditt eget yrke" in text(answer.text)
    await issue(here, tasks=["training"])


async def test_a_carer_issues_nothing_and_reads_no_register(here: World) -> None:
    await here.sign_in("Amina Yusuf")
    await here.see("/delegations", 403)
    assert (await here.send("/delegations/new", form(here))).status_code == 403


async def test_the_register_has_what_ends_first_first(here: World) -> None:
    found = await here.see(f"/delegations?unit={GRANEN}")
    rows = re.findall(
        r'class="name"[^>]*>([^<]+)</a>.*?class="sign [^"]*">.*?<span>([^<]+)</span>', found, re.S
    )
    assert rows[0] == ("Lena Backlund", "Gäller")
    assert "9 dagar kvar" in found
    assert [name for name, state in rows if state == "Har gått ut"] == ["David Test"]


async def test_a_revocation_needs_its_reason_and_is_taken_back_by_nobody(here: World) -> None:
    made = await issue(here)
    assert (await here.send(f"/delegations/{made.id}/revoke", {"reason": " "})).status_code == 422
    await here.send(f"/delegations/{made.id}/revoke", {"reason": "Osäker på enheter"})
    found = await documents.get(here.parts.database, DelegationDocument, made.id)
    assert found is not None
    assert (found.revoke_reason, found.revoked_by) == ("Osäker på enheter", names.STAFF["Karin Ström"])
    assert "/revoke" not in await here.see(f"/delegations/{made.id}")


async def test_mas_may_revoke_and_a_nurse_of_another_unit_may_not_see(here: World) -> None:
    made = await issue(here)
    await here.sign_in("Eva Holm")
    await here.see(f"/delegations/{made.id}/revoke")
    assert "/review" not in await here.see(f"/delegations/{made.id}")


async def test_what_was_signed_after_the_revocation_is_listed_with_when_it_arrived(here: World) -> None:
    delegation = names.delegation_id("amina-all")
    order, dose = await near(here, "siv-hedman/near")
    given = DoseGiven(
        order=order.id,
        planned=dose.at,
        performed=here.now,
        amount="1 tablett",
        order_fact=order.versions[-1].fact,
        delegation=delegation,
    )
    await here.says(
        "Karin Ström",
        DelegationRevoked(at=here.now - timedelta(minutes=30), reason="Osäkert"),
        Ref("delegation", delegation),
        GRANEN,
    )
    assert 'id="after"' not in await here.see(f"/delegations/{delegation}")
    at = here.now - timedelta(minutes=20)
    await here.says("Amina Yusuf", given, Ref("dose", dose.id), GRANEN, "Siv Hedman", at=at)
    shown = text(await here.see(f"/delegations/{delegation}"))
    assert "Signerat efter återkallelsen" in shown
    assert "Siv Hedman 1 tablett" in shown
    assert "Gjort innan återkallelsen skrevs" in shown


async def test_the_yearly_review_lists_what_is_due_until_it_is_done(here: World) -> None:
    lena = names.delegation_id("lena-insulin")
    assert lena in await here.see("/delegations/review")
    await here.send(f"/delegations/{lena}/review", {"practice": "1", "note": "Går bra."})
    shown = text(await here.see(f"/delegations/{lena}"))
    assert "Uppföljd av Karin Ström, sett uppgiften utföras" in shown
    # Its end is within two months all the same.
    assert lena in await here.see("/delegations/review")
    amina = names.delegation_id("amina-all")
    assert amina not in await here.see("/delegations/review")


async def test_who_can_do_what_today_and_for_whom(here: World) -> None:
    shown = await here.see(f"/delegations/shift?unit={NORR}")
    rows = {row.partition("<")[0]: row for row in shown.split('<th scope="row">')[1:]}
    assert "vissa personer" in text(rows["Grace Okello"])
    assert rows["Karin Ström"].count('href="/console/static/icons.svg') > 9
    assert "vissa" not in text(rows["Hanna Ek"])
    # And for each task who may, nurses last.
    insulin = text(rows["Insulin"])
    assert insulin.index("Hanna Ek Undersköterska") < insulin.index("Karin Ström Sjuksköterska")
    assert "Grace Okello" not in insulin


async def test_a_certificate_says_how_it_stands_today(here: World) -> None:
    shown = text(await here.see(f"/delegations/{names.delegation_id('david-pouch')}/certificate"))
    for words in ("David Test, undersköterska", "Karin Ström, sjuksköterska", "SOSFS 1997:14", "Har gått ut"):
        assert words in shown


async def test_a_renewal_starts_from_the_old_one_and_asks_anew_what_it_rests_on(here: World) -> None:
    shown = await here.see(f"/delegations/new?renews={names.delegation_id('lena-insulin')}")
    assert f'value="{names.STAFF["Lena Backlund"]}" selected' in shown
    assert 'name="knowledge" value="1">' in shown
    assert re.findall(r'name="tasks" value="(\w+)" checked', shown) == ["insulin"]
    start = local_day(here.now) + timedelta(days=9)
    assert f'name="start" type="date" value="{start.isoformat()}"' in shown
