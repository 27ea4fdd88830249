"""What we are made of: every part pinned, under a licence that we take, listed, and looked up."""

import json
from pathlib import Path
from typing import Any

import pytest

from release import audit, licences, sbom
from release.parts import EXTRAS, closure, pins

PARTS = closure("development")


def test_every_part_is_pinned_and_installed_as_pinned() -> None:
    pinned = pins()
    # pip is of the environment, and sqlite-utils names it: it installs the others.
    names = PARTS.keys() - {"pip"}
    assert {name: PARTS[name].version for name in names} == {name: pinned.get(name) for name in names}


@pytest.mark.parametrize("name", sorted(PARTS))
def test_every_part_is_under_a_licence_that_we_take(name: str) -> None:
    assert licences.taken(PARTS[name], name), licences.said(PARTS[name])


def test_what_is_taken_by_name_is_there_and_would_not_be_taken_otherwise() -> None:
    for name in licences.BY_NAME.keys() & PARTS.keys():
        assert not all(one.startswith(licences.PERMISSIVE) for one in licences.said(PARTS[name])), name


def test_no_copyleft_comes_to_the_phone_but_the_list_of_roots() -> None:
    assert licences.BY_NAME.keys() & closure("phone").keys() == {
        "certifi",
        "fhirpathpy",
        "flet-local-auth",
        "flet-secure-storage",
    }


def test_the_phone_has_nothing_of_the_endpoints_or_the_tests() -> None:
    assert not {"litestar", "sqlalchemy", "uvicorn", "pytest", "playwright"} & closure("phone").keys()


def test_each_list_holds_its_parts_with_what_they_depend_on() -> None:
    names = ["cryptography", "litestar", "pytest"]
    whole: dict[str, Any] = {
        "metadata": {"component": {"bom-ref": "root"}},
        "components": [{"name": name, "bom-ref": name} for name in names],
        "dependencies": [{"ref": "root", "dependsOn": names}, {"ref": "litestar", "dependsOn": ["pytest"]}],
    }
    found = {what: sbom.of(what, whole) for what in EXTRAS}
    held = {what: {one["name"] for one in one_bom["components"]} for what, one_bom in found.items()}
    assert held["phone"] & set(names) == {"cryptography"}
    assert held["endpoint"] >= {"cryptography", "litestar", "htmx.org", "Atkinson Hyperlegible", "vega-lite"}
    assert "vega-lite" not in held["phone"]
    assert held["development"] >= set(names)
    assert found["endpoint"]["dependencies"][1] == {"ref": "litestar", "dependsOn": []}


def advisory(**events: str) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": [{name: version} for name, version in events.items()]}]
    return {
        "id": "GHSA-x",
        "modified": "2026-01-02T00:00:00Z",
        "affected": [{"package": {"ecosystem": "PyPI", "name": "Jinja2"}, "ranges": ranges}],
    }


@pytest.mark.parametrize(
    ("version", "events", "unsafe"),
    [
        ("3.1.5", {"introduced": "0", "fixed": "3.1.6"}, True),
        ("3.1.6", {"introduced": "0", "fixed": "3.1.6"}, False),
        ("3.1.10", {"introduced": "3.1.9", "fixed": "3.2"}, True),
        ("3.0", {"introduced": "3.1", "fixed": "3.2"}, False),
        ("3.1.6", {"introduced": "0", "last_affected": "3.1.6"}, True),
        ("3.1.7", {"introduced": "0", "last_affected": "3.1.6"}, False),
        ("3.1.6", {"introduced": "0"}, True),
        ("3.1.6", {"introduced": "0", "fixed": "not a version"}, True),
    ],
)
def test_an_advisory_is_about_its_versions(version: str, events: dict[str, str], unsafe: bool) -> None:
    assert bool(audit.matching({"jinja2": version}, [advisory(**events)])) == unsafe


def test_without_a_network_it_is_said_that_nobody_was_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "ask", lambda parts: None)
    monkeypatch.delenv("ADVISORIES", raising=False)
    assert audit.main() == 2, "not 0: nobody may take this for an audit"
    assert "THE INDEX COULD NOT BE ASKED" in capsys.readouterr().out
    export = tmp_path / "osv"
    export.mkdir()
    (export / "one.json").write_text(json.dumps(advisory(introduced="0")))
    monkeypatch.setenv("ADVISORIES", str(export))
    assert audit.main() == 1
    assert "UNSAFE: jinja2" in capsys.readouterr().out


def test_what_the_index_says_is_what_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "ask", lambda parts: [])
    assert audit.main() == 0
    monkeypatch.setattr(audit, "ask", lambda parts: ["x 1: GHSA-y"])
    assert audit.main() == 1
    assert "UNSAFE: x 1: GHSA-y" in capsys.readouterr().out
