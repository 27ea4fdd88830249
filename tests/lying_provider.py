"""A small provider that lies when told to, over real HTTP: what the certified one cannot be made to do."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.identity_desk import LOA3

Change = Callable[[dict[str, Any]], None]
HSA = "SE2321000016-K1"


class Liar:
    """Honest until a lie is set. `claims`, `answer` and `metadata` change what is about to be said."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.rsa = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}, private=True)
        self.fresh()

    def fresh(self) -> None:
        """No lies, one new key, and nothing remembered."""
        self.key = ECKey.generate_key("P-256", {"kid": f"key-{time.monotonic_ns()}"}, private=True)
        self.shown: list[dict[str, Any]] = [self.key.as_dict(private=False), self.rsa.as_dict(private=False)]
        self.claims: Change = lambda _claims: None
        self.answer: Change = lambda _answer: None
        self.metadata: Change = lambda _metadata: None
        self.refreshed: Change = lambda _claims: None
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.token_status = 200
        self.token_body: bytes | None = None
        self.token_headers: dict[str, str] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []

    # ------------------------------------------------------------ signing

    def signed(self, claims: dict[str, Any], key: Any = None, **header: Any) -> str:
        key = key or self.key
        algorithm = "RS256" if isinstance(key, RSAKey) else "ES256"
        named = {"alg": algorithm, "kid": key.kid} | header
        return jwt.encode({k: v for k, v in named.items() if v is not None}, claims, key, [algorithm])

    def unsigned(self, claims: dict[str, Any]) -> str:
        return f"{_part({'alg': 'none'})}.{_part(claims)}."

    def with_public_key_as_secret(self, claims: dict[str, Any]) -> str:
        signing = f"{_part({'alg': 'HS256', 'kid': 'rsa'})}.{_part(claims)}"
        secret = self.rsa.as_pem(private=False)
        return f"{signing}.{_base64(hmac.digest(secret, signing.encode(), 'sha256'))}"

    def id_token(self, nonce: str, change: Change) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": "karin",
            "aud": "rapp",
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": nonce,
            "acr": LOA3,
            "amr": ["pop"],
            "sid": "session-1",
            "employeeHsaId": HSA,
            "groups": ["other", "rapp"],
            "at_hash": _base64(hashlib.sha256(b"access").digest()[:16]),
        }
        change(claims)
        return self.sign({name: value for name, value in claims.items() if value is not None})

    def logout_token(self, change: Change = lambda _claims: None) -> dict[str, Any]:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": "rapp",
            "iat": now,
            "exp": now + 120,
            "jti": f"jti-{time.monotonic_ns()}",
            "sub": "karin",
            "sid": "session-1",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        }
        change(claims)
        return {name: value for name, value in claims.items() if value is not None}

    # ------------------------------------------------------------ answering

    def configuration(self) -> dict[str, Any]:
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
        self.metadata(found)
        return {name: value for name, value in found.items() if value is not None}

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes: back at once, as somebody who is signed in already."""
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        answer: dict[str, Any] = {"code": code, "state": asked["state"], "iss": self.issuer}
        self.answer(answer)
        given = {name: value for name, value in answer.items() if value is not None}
        return f"{asked['redirect_uri']}?{urlencode(given)}"

    def tokens(self, form: dict[str, str]) -> dict[str, Any]:
        if form["grant_type"] == "refresh_token":
            return {"access_token": "access", "id_token": self.id_token("", self.refreshed)}
        asked = self.codes.pop(form["code"], None)
        digest = _base64(hashlib.sha256(form["code_verifier"].encode()).digest())
        if asked is None or asked["code_challenge"] != digest:
            self.token_status = 400
            return {"error": "invalid_grant"}
        id_token = self.id_token(asked["nonce"], self.claims)
        return {"access_token": "access", "refresh_token": "refresh", "id_token": id_token}


def _part(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@contextmanager
def lying_provider(port: int) -> Iterator[Liar]:
    """The provider on a port of this machine."""
    liar = Liar(port)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            liar.asked.append(parts.path)
            if parts.path == "/auth":
                asked = {name: value[0] for name, value in parse_qs(parts.query).items()}
                self._send(303, b"", {"Location": liar.authorize(asked)})
            elif parts.path == "/jwks":
                self._send(200, json.dumps({"keys": liar.shown}).encode())
            elif parts.path == "/.well-known/openid-configuration":
                self._send(200, json.dumps(liar.configuration()).encode())
            else:
                self._send(404, b"{}")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: value[0] for name, value in parse_qs(body).items()}
            found = json.dumps(liar.tokens(form)).encode()
            self._send(
                liar.token_status, found if liar.token_body is None else liar.token_body, liar.token_headers
            )

        def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield liar
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
