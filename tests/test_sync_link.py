"""The line: what answers is the endpoint or it is not, and every failure has its name."""

import gzip
import ssl
from collections.abc import Callable

import httpx
import pytest

from sync import errors
from sync.link import HEADER, Link
from views.texts import LANGUAGES, Texts
from wire.encoding import Encoding, encode
from wire.messages import (
    Problem,
    SessionRequest,
    SignInState,
)

OURS = {HEADER: "1", "Content-Type": "application/json"}
STATE = encode(SignInState(state="waiting"))

Answers = Callable[[httpx.Request], httpx.Response]


def link(answers: Answers) -> Link:
    return Link("https://rapp.example.se", httpx.MockTransport(answers))


def answering(status: int, body: bytes = STATE, headers: dict[str, str] = OURS) -> Link:
    return link(lambda request: httpx.Response(status, content=body, headers=headers))


def problem(code: str, **more: object) -> bytes:
    return encode(Problem(code=code, **more))  # type: ignore[arg-type]


async def failure(one: Link) -> errors.SyncError:
    with pytest.raises(errors.SyncError) as caught:
        await one.get("/v1/signin/1", SignInState, "token")
    await one.close()
    return caught.value


async def test_an_answer_of_the_endpoint_is_read() -> None:
    assert (await answering(200).get("/v1/signin/1", SignInState)).state == "waiting"


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (200, b"<html>Log in to the guest network</html>", {"Content-Type": "text/html"}),
        (302, b"", {"Location": "http://login.example/"}),
        (200, STATE, {"Content-Type": "application/json"}),
        (511, b"", {}),
        (404, b"not found", {}),
    ],
)
async def test_a_login_page_is_recognised(status: int, body: bytes, headers: dict[str, str]) -> None:
    assert type(await failure(answering(status, body, headers))) is errors.CaptivePortal


async def test_a_line_that_has_been_closed_is_one_without_contact() -> None:
    """Somebody asks for a case while the phone closes."""
    one = answering(200)
    await one.close()
    assert isinstance(await failure(one), errors.Offline)


async def test_a_redirect_is_never_followed() -> None:
    asked: list[str] = []

    def answers(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(307, headers={"Location": "https://elsewhere.example/"})

    assert isinstance(await failure(link(answers)), errors.CaptivePortal)
    assert asked == ["rapp.example.se"]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "malformed", errors.Malformed),
        (401, "token", errors.NotSignedIn),
        (413, "too_large", errors.TooLarge),
        (400, "protocol", errors.TooOld),
        (403, "closing_device", errors.Closing),
        (403, "certificate_expired", errors.NotSignedIn),
        (403, "forbidden", errors.Refused),
        (410, "gone", errors.Refused),
    ],
)
async def test_every_refusal_has_its_type_code_field_and_reason(
    status: int, code: str, kind: type[errors.Refused]
) -> None:
    error = await failure(answering(status, problem(code, field="items", reason="because")))
    assert type(error) is kind
    assert isinstance(error, errors.Refused)
    assert (error.code, error.field, error.reason) == (code, "items", "because")


@pytest.mark.parametrize("headers", [OURS, {}], ids=["endpoint", "proxy"])
async def test_retry_after_is_passed_on(headers: dict[str, str]) -> None:
    error = await failure(answering(503, problem("busy"), headers | {"Retry-After": "7"}))
    assert isinstance(error, errors.Busy)
    assert error.retry_after == 7


async def test_retry_after_may_stand_in_the_problem() -> None:
    error = await failure(answering(429, problem("busy", retry_after=3)))
    assert isinstance(error, errors.Busy)
    assert error.retry_after == 3


@pytest.mark.parametrize("value", ["soon", "-1", "Wed, 21 Oct 2026 07:28:00 GMT", "²"])
async def test_a_retry_after_that_is_no_number_is_passed_over(value: str) -> None:
    error = await failure(answering(503, problem("busy"), OURS | {b"Retry-After": value.encode("latin-1")}))
    assert isinstance(error, errors.Busy)
    assert error.retry_after is None


@pytest.mark.parametrize("body", [b"", b"{", b'{"state": 5}', b"\xff", b"[]", b'{"state": "other"}'])
async def test_an_answer_without_its_form_is_bad(body: bytes) -> None:
    assert type(await failure(answering(200, body))) is errors.BadAnswer


