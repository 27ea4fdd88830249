"""What a provider says of itself: read when needed, kept for an hour, not waited for when it is down."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey

from endpoint.identity.errors import NotValid, Unreachable
from endpoint.identity.metadata import Answer, Known, Reach
from endpoint.identity.openid_settings import OpenId, Secret

ISSUER = "https://idp.example"


class Wire(Reach):
    """A provider at the other end of no wire."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.down = False
        self.keys = [ECKey.generate_key("P-256", {"kid": "a"}).as_dict(private=False)]

    async def get(self, url: str) -> Answer:
        self.asked.append(url.removeprefix(ISSUER))
        if self.down:
            raise Unreachable(url)
        if url.endswith("/jwks"):
            return Answer(200, json.dumps({"keys": self.keys}).encode())
        addresses = {
            "authorization_endpoint": f"{ISSUER}/auth",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/jwks",
        }
        return Answer(200, json.dumps({"issuer": ISSUER, **addresses}).encode())


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def known(wire: Wire, clock: Clock) -> Known:
    settings = OpenId(
        issuer=ISSUER, client_id="rapp", client_secret=Secret("x"), identity_claim="sub", acr=("3",)
    )
    return Known(settings, wire, clock)


async def test_it_is_read_once_an_hour(known: Known, wire: Wire, clock: Clock) -> None:
    for at in (0, 1, 3599):
        clock.at = 1000.0 + at
        await known.metadata()
    assert len(wire.asked) == 1
    clock.at = 1000.0 + 3601
    await known.metadata()
    assert len(wire.asked) == 2


async def test_a_provider_that_is_down_is_not_waited_for_by_one_after_the_other(
    known: Known, wire: Wire, clock: Clock
) -> None:
    wire.down = True
    for _ in range(3):
        with pytest.raises(Unreachable):
            await known.metadata()
    assert len(wire.asked) == 1
    wire.down, clock.at = False, clock.at + 6
    assert (await known.metadata()).issuer == ISSUER


async def test_what_it_last_said_of_itself_stands_while_it_is_down(
    known: Known, wire: Wire, clock: Clock
) -> None:
    before = await known.metadata()
    wire.down, clock.at = True, clock.at + 4000
    assert await known.metadata() is before
    assert await known.metadata() is before
    assert len(wire.asked) == 2
    # Its keys are not: what was taken away there must not be believed here for longer.
    with pytest.raises(Unreachable):
        await known.key("a", "ES256")


async def test_an_unknown_key_has_the_keys_read_anew_at_most_every_half_minute(
    known: Known, wire: Wire, clock: Clock
) -> None:
    assert (await known.key("a", "ES256")).kid == "a"
    for _ in range(5):
        with pytest.raises(NotValid):
            await known.key("b", "ES256")
    assert wire.asked.count("/jwks") == 2
    wire.keys = [ECKey.generate_key("P-256", {"kid": "b"}).as_dict(private=False)]
    clock.at += 31
    assert (await known.key("b", "ES256")).kid == "b"
    with pytest.raises(NotValid):
        await known.key("a", "ES256")


Spoil = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: key.update(use="enc"),
        lambda key: key.update(alg="ES384"),
        lambda key: key.update(kty="oct"),
        lambda key: key.update(kty="unheard-of"),
        lambda key: key.update(x="AAAA"),
        lambda key: key.pop("crv"),
        lambda key: key.clear(),
    ],
)
async def test_a_key_that_is_none_is_passed_over_and_the_others_are_not(
    known: Known, wire: Wire, spoil: Spoil
) -> None:
    bad = ECKey.generate_key("P-256", {"kid": "bad"}).as_dict(private=False)
    spoil(bad)
    wire.keys.insert(0, bad)
    assert (await known.key("a", "ES256")).kid == "a"
    with pytest.raises(NotValid):
        await known.key("bad", "ES256")


async def test_a_key_of_one_kind_serves_no_other_kind_of_signature(known: Known) -> None:
    for algorithm in ("RS256", "PS256", "EdDSA"):
        with pytest.raises(NotValid):
            await known.key("a", algorithm)
