"""``make audit``: whether anything that we are made of is known to be unsafe.

Asks the index's list of advisories through pip-audit. Where there is no network it says so, plainly, and
looks in a list that is at hand instead: an export in the OSV format (one entry, a list of them, or a folder
of such files) named by ``ADVISORIES=path``, or release/advisories.json, which is kept by hand and is no
substitute for asking.

Ends with 0: nothing found · 1: something found · 2: nothing found, but the index could not be asked.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from release.parts import ROOT, closure, normal

LIST = ROOT / "release" / "advisories.json"
_PATIENCE_S = 300


def main() -> int:
    parts = {name: held.version for name, held in closure("development").items()}
    asked = ask(parts)
    if asked is not None:
        return _told(asked, "the index's advisories")
    path = Path(os.environ.get("ADVISORIES") or LIST)
    sys.stdout.write("THE INDEX COULD NOT BE ASKED. What follows is from a list that is at hand alone:\n")
    entries = list(read(path))
    sys.stdout.write(f"{path}, {len(entries)} advisories, the newest of {newest(entries)}.\n")
    return _told(matching(parts, entries), str(path.name)) or 2


def ask(parts: dict[str, str]) -> list[str] | None:
    """What pip-audit finds; None when it could not ask."""
    pinned = "".join(f"{name}=={version}\n" for name, version in sorted(parts.items()))
    tool = str(Path(sys.executable).with_name("pip-audit"))
    command = [tool, "-r", "/dev/stdin", "--no-deps", "--disable-pip"]
    try:
        done = subprocess.run(
            [*command, "-f", "json", "--progress-spinner", "off"],
            input=pinned,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
        )
        found = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError, KeyError, OSError):
        return None
    if any("skip_reason" in one for one in found):
        return None
    return [f"{one['name']} {one['version']}: {vuln['id']}" for one in found for vuln in one["vulns"]]


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The advisories of a file, or of all files in a folder."""
    for one in sorted(path.rglob("*.json")) if path.is_dir() else [path]:
        held = json.loads(one.read_text())
        yield from held if isinstance(held, list) else [held]


def newest(entries: list[dict[str, Any]]) -> str:
    return max((str(one.get("modified", "")) for one in entries), default="")[:10] or "no date"


def matching(parts: dict[str, str], entries: list[dict[str, Any]]) -> list[str]:
    """The parts that an advisory is about, in their versions."""
    found = []
    for entry in entries:
        for affected in [] if entry.get("withdrawn") else entry.get("affected", []):
            package = affected.get("package", {})
            version = parts.get(normal(package.get("name", "")))
            if package.get("ecosystem") == "PyPI" and version and _affects(affected, version):
                found.append(f"{normal(package['name'])} {version}: {entry['id']}")
    return sorted(set(found))


def _affects(affected: dict[str, Any], version: str) -> bool:
    if version in affected.get("versions", []):
        return True
    ranges = (one for one in affected.get("ranges", []) if one.get("type") == "ECOSYSTEM")
    return any(_within(one["events"], version) for one in ranges)


def _within(events: list[dict[str, str]], version: str) -> bool:
    """Whether a version lies in a range: introduced, and not yet fixed (OSV schema 1.6)."""
    here, inside = Version(version), False
    for event in events:
        try:
            if "introduced" in event:
                inside = inside or event["introduced"] == "0" or here >= Version(event["introduced"])
            if "fixed" in event:
                inside = inside and here < Version(event["fixed"])
            if "last_affected" in event:
                inside = inside and here <= Version(event["last_affected"])
        except InvalidVersion:
            return True
    return inside


def _told(found: list[str], where: str) -> int:
    for one in found:
        sys.stdout.write(f"UNSAFE: {one}\n")
    if not found:
        sys.stdout.write(f"Nothing in {where} is about what we use.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
