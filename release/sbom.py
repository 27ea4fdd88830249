"""``make sbom``: what the phone and the endpoint are made of, as CycloneDX 1.6 JSON in build/.

cyclonedx-py describes the whole environment, with licences; of that each list holds what comes with its part.
Fonts and htmx are not from an index: they are in the source, and named here; what vl-convert holds is too.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import vl_convert

from endpoint.charting import VEGA_LITE
from release.parts import EXTRAS, ROOT, closure, normal

BUILD = ROOT / "build"
_FONTS = [
    {"type": "file", "name": "Atkinson Hyperlegible", "licenses": [{"license": {"id": "OFL-1.1"}}]},
    {"type": "file", "name": "Noto Sans Arabic", "licenses": [{"license": {"id": "OFL-1.1"}}]},
]
_HTMX = ROOT / "endpoint" / "console" / "static" / "htmx.min.js"


def main() -> int:
    BUILD.mkdir(exist_ok=True)
    whole = described()
    for what in EXTRAS:
        path = BUILD / f"sbom-{what}.json"
        path.write_text(json.dumps(of(what, whole), indent=1, ensure_ascii=False))
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    return 0


def described() -> dict[str, Any]:
    """The environment, as cyclonedx-py sees it."""
    tool = str(Path(sys.executable).with_name("cyclonedx-py"))
    command = [tool, "environment", "--pyproject", "pyproject.toml", "--output-reproducible", "--sv", "1.6"]
    done = subprocess.run([*command, sys.executable], cwd=ROOT, capture_output=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def of(what: str, whole: dict[str, Any]) -> dict[str, Any]:
    """The part of the description that is about the phone, the endpoint, or all that is developed with."""
    names = set(closure(what))
    components = [one for one in whole["components"] if normal(one["name"]) in names]
    refs = {one["bom-ref"] for one in components} | {whole["metadata"]["component"]["bom-ref"]}
    dependencies = [
        one | {"dependsOn": [ref for ref in one.get("dependsOn", []) if ref in refs]}
        for one in whole["dependencies"]
        if one["ref"] in refs
    ]
    return whole | {"components": [*components, *in_the_source(what)], "dependencies": dependencies}


def in_the_source(what: str) -> list[dict[str, Any]]:
    """What came from elsewhere and is kept in the source: fonts on both, htmx on the console."""
    version = re.search(r'version:"([\d.]+)"', _HTMX.read_text())
    assert version is not None
    licence = [{"license": {"id": "0BSD"}}]
    htmx = {"type": "library", "name": "htmx.org", "version": version.group(1), "licenses": licence}
    return _FONTS if what == "phone" else [*_FONTS, htmx, *within_vl_convert()]


def within_vl_convert() -> list[dict[str, Any]]:
    """What draws charts: its one file holds Vega and Vega-Lite, the engine that they run in, and a font."""
    licence = [{"license": {"id": "BSD-3-Clause"}}]
    vega = {"type": "library", "name": "vega", "version": vl_convert.get_vega_version(), "licenses": licence}
    lite = {"type": "library", "name": "vega-lite", "version": VEGA_LITE, "licenses": licence}
    engine = {"type": "library", "name": "v8", "licenses": licence}
    font = {"type": "file", "name": "Liberation Sans", "licenses": [{"license": {"id": "OFL-1.1"}}]}
    return [vega, lite, engine, font]


if __name__ == "__main__":
    sys.exit(main())
