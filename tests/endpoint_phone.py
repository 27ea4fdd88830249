"""A phone for tests of the endpoint: it enrols, signs in, pushes and pulls over any httpx-like client."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import msgspec

from care.facts import Body, Fact, Ref, raw, type_of
from care.ids import uuid7
from wire.cursor import Cursor
from wire.encoding import decode, encode
from wire.envelope import Envelope, envelope, stated
from wire.messages import (
    Certified,
    CertifyRequest,
    Enrolled,
    EnrolRequest,
    Page,
    Problem,
    Pulled,
    PushRequest,
    PushResult,
    Receipt,
    Session,
    SessionRequest,
    SessionStatement,
    Signed,
    SignInStarted,
    SignInState,
    opened,
)
from wire.seal import Sealed, Sealer
from wire.signature import Context, new_key, public_of, sign


def fresh_id() -> str:
    return uuid7(int(datetime.now(UTC).timestamp() * 1000), os.urandom(10))


class Refusal(Exception):
    """The endpoint answered with a Problem."""

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(f"{status} {problem}")
        self.status, self.problem = status, problem


class Phone:
    """One enrolled phone. `client` is an httpx.Client or Litestar's TestClient."""

    def __init__(self, client: Any, code: str, name: str = "Telefon 3") -> None:
        self.client = client
        self.private = new_key()
        self.staff_keys: dict[str, bytes] = {}
        self.tokens: dict[str | None, str] = {}
        self.cursors: dict[str, Cursor] = {}
        self.held: dict[str, list[Envelope]] = {}
        self.streams: tuple[str, ...] = ()
        self.seq = 0
        self.prev: str | None = None
        proof = sign(self.private, Context.ENROL, (code + name).encode())
        request = EnrolRequest(code=code, name=name, public=public_of(self.private), proof=proof)
        self.known = self.post("/v1/enrol", request, Enrolled)
        self.sealer = Sealer(self.known.seal_public, self.known.device)

    # ------------------------------------------------------------ calls

    def post(self, path: str, message: Any, kind: type[Any], token: str | None = None) -> Any:
        content = msgspec.json.encode(message) if message is not None else b""
        return self._read(self.client.post(path, content=content, headers=_headers(token)), kind)

    def get(self, path: str, kind: type[Any], token: str | None = None, **more: Any) -> Any:
        return self._read(self.client.get(path, headers=_headers(token), **more), kind)

    def _read(self, answer: Any, kind: type[Any]) -> Any:
        if answer.status_code != 200:
            problem = msgspec.json.decode(answer.content, type=Problem)
            raise Refusal(answer.status_code, problem)
        return decode(answer.content, kind)

    # ------------------------------------------------------------ who is calling

    def token(self, staff: str | None = None) -> str:
        if staff not in self.tokens:
            self.tokens[staff] = self.post("/v1/session", self.session_request(staff), Session).token
        return self.tokens[staff]

    def session_request(self, staff: str | None = None, at: datetime | None = None) -> SessionRequest:
        statement = SessionStatement(
            device=self.known.device, staff=staff, at=at or datetime.now(UTC), nonce=os.urandom(16)
        )
        data = encode(statement)
        person = sign(self.staff_keys[staff], Context.SESSION, data) if staff else None
        return SessionRequest(
            data=data, device_signature=sign(self.private, Context.SESSION, data), staff_signature=person
        )

    def start_sign_in(self) -> SignInStarted:
        started: SignInStarted = self.post("/v1/signin", None, SignInStarted, self.token())
        return started

    def sign_in_state(self, id: str) -> SignInState:
        state: SignInState = self.get(f"/v1/signin/{id}", SignInState, self.token())
        return state

    def certify(self, id: str, staff: str, private: bytes | None = None) -> Certified:
        private = private or new_key()
        proof = sign(private, Context.CERTIFY, f"{id}{staff}".encode())
        request = CertifyRequest(public=public_of(private), proof=proof)
        certified: Certified = self.post(f"/v1/signin/{id}/certify", request, Certified, self.token())
        self.staff_keys[staff] = private
        return certified

    def sign_in(self, staff: str) -> Certified:
        """The whole way, with the demo's provider in the browser."""
        started = self.start_sign_in()
        answer = self.client.post(f"/demo/signin/{started.id}", data={"staff": staff})
        assert answer.status_code == 200, answer.text
        assert self.sign_in_state(started.id).state == "done"
        self.tokens.pop(staff, None)
        return self.certify(started.id, staff)

    # ------------------------------------------------------------ facts

    def fact(
        self,
        body: Body,
        aggregate: Ref,
        author: str | None,
        *,
        rank: int = 1,
        unit: str | None = None,
        person: str | None = None,
        **changes: Any,
    ) -> Envelope:
        """A fact signed as the phone would sign it. `changes` forge fields of it."""
        self.seq += 1
        fact_type, version = type_of(body)
        fact = Fact(
            id=fresh_id(),
            type=fact_type,
            version=version,
            aggregate=aggregate,
            rank=rank,
            at=datetime.now(UTC),
            author=author,
            device=self.known.device,
            seq=self.seq,
            prev=self.prev,
            unit=unit or self.known.unit,
            person=person,
            body=raw(body),
        )
        return self.signed(msgspec.structs.replace(fact, **changes), author)

    def signed(self, fact: Fact, by: str | None) -> Envelope:
        # Not care's encode, which refuses what a forger would send.
        envelope = stated(msgspec.json.encode(fact), self.staff_keys[by] if by else self.private)
        self.prev = envelope.hash.hex()
        return envelope

    def seal(self, envelope: Envelope) -> Sealed:
        return self.sealer.seal(envelope.fact().id, bytes(envelope))

    def push(self, *envelopes: Envelope) -> list[PushResult]:
        return self.push_sealed([self.seal(one) for one in envelopes])

    def push_sealed(self, items: Sequence[Sealed]) -> list[PushResult]:
        answer = self.post("/v1/push", PushRequest(items=tuple(items)), Signed, self.token())
        receipt = opened(answer, self.known.sign_public, Context.RECEIPT, Receipt)
        assert receipt.device == self.known.device
        return list(receipt.results)

    def pull(self, staff: str, wait: float = 0) -> list[Page]:
        """One pull: pages are verified, checked to be gapless, and kept."""
        query: list[tuple[str, str]] = [("cursor", f"{name}@{at}") for name, at in self.cursors.items()]
        path = f"/v1/pull?{urlencode([*query, ('wait', str(wait))])}"
        pulled = self.get(path, Pulled, self.token(staff), timeout=40)
        self.streams = pulled.streams
        return [self._take(one) for one in pulled.pages]

    def pull_all(self, staff: str) -> dict[str, list[Envelope]]:
        """Pull until there is nothing more; everything held, by stream."""
        while self.pull(staff):
            pass
        return self.held

    def _take(self, one: Signed) -> Page:
        page = opened(one, self.known.sign_public, Context.PAGE, Page)
        cursor = self.cursors.get(page.stream)
        assert page.after == (cursor.position if cursor else 0)
        assert [placed.position for placed in page.facts] == list(range(page.after + 1, page.upto + 1))
        self.held.setdefault(page.stream, []).extend(envelope(placed.envelope) for placed in page.facts)
        self.cursors[page.stream] = Cursor(page.epoch, page.upto)
        return page


def _headers(token: str | None) -> dict[str, str]:
    headers = {"content-type": "application/json"}
    return headers | {"authorization": f"Bearer {token}"} if token else headers
