"""What the phone, the endpoint and their tests are made of: all that pyproject.toml names, and their own."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
EXTRAS: dict[str, tuple[str, ...]] = {
    "phone": (),
    "endpoint": ("endpoint",),
    "development": ("endpoint", "browser", "development"),
}
"""What is built, and the extras that it is built with. The phone is built with none."""


def normal(name: str) -> str:
    """A distribution's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    """The versions of constraints.txt, by name."""
    lines = (line.split("#")[0].strip() for line in (ROOT / "constraints.txt").read_text().splitlines())
    return {normal(name): version for name, _, version in (line.partition("==") for line in lines) if version}


def asked_for(what: str) -> list[Requirement]:
    """What pyproject.toml itself names. The phone's own are the endpoint's too: it imports care and wire."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = list(project["dependencies"])
    for extra in EXTRAS[what]:
        named += project["optional-dependencies"][extra]
    return [Requirement(one) for one in named]


def closure(what: str) -> dict[str, metadata.Distribution]:
    """Everything that comes with it, by name, as it is installed here."""
    found: dict[str, metadata.Distribution] = {}
    asked = [(one, frozenset(one.extras)) for one in asked_for(what)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while asked:
        requirement, extras = asked.pop()
        name = normal(requirement.name)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        found[name] = held = metadata.distribution(requirement.name)
        for text in held.requires or []:
            one = Requirement(text)
            if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras or {""}):
                asked.append((one, frozenset(one.extras)))
    return found