async def test_gzip_that_is_none_is_bad() -> None:
    assert (
        type(await failure(answering(200, b"no gzip", OURS | {"Content-Encoding": "gzip"})))
        is errors.BadAnswer
    )


async def test_an_endless_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.link._LONGEST_ANSWER", 1_000_000)
    bomb = gzip.compress(b" " * 5_000_000)
    assert type(await failure(answering(200, bomb, OURS | {"Content-Encoding": "gzip"}))) is errors.BadAnswer


def raising(error: Exception) -> Answers:
    def answers(request: httpx.Request) -> httpx.Response:
        raise error

    return answers


def untrusted() -> httpx.ConnectError:
    error = httpx.ConnectError("certificate verify failed")
    error.__cause__ = ssl.SSLCertVerificationError("expired")
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("no route"), errors.Offline),
        (httpx.ConnectTimeout("slow"), errors.Offline),
        (httpx.PoolTimeout("full"), errors.Offline),
        (httpx.ReadError("reset"), errors.Offline),
        (httpx.WriteError("reset"), errors.Offline),
        (httpx.RemoteProtocolError("gone"), errors.Offline),
        (httpx.ReadTimeout("slow"), errors.TimedOut),
        (httpx.WriteTimeout("slow"), errors.TimedOut),
        (untrusted(), errors.Untrusted),
    ],
)
async def test_every_failure_of_the_line_has_its_type(error: Exception, kind: type[errors.SyncError]) -> None:
    assert type(await failure(link(raising(error)))) is kind


async def test_large_messages_travel_compressed_and_small_ones_do_not() -> None:
    seen: list[httpx.Request] = []

    def answers(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=STATE, headers=OURS)

    one = link(answers)
    large = SessionRequest(data=b"a" * 5000, device_signature=b"")
    await one.post("/v1/session", large, SignInState)
    await one.post("/v1/session", SessionRequest(data=b"a", device_signature=b""), SignInState)
    assert gzip.decompress(seen[0].content) == encode(large)
    assert seen[0].headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in seen[1].headers


@pytest.mark.parametrize(
    "url",
    [
        "http://rapp.example.se",
        "ftp://rapp.example.se",
        "rapp.example.se",
        "",
        "https://",
        "http://[",
        "http://127.0.0.1.example.se",
    ],
)
def test_nothing_is_sent_in_the_clear(url: str) -> None:
    with pytest.raises(errors.Insecure):
        Link(url)


def test_this_very_machine_needs_no_certificate() -> None:
    assert Link("http://127.0.0.1:8000/").url == "http://127.0.0.1:8000"


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_the_chip_may_say_has_its_words(language: str) -> None:
    def tree(kind: type[errors.SyncError]) -> list[type[errors.SyncError]]:
        return [kind, *(each for sub in kind.__subclasses__() for each in tree(sub))]

    keys = [kind.key for kind in tree(errors.SyncError)]
    assert len(set(keys)) == len(keys)
    others = ["delivery.storage", "delivery.stuck", "delivery.quarantined"]
    assert [key for key in [*keys, *others] if not Texts.load(language).has(key)] == []


async def test_json_is_sent_until_the_endpoint_answers_in_messagepack_and_after_a_refusal() -> None:
    packed = OURS | {"Content-Type": Encoding.MSGPACK.value}
    answers = iter(
        [
            httpx.Response(200, content=STATE, headers=OURS),
            httpx.Response(200, content=encode(SignInState(state="done"), Encoding.MSGPACK), headers=packed),
            httpx.Response(400, content=problem("bad_json"), headers=OURS),
        ]
    )
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["accept"])
        return next(answers)

    one = link(answer)
    assert one.encoding is Encoding.JSON
    assert (await one.get("/v1/signin/1", SignInState)).state == "waiting"
    assert one.encoding is Encoding.JSON
    assert (await one.get("/v1/signin/1", SignInState)).state == "done"
    assert one.encoding is Encoding.MSGPACK
    with pytest.raises(errors.Malformed):
        await one.get("/v1/signin/1", SignInState)
    # It may be an older one, put back.
    assert one.encoding is Encoding.JSON
    assert set(asked) == {f"{Encoding.MSGPACK.value}, application/json;q=0.5"}
    await one.close()
