"""Orders and signatures as FHIR R4, each held against fhir.resources' models."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from care.dose import DoseCorrected, DoseDocument, DoseGiven, DoseWithheld
from care.facts import Ref
from care.order import OrderDocument, OrderPaused, OrderStopped
from care.schedule import Planned, planned
from endpoint import documents
from endpoint.demo import names
from tests.console_world import GRANEN, World, world
from tests.test_fhir import Journal, system

MARTA = names.RESIDENTS["Märta Åslund"]
LANTUS, SUGAR = names.order_id("marta-aslund/lantus"), names.order_id("marta-aslund/sugar")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def last(here: World, order: str) -> Planned:
    found = await documents.get(here.parts.database, OrderDocument, order)
    assert found is not None
    return planned(found, here.now - timedelta(days=3), here.now)[-1]


async def say(here: World, body: Any, kind: str, id: str) -> None:
    await here.says("Amina Yusuf", body, Ref(kind, id), GRANEN, "Märta Åslund")


async def requests(journal: Journal, kind: str) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in await journal.found(kind, patient=MARTA)}


async def test_medicines_are_medication_requests_and_other_tasks_service_requests(here: World) -> None:
    journal = await system(here)
    medicines, tasks = await requests(journal, "MedicationRequest"), await requests(journal, "ServiceRequest")
    lantus, sugar = medicines[LANTUS], tasks[SUGAR]
    assert LANTUS not in tasks
    assert (lantus["status"], lantus["medicationCodeableConcept"]["text"]) == ("active", "Insulin Lantus")
    (dosage,) = lantus["dosageInstruction"]
    assert dosage["text"] == "14 enheter, varje dag 21:00"
    assert dosage["timing"]["repeat"]["timeOfDay"] == ["21:00:00"]
    assert sugar["occurrenceTiming"]["code"]["text"] == "varje dag 07:15 och 20:45"
    assert lantus["requester"]["display"] == "Karin Ström"
    assert (await journal.ask(f"MedicationRequest/{LANTUS}"))["id"] == LANTUS


async def test_as_needed_says_what_for_and_the_most_in_a_day(here: World) -> None:
    journal, edit = await system(here), names.RESIDENTS["Edit Fiktiv"]
    found = await journal.found("MedicationRequest", patient=edit)
    alvedon = next(one for one in found if one["id"] == names.order_id("edit-fiktiv/alvedon"))
    assert alvedon["medicationCodeableConcept"]["coding"] == [
        {"system": "http://www.whocc.no/atc", "code": "N02BE01"}
    ]
    (dosage,) = alvedon["dosageInstruction"]
    assert dosage["asNeededCodeableConcept"]["text"] == "Smärta"
    assert dosage["maxDosePerPeriod"]["numerator"] == {"value": 3000, "unit": "mg"}


async def test_an_order_that_is_paused_or_stopped_says_so(here: World) -> None:
    journal = await system(here)
    await here.says(
        "Karin Ström",
        OrderPaused(start=here.now, cause="hospital"),
        Ref("order", LANTUS),
        GRANEN,
        "Märta Åslund",
    )
    stop = OrderStopped(at=here.now - timedelta(minutes=1), reason="x")
    await here.says("Karin Ström", stop, Ref("order", SUGAR), GRANEN, "Märta Åslund")
    assert (await requests(journal, "MedicationRequest"))[LANTUS]["status"] == "on-hold"
    assert (await requests(journal, "ServiceRequest"))[SUGAR]["status"] == "revoked"


async def test_signatures_are_administrations_and_procedures_also_those_taken_back(here: World) -> None:
    journal = await system(here)
    dose, sugar = await last(here, LANTUS), await last(here, SUGAR)
    about = {"order": LANTUS, "planned": dose.at, "performed": dose.at, "order_fact": dose.version}
    await say(here, DoseGiven(**about, amount="14 enheter"), "dose", dose.id)
    first = await documents.get(here.parts.database, DoseDocument, dose.id)
    assert first is not None
    await say(here, DoseCorrected(corrects=first.signatures[0].fact), "dose", dose.id)
    await say(here, DoseWithheld(**about, reason="nausea"), "dose", dose.id)
    about |= {"order": SUGAR, "order_fact": sugar.version}
    await say(here, DoseGiven(**about, amount="", value=6.4, value_unit="mmol/l"), "dose", sugar.id)
    given = await journal.found("MedicationAdministration", patient=MARTA)
    assert sorted(one["status"] for one in given) == ["entered-in-error", "not-done"]
    withheld = next(one for one in given if one["status"] == "not-done")
    assert withheld["statusReason"][0]["coding"][0]["code"] == "nausea"
    assert withheld["request"]["reference"] == f"MedicationRequest/{LANTUS}"
    (measured,) = await journal.found("Procedure", patient=MARTA)
    assert (measured["code"]["text"], measured["note"][0]["text"]) == ("Blodsocker", "6,4 mmol/l")
    assert measured["performer"][0]["actor"]["display"] == "Amina Yusuf"
    assert (await journal.ask(f"Procedure/{measured['id']}"))["id"] == measured["id"]


async def test_nobody_is_gone_through_and_nothing_of_another_unit_is_told(here: World) -> None:
    journal = await system(here)
    outcome = await journal.ask("MedicationAdministration", 400)
    assert outcome["issue"][0]["expression"] == ["patient"]
    assert await journal.found("MedicationRequest", patient="nobody") == []
    await journal.ask(f"MedicationRequest/{SUGAR}", 404)
    await journal.ask("Procedure/none", 404)
