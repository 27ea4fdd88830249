"""A small endpoint in memory, for the faults that the real one does not have: it can lie, lose and refuse.

It speaks wire.messages through an httpx transport, and follows the same rules of streams.
"""

import asyncio
import gzip
import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import httpx
import msgspec

from care.documents import fold
from care.facts import Ref, body_of
from care.photo import DeviationPhotographed, pieces
from care.rights import Role
from care.staff import RoleInUnit, StaffDocument
from care.streams import granted, streams_of
from sync.link import HEADER
from wire import enrolled, seal, signature
from wire.cursor import Cursor
from wire.encoding import decode, encode
from wire.envelope import Envelope, envelope
from wire.messages import (
    Certified,
    CertifyRequest,
    Enrolled,
    EnrolRequest,
    Page,
    Placed,
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
    Whole,
    signed,
)
from wire.pieces import PhotoHeld, PhotoPieces, PhotoState, open_piece
from wire.signature import Context

UNIT = "11111111-1111-5111-8111-111111111111"
EPOCH = "e1"
Fault = Callable[[httpx.Request], httpx.Response | None]


class Refuse(Exception):
    def __init__(self, status: int, code: str, **headers: str) -> None:
        super().__init__(code)
        self.status, self.code, self.headers = status, code, headers


class SmallEndpoint(httpx.AsyncBaseTransport):
    """Set `away` to cut the line, `fault` to answer in its place, `lose_answer` to act and not answer."""

    def __init__(self) -> None:
        self.sign_key, self.seal_key = signature.new_key(), seal.new_key()
        self.page_key = self.receipt_key = self.sign_key
        self.away = False
        self.fault: Fault | None = None
        self.lose_answer: set[str] = set()
        self.largest_push = 1000
        self.set_aside = False
        self.delay_s = 0.0
        self.requests: list[tuple[str, int]] = []
        self.facts: dict[str, Envelope] = {}
        self.streams: dict[str, list[str]] = {}
        self.devices: dict[str, bytes] = {}
        self.staff: dict[str, StaffDocument] = {}
        self.staff_keys: dict[str, list[bytes]] = {}
        self.phone_keys: dict[str, bytes] = {}
        self.own_keys: dict[str, bytes] = {}
        self.tokens: dict[str, SessionStatement] = {}
        self.next_sign_in = ""
        self.pieces: dict[str, dict[int, bytes]] = {}
        self.photos: dict[str, bytes] = {}
        self.taken: list[tuple[str, int]] = []
        self.lose_pieces = False
        self._opener = seal.Opener(self.seal_key)

    def employ(self, staff: str, name: str, *roles: Role, unit: str = UNIT) -> None:
        held = [RoleInUnit(role, unit, date(2020, 1, 1)) for role in roles]
        self.staff[staff] = StaffDocument(id=staff, name=name, title="assistant_nurse", roles=held)

    def paths(self, path: str) -> int:
        """How many requests were made of a path."""
        return sum(1 for asked, _ in self.requests if asked.startswith(path))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("no route to host", request=request)
        body = b"".join([chunk async for chunk in request.stream])  # type: ignore[union-attr]
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        path = request.url.path
        await asyncio.sleep(self.delay_s)
        self.requests.append((path, len(body)))
        if self.fault and (instead := self.fault(request)):
            return instead
        try:
            answer = await self._answer(request, path, body)
            response = httpx.Response(200, content=encode(answer), headers={HEADER: "1"})
        except Refuse as refusal:
            response = httpx.Response(
                refusal.status,
                content=encode(Problem(code=refusal.code)),
                headers={HEADER: "1", **refusal.headers},
            )
        if path in self.lose_answer:
            self.lose_answer.discard(path)
            raise httpx.ReadError("the line broke", request=request)
        return response

    async def _answer(self, request: httpx.Request, path: str, body: bytes) -> msgspec.Struct:
        if path == "/v1/enrol":
            return self._enrol(decode(body, EnrolRequest))
        if path == "/v1/session":
            return self._session(decode(body, SessionRequest))
        who = self.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if who is None:
            raise Refuse(401, "token")
        if path.startswith("/v1/device") or path == "/v1/certificate":
            # As an endpoint from before phones had a standing.
            raise Refuse(404, "no_such_call")
        if path == "/v1/push":
            return self._push(who.device, decode(body, PushRequest))
        if path.startswith("/v1/photo/"):
            return self._photo(who.device, path.split("/")[3], decode(body, PhotoPieces))
        if path == "/v1/pull":
            return await self._pull(who, request.url.params)
        if path.startswith("/v1/aggregate/"):
            return self._whole(who, *path.split("/")[3:], request.url.params.get("stream", ""))
        if path == "/v1/signin":
            return SignInStarted(
                id="s1", url="http://login", number="42", expires=now() + timedelta(minutes=5)
            )
        if path.endswith("/certify"):
            return self._certify(who.device, decode(body, CertifyRequest))
        return SignInState(
            state="done" if self.next_sign_in else "waiting",
            staff=self.next_sign_in or None,
            name=self.staff[self.next_sign_in].name if self.next_sign_in else "",
        )

    def _enrol(self, asked: EnrolRequest) -> Enrolled:
        if asked.code != "1234-5678":
            raise Refuse(403, "code")
        signature.verify(asked.public, Context.ENROL, asked.proof, (asked.code + asked.name).encode())
        known = [device for device, public in self.devices.items() if public == asked.public]
        device = known[0] if known else f"d-{len(self.devices) + 1}"
        self.devices[device], self.phone_keys[device] = asked.public, secrets.token_bytes(32)
        answer = Enrolled(
            device=device,
            unit=UNIT,
            unit_name="Granen",
            sign_public=signature.public_of(self.sign_key),
            seal_public=seal.public_of(self.seal_key),
            now=now(),
        )
        return enrolled.signed_by(answer, self.sign_key, asked.public)

    def _session(self, asked: SessionRequest) -> Session:
        said = decode(asked.data, SessionStatement)
        signature.verify(self.devices[said.device], Context.SESSION, asked.device_signature, asked.data)
        if said.staff:
            if not self.staff_keys.get(said.staff) or asked.staff_signature is None:
                raise Refuse(401, "staff")
            signature.verify(
                self.staff_keys[said.staff][-1], Context.SESSION, asked.staff_signature, asked.data
            )
        token = secrets.token_hex(8)
        self.tokens[token] = said
        return Session(token=token, expires=now() + timedelta(hours=1), now=now())

    def _certify(self, device: str, asked: CertifyRequest) -> Certified:
        staff = self.next_sign_in
        signature.verify(asked.public, Context.CERTIFY, asked.proof, f"s1{staff}".encode())
        self.staff_keys.setdefault(staff, []).append(asked.public)
        return Certified(
            staff=staff,
            start=now(),
            end=now() + timedelta(days=90),
            phone_key=self.phone_keys[device],
            own_key=self.own_keys.setdefault(device + staff, secrets.token_bytes(32)),
        )

    def _push(self, device: str, asked: PushRequest) -> Signed:
        if len(asked.items) > self.largest_push:
            raise Refuse(413, "too_large")
        results = []
        for item in asked.items:
            if self.set_aside:
                results.append(PushResult(id=item.id, status="quarantined", reason="unsigned"))
                continue
            read = envelope(self._opener.open(item, device))
            known = item.id in self.facts
            if not known:
                self.facts[item.id] = read
                self._publish(read)
            results.append(PushResult(id=item.id, status="known" if known else "accepted", hash=read.hash))
        receipt = Receipt(device=device, received=now(), results=tuple(results))
        return signed(receipt, self.receipt_key, Context.RECEIPT)

    def _photo(self, device: str, photo: str, asked: PhotoPieces) -> Signed:
        if photo not in self.facts:
            raise Refuse(404, "no_such_photo")
        said = body_of(self.facts[photo].fact())
        assert isinstance(said, DeviationPhotographed)
        held = self.pieces.setdefault(photo, {})
        for piece in asked.pieces:
            held[piece.n] = open_piece(self._opener, photo, piece, device)
            self.taken.append((photo, piece.n))
        state: PhotoState = "wanted"
        if photo in self.photos:
            state = "whole"
        elif len(held) == pieces(said.size):
            data = b"".join(held[n] for n in sorted(held))
            state = "whole" if hashlib.sha256(data).hexdigest() == said.sha256 else "refused"
            if state == "whole":
                self.photos[photo] = data
            held.clear()
        if self.lose_pieces:
            held.clear()
        answer = PhotoHeld(device=device, photo=photo, state=state, held=tuple(sorted(held)), received=now())
        return signed(answer, self.receipt_key, Context.PHOTO)

    def _publish(self, read: Envelope) -> None:
        ref = read.fact().aggregate
        facts = [one.fact() for one in self.facts.values() if one.fact().aggregate == ref]
        for stream in streams_of(fold(ref.kind, ref.id, facts)):
            held = self.streams.setdefault(str(stream), [])
            held.extend(fact.id for fact in facts if fact.id not in held)

    async def _pull(self, who: SessionStatement, params: httpx.QueryParams) -> Pulled:
        assert who.staff
        names = [str(one) for one in granted(self.staff[who.staff], now().date())]
        held = dict.fromkeys(names, 0)
        for asked in params.get_list("cursor"):
            name, _, text = asked.rpartition("@")
            if name in held:
                cursor = Cursor.parse(text)
                held[name] = cursor.position if cursor.epoch == EPOCH else 0
        until = asyncio.get_running_loop().time() + float(params["wait"])
        while True:
            pages = [
                self._page(name, at) for name, at in held.items() if len(self.streams.get(name, [])) > at
            ]
            left = until - asyncio.get_running_loop().time()
            if pages or left <= 0:
                return Pulled(pages=tuple(pages), streams=tuple(names), now=now())
            await asyncio.sleep(min(0.02, left))

    def _whole(self, who: SessionStatement, kind: str, id: str, stream: str) -> Signed:
        assert who.staff
        names = [str(one) for one in granted(self.staff[who.staff], now().date())]
        if stream and stream not in names:
            raise Refuse(404, "no_such_stream")
        for name in [stream] if stream else names:
            placed = tuple(
                Placed(position=n, envelope=bytes(self.facts[fact]))
                for n, fact in enumerate(self.streams.get(name, []), 1)
                if self.facts[fact].fact().aggregate == Ref(kind, id)
            )
            if placed:
                message = Whole(kind=kind, id=id, stream=name, facts=placed, now=now())
                return signed(message, self.page_key, Context.WHOLE)
        raise Refuse(404, "no_such_aggregate")

    def _page(self, stream: str, after: int, most: int = 50) -> Signed:
        ids = self.streams[stream][after : after + most]
        placed = tuple(
            Placed(position=after + 1 + n, envelope=bytes(self.facts[id])) for n, id in enumerate(ids)
        )
        more = len(self.streams[stream]) > after + most
        page = Page(
            stream=stream, epoch=EPOCH, after=after, upto=after + len(ids), more=more, facts=placed, now=now()
        )
        return signed(page, self.page_key, Context.PAGE)


def now() -> datetime:
    return datetime.now(UTC)
