"""What this endpoint serves, as a CapabilityStatement: for whoever connects a journal system."""

from typing import Any

from endpoint.fhir.search import WHEN

Json = dict[str, Any]
_TOKENS = {"Observation": [("code", "token")]}


def statement(base_url: str) -> Json:
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-28",
        "kind": "instance",
        "software": {"name": "Rapp"},
        "implementation": {
            "description": "SBAR, orders and signatures for journal systems",
            "url": f"{base_url}/v1/fhir",
        },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "security": {
                    "description": "Authorization: Bearer, with a key that somebody legitimerad has made on "
                    "the console. What is read is what that person may read, and is logged as theirs."
                },
                "resource": [_served(kind) for kind in WHEN] + [_patient()],
            }
        ],
    }


def _served(kind: str) -> Json:
    found = [("patient", "reference"), (WHEN[kind], "date"), ("_lastUpdated", "date"), *_TOKENS.get(kind, [])]
    return {
        "type": kind,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [{"name": name, "type": of} for name, of in found],
    }


def _patient() -> Json:
    return {"type": "Patient", "interaction": [{"code": "read"}]}
