"""Under which licences the parts are, and which of these we take."""

from importlib import metadata
from typing import Any

PERMISSIVE = (
    "0BSD",
    "Apache",
    "BSD",
    "ISC",
    "MIT",
    "PSF",
    "Python Software Foundation",
    "Public Domain",
)
"""Beginnings of the names of licences that ask for no more than that they are named."""

BY_NAME: dict[str, str] = {
    "atheris": "Apache-2.0 in its LICENSE; its metadata lacks it; development only",
    "certifi": "MPL-2.0: a list of roots, unchanged",
    "fhirpathpy": "MIT in its LICENSE.md; its metadata lacks it",
    "flet-local-auth": "Apache-2.0, as Flet, in whose source it stands; its metadata lacks it",
    "flet-secure-storage": "Apache-2.0, as Flet, in whose source it stands; its metadata lacks it",
    "fqdn": "MPL-2.0: development only, unchanged",
    "hypothesis": "MPL-2.0: development only, unchanged",
    "pathspec": "MPL-2.0: development only, unchanged",
    "psycopg": "LGPL-3.0: endpoint only, a library of its own that can be exchanged",
    "psycopg-binary": "LGPL-3.0: endpoint only, a library of its own that can be exchanged",
}
"""Taken although they ask for more, and why."""


def said(held: metadata.Distribution) -> list[str]:
    """What a distribution says of its licence: by the expression, else the classifiers, else the text."""
    meta: Any = held.metadata
    if expression := meta.get("License-Expression"):
        parts = expression.replace("(", " ").replace(")", " ").replace(" AND ", " OR ").split(" OR ")
        return [part.strip() for part in parts]
    classified = [
        one.rsplit("::", 1)[1].strip()
        for one in meta.get_all("Classifier") or []
        if one.startswith("License ::") and "DFSG" not in one and one != "License :: OSI Approved"
    ]
    return classified or [(meta.get("License") or "").strip().splitlines()[0] if meta.get("License") else ""]


def taken(held: metadata.Distribution, name: str) -> bool:
    """Whether it may be a part: every licence that it is under is permissive, or it is taken by name."""
    return name in BY_NAME or all(one.startswith(PERMISSIVE) for one in said(held))
