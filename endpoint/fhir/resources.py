"""An SBAR as FHIR R4 resources: the answers, the vital signs, what was said, and whom it is about."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from care.forms import to_response
from care.person import PersonDocument
from care.sbar import Answer, ReadBack
from care.staff import StaffDocument
from endpoint.console import times
from endpoint.console.inbox import Case
from endpoint.console.sbar_trail import ordered
from endpoint.console.texts import texts
from endpoint.fhir import observations

Json = dict[str, Any]
PERSONNUMMER = "urn:oid:1.2.752.129.2.1.3.1"
"""Inera's OID for personnummer; twelve digits."""
_STAFF = "https://rapp.example/fhir/staff"
_RESTRICTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}


def patient(person: PersonDocument) -> Json:
    """Whom it is about. No address is ever handed out here; protected identity is marked restricted."""
    found: Json = {"resourceType": "Patient", "id": person.id}
    if person.protected:
        found["meta"] = {"security": [_RESTRICTED]}
    if identifier := _personnummer(person):
        found["identifier"] = [identifier]
    found["name"] = [{"text": person.name}]
    return found | ({"birthDate": person.born.isoformat()} if person.born else {})


def questionnaire_response(case: Case) -> Json:
    """The answers as they were given. Where the form is not here: its own texts, so that nothing is lost."""
    assert case.sbar is not None
    reading, at = case.reading, instant(case.since)
    if reading.questionnaire is not None:
        given = to_response(reading.questionnaire, reading.answers, at)
        items = _named(given.get("item", []), case.person.first_name if case.person else "")
        form = given.get("questionnaire")
    else:
        items = [
            {"linkId": line.link_id, "text": line.label, "answer": [{"valueString": line.text}]}
            for line in reading.lines
        ]
        form = case.sbar.answers.form if case.sbar.answers else None
    found: Json = {"resourceType": "QuestionnaireResponse", "id": case.id}
    found |= {"questionnaire": form} if form else {}
    found |= {"status": "completed", **_about(case, "subject"), "authored": at}
    if case.by:
        found["author"] = practitioner(case.by)
    return found | ({"item": items} if items else {})


def vital_signs(case: Case) -> Iterator[Json]:
    """An Observation for each vital sign, named after it: `<sbar>.pulse`."""
    assert case.sbar is not None
    for name, own in observations.of(case.reading, case.score):
        found: Json = {"resourceType": "Observation", "id": f"{case.id}.{name}"}
        found |= {"status": "final", "category": observations.category(name), "code": own.pop("code")}
        found |= {**_about(case, "subject"), "effectiveDateTime": instant(case.since)}
        if case.by:
            found["performer"] = [practitioner(case.by)]
        found |= own
        yield found | {"derivedFrom": [{"reference": f"QuestionnaireResponse/{case.id}"}]}


def communications(case: Case, staff: Mapping[str, StaffDocument]) -> Iterator[Json]:
    """What the nurse has answered, and that it was repeated."""
    assert case.sbar is not None
    askers = [staff[id] for id in case.sbar.askers if id in staff]
    for reply in case.sbar.replies:
        nurse = staff.get(reply.by)
        yield _communication(case, reply.fact, reply, nurse, askers, "")
    if said := case.sbar.read_back:
        last = case.sbar.replies[-1].fact if case.sbar.replies else ""
        nurses = [one for one in staff.values() if one.name == said.nurse][:1]
        yield _communication(case, f"{case.id}.read-back", said, staff.get(said.by), nurses, last)


def _communication(
    case: Case,
    id: str,
    said: Answer | ReadBack,
    sender: StaffDocument | None,
    recipients: list[StaffDocument],
    answers: str,
) -> Json:
    t = texts("sv")
    words = ordered(said, t, lambda at: times.dated(at, t))
    found: Json = {"resourceType": "Communication", "id": id, "status": "completed"}
    if answers:
        found["inResponseTo"] = [{"reference": f"Communication/{answers}"}]
    found |= {**_about(case, "subject"), "about": [{"reference": f"QuestionnaireResponse/{case.id}"}]}
    found["sent"] = instant(said.at)
    if recipients:
        found["recipient"] = [practitioner(one) for one in recipients]
    if sender:
        found["sender"] = practitioner(sender)
    return found | ({"payload": [{"contentString": words}]} if words else {})


def _about(case: Case, field: str) -> Json:
    return {} if case.person is None else {field: subject(case.person)}


def subject(person: PersonDocument) -> Json:
    """A reference to whom it is about."""
    found: Json = {"reference": f"Patient/{person.id}", "display": person.name}
    if identifier := _personnummer(person):
        found["identifier"] = identifier
    return found


def _personnummer(person: PersonDocument) -> Json:
    digits = person.personnummer.replace("-", "")
    return {"system": PERSONNUMMER, "value": digits} if digits else {}


def practitioner(staff: StaffDocument) -> Json:
    """By who they are here: practitioners are not served."""
    return {
        "type": "Practitioner",
        "identifier": {"system": _STAFF, "value": staff.identity or staff.id},
        "display": staff.name,
    }


def stamped(resource: Json, taken_in: datetime | None) -> Json:
    """With when the endpoint last took in something of it: what a phone delivers late is new here then."""
    if taken_in is None:
        return resource
    return resource | {"meta": resource.get("meta", {}) | {"lastUpdated": instant(taken_in)}}


def instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def _named(items: list[Json], name: str) -> list[Json]:
    """The questions with the name of whom they concern in them."""
    found = []
    for item in items:
        said = {key: value for key, value in item.items() if key not in ("item", "answer")}
        if "text" in said:
            said["text"] = said["text"].replace("{name}", name)
        if "answer" in item:
            said["answer"] = [
                one | ({"item": _named(one["item"], name)} if "item" in one else {}) for one in item["answer"]
            ]
        if "item" in item:
            said["item"] = _named(item["item"], name)
        found.append(said)
    return found
