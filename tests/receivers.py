"""Those who are sent messages, as processes of their own: an SMS gateway and webhook, and a mail server.

    python -m tests.receivers gateway FOLDER      POST /sms and POST /hook
    python -m tests.receivers mail FOLDER         SMTP with STARTTLS and a password

Each prints its port. What is taken is a file in the folder; the gateway takes each id once (docs/watch.md).
The file ``answer`` says what to answer instead: a status, or "hang".
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

USER, PASSWORD = "rapp", "invented-password"
TOKEN = "invented-token"


class Receiver:
    """A running one, seen from a test."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port

    @property
    def taken(self) -> list[Path]:
        return sorted(self.folder.glob("taken-*"))

    @property
    def asked(self) -> int:
        """How many requests there were, taken or not."""
        return len(list(self.folder.glob("asked-*")))

    def answer(self, what: str) -> None:
        (self.folder / "answer").write_text(what)

    def wait(self, count: int) -> list[Path]:
        """What was taken, once it is so many."""
        ends = time.monotonic() + 20
        while len(self.taken) < count and time.monotonic() < ends:
            time.sleep(0.02)
        return self.taken


@contextmanager
def receiver(kind: str, folder: Path) -> Iterator[Receiver]:
    folder.mkdir(parents=True)
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.receivers", kind, str(folder)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout is not None
        yield Receiver(folder, int(child.stdout.readline()))
    finally:
        child.terminate()
        child.communicate(timeout=10)


def certificate(folder: Path) -> Path:
    """A certificate of 127.0.0.1 with its key, signed by itself, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


def _gateway(folder: Path) -> None:
    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            (folder / f"asked-{time.time_ns()}").write_bytes(body)
            id = self.headers.get("Idempotency-Key") or self.headers.get("webhook-id") or ""
            answer = _answer(folder)
            if answer.isdecimal():
                self.send_response(int(answer))
            else:
                (folder / f"taken-{id}").write_text(
                    json.dumps({"path": self.path, "headers": dict(self.headers), "body": body.decode()})
                )
                if answer == "hang":
                    time.sleep(30)
                self.send_response(202)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as server:
        server.daemon_threads = True
        print(server.server_address[1], flush=True)
        server.serve_forever()


def _mail(folder: Path) -> None:
    import ssl

    from aiosmtpd.smtp import SMTP, AuthResult

    class Letters:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            answer = _answer(folder)
            if answer:
                return f"{answer} not now"
            (folder / f"taken-{time.time_ns()}").write_bytes(envelope.content)
            return "250 OK"

        async def handle_RCPT(  # noqa: N802
            self, server: Any, session: Any, envelope: Any, address: str, options: Any
        ) -> str:
            if address.startswith("nobody@"):
                return "550 no such user"
            envelope.rcpt_tos.append(address)
            return "250 OK"

    def check(server: Any, session: Any, envelope: Any, how: str, data: Any) -> Any:
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()))

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder))

    def server() -> SMTP:
        return SMTP(
            Letters(), tls_context=context, require_starttls=True, authenticator=check, auth_required=True
        )

    async def run() -> None:
        listening = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
        print(listening.sockets[0].getsockname()[1], flush=True)
        await listening.serve_forever()

    asyncio.run(run())


def _answer(folder: Path) -> str:
    file = folder / "answer"
    return file.read_text().strip() if file.exists() else ""


if __name__ == "__main__":
    os.umask(0o077)
    {"gateway": _gateway, "mail": _mail}[sys.argv[1]](Path(sys.argv[2]))
