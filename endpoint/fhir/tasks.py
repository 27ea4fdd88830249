"""Orders and what was signed of them as FHIR R4: medicines, and every other health task.

What is given from a package is a MedicationRequest and a MedicationAdministration; measuring, looking after,
training and other care is a ServiceRequest and a Procedure.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from care.dose import DoseDocument, Signature
from care.openings import FROM_CABINETS
from care.order import OrderDocument, Plan
from care.person import PersonDocument
from care.prn import PrnDocument
from care.schedule import STOCKHOLM
from care.signing import local_day
from care.staff import StaffDocument
from endpoint.console.texts import texts
from endpoint.fhir.dosage import dosage, timing
from endpoint.fhir.resources import instant, practitioner, subject

Json = dict[str, Any]
REQUESTS = ("MedicationRequest", "ServiceRequest")
DONE = ("MedicationAdministration", "Procedure")
KINDS = (*REQUESTS, *DONE)
ATC = "http://www.whocc.no/atc"
OWN = "https://rapp.example/fhir/CodeSystem/"


def medicine(plan: Plan) -> bool:
    """Whether an order is of something that is given from a package."""
    return plan.form in FROM_CABINETS


def request_kind(plan: Plan) -> str:
    return REQUESTS[0] if medicine(plan) else REQUESTS[1]


def request(order: OrderDocument, person: PersonDocument, by: StaffDocument | None, now: datetime) -> Json:
    """The order as it stands now."""
    plan = order.plan
    assert plan is not None
    kind = request_kind(plan)
    found: Json = {
        "resourceType": kind,
        "id": order.id,
        "status": _status(order, kind, now),
        "intent": "order",
    }
    if plan.source and plan.source.id:
        found["identifier"] = [{"system": f"{OWN}source/{plan.source.system}", "value": plan.source.id}]
    concept = _concept(plan)
    found |= {"medicationCodeableConcept" if medicine(plan) else "code": concept}
    found["subject"] = subject(person)
    found["authoredOn"] = instant(order.versions[-1].stated or order.versions[-1].effective)
    if by:
        found["requester"] = practitioner(by)
    if plan.reason:
        found["reasonCode"] = [{"text": plan.reason}]
    if plan.note:
        found["note"] = [{"text": plan.note}]
    if medicine(plan):
        return found | {"dosageInstruction": [dosage(plan)]}
    if plan.as_needed:
        found["asNeededCodeableConcept"] = {"text": plan.as_needed.indication}
    return found | {"occurrenceTiming": timing(plan), "patientInstruction": plan.amount}


def _concept(plan: Plan) -> Json:
    """What it is, in words; of a medicine with its substance, where that is said."""
    words_ = {"text": " ".join(f"{plan.what} {plan.strength}".split())}
    coded = [{"system": ATC, "code": plan.substance}] if plan.substance and medicine(plan) else []
    return words_ | ({"coding": coded} if coded else {})


def _status(order: OrderDocument, kind: str, now: datetime) -> str:
    plan = order.plan
    assert plan is not None
    if order.stopped and order.stopped <= now:
        return "stopped" if kind == REQUESTS[0] else "revoked"
    if plan.end is not None and plan.end < local_day(now):
        return "completed"
    return "on-hold" if order.paused_at(now) else "active"


def done(
    document: DoseDocument | PrnDocument,
    order: OrderDocument,
    person: PersonDocument,
    staff: dict[str, StaffDocument],
) -> Iterator[Json]:
    """Each signature: given, not given with its reason, or taken back."""
    for one in document.signatures:
        plan = _plan_at(order, one.performed)
        if plan is not None:
            yield _signed(one, order, plan, person, staff)


def _signed(
    one: Signature, order: OrderDocument, plan: Plan, person: PersonDocument, staff: dict[str, StaffDocument]
) -> Json:
    say = texts("sv")
    kind = DONE[0] if medicine(plan) else DONE[1]
    status = "not-done" if one.outcome == "withheld" else "completed"
    found: Json = {"resourceType": kind, "id": one.fact}
    found["status"] = "entered-in-error" if one.withdrawn else status
    if one.reason:
        reason = {"coding": [{"system": f"{OWN}not-given", "code": one.reason}]}
        reason["text"] = say(f"console.reason.{one.reason}")  # type: ignore[assignment]
        found["statusReason"] = [reason] if medicine(plan) else reason
    concept = _concept(plan)
    found |= {"medicationCodeableConcept" if medicine(plan) else "code": concept}
    found["subject"] = subject(person)
    found["effectiveDateTime" if medicine(plan) else "performedDateTime"] = instant(one.performed)
    if by := staff.get(one.by):
        found["performer"] = [{"actor": practitioner(by)}]
    based = {"reference": f"{request_kind(plan)}/{order.id}"}
    found |= {"request": based} if medicine(plan) else {"basedOn": [based]}
    if medicine(plan) and one.amount and one.outcome != "withheld":
        found["dosage"] = {"text": one.amount}
    words_ = [one.note] if one.note else []
    if one.value is not None:
        words_.append(f"{one.value:g} {one.value_unit}".replace(".", ",").strip())
    return found | ({"note": [{"text": text} for text in words_]} if words_ else {})


def _plan_at(order: OrderDocument, at: datetime) -> Plan | None:
    """The version that counted at a moment; the first one, before any did."""
    then = [version.plan for version in order.versions if version.effective <= at]
    return then[-1] if then else next((version.plan for version in order.versions), None)


def said_at(resource: Json) -> datetime:
    """When an order was written, or a task done."""
    found = next(
        resource[name]
        for name in ("authoredOn", "effectiveDateTime", "performedDateTime")
        if name in resource
    )
    return datetime.fromisoformat(found).astimezone(STOCKHOLM)
