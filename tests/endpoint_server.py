"""The endpoint for tests: in this process, or as a real child that can be stopped and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from litestar.testing import TestClient

from endpoint import devices
from endpoint.app import create_app
from endpoint.database import Database
from endpoint.parts import Now, Parts, utc_now
from endpoint.settings import Settings
from tests.fresh_tables import with_tables

_ROOT = Path(__file__).parent.parent
_START_S = 90.0


class Server:
    """``python -m endpoint serve`` in a child, on a free port and a data folder that survives a stop."""

    def __init__(self, data: Path, *options: str, database_url: str | None = None) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._options = options
        self._environment = {**os.environ, "DATABASE_URL": database_url or "", "RAPP_PUBLIC_URL": ""}
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.data / "endpoint.log"

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Start, and return when it answers."""
        self.data.mkdir(parents=True, exist_ok=True)
        arguments = ["serve", "--data", str(self.data), "--port", str(self.port), *self._options]
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "endpoint", *arguments],
                cwd=_ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        ends = time.monotonic() + _START_S
        # One client for all that is asked: each reads the system's certificates when it is made.
        with httpx.Client(timeout=2) as client:
            while time.monotonic() < ends:
                if self._child.poll() is not None:
                    raise RuntimeError(f"the endpoint ended at once:\n{self.log.read_text()}")
                try:
                    if client.get(f"{self.url}/v1/health").status_code == 200:
                        return
                except httpx.TransportError:
                    time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"the endpoint did not answer:\n{self.log.read_text()}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; with SIGKILL as a crash would."""
        if self._child is None:
            return
        self._child.send_signal(how)
        try:
            self._child.wait(15)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait(5)
        self._child = None

    def enrol_code(self, unit: str, name: str = "Telefon 3") -> str:
        """A code as the command line gives it; a process for each would be most of a test's time."""
        settings = Settings(data=self.data, database_url=self._environment["DATABASE_URL"] or None)
        database = Database(settings.database)
        try:
            return enrol_code(database, unit, name)
        finally:
            database.close()

    def command(self, *words: str) -> str:
        """What a command says, run beside the endpoint as an administrator would."""
        words = ("-m", "endpoint", *words, "--data", str(self.data))
        done = subprocess.run(
            [sys.executable, *words],
            cwd=_ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()


@contextmanager
def server(data: Path, *options: str, database_url: str | None = None) -> Iterator[Server]:
    """A running endpoint, with the demo's people unless `options` say otherwise."""
    running = Server(data, *(options or ("--demo",)), database_url=database_url)
    running.start()
    try:
        yield running
    finally:
        running.stop()


@contextmanager
def in_process(
    data: Path, database_url: str | None = None, now: Now = utc_now, handlers: Sequence[Any] = ()
) -> Iterator[TestClient[Any]]:
    """The endpoint in this process, with the demo's sign-in but nobody in it. ``client.app.state.parts``."""
    settings = Settings(data=data, database_url=database_url, public_url="http://testserver.local", demo=True)
    if database_url is None:
        with_tables(data / "endpoint.sqlite")
    with TestClient(create_app(settings, handlers, now)) as client:
        yield client


def parts_of(client: TestClient[Any]) -> Parts:
    parts: Parts = client.app.state.parts
    return parts


def enrol_code(database: Database, unit: str, name: str = "Telefon 3") -> str:
    return database.write_now(lambda connection: devices.new_code(connection, unit, name, utc_now()))


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
