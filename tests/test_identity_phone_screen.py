"""What the phone says of a sign-in: the number while it waits, and afterwards what became of it."""

from datetime import timedelta
from typing import Any

import pytest

from sync import SyncError
from tests.test_filling import Screen
from tests.ward import AMINA, START, Ward
from views.app import App
from views.places import SignIn
from wire.messages import SignInStarted, SignInState


def answered(shift: Any, state: SignInState | None) -> None:
    """The sign-in ends like this; None: the endpoint is not reached."""

    async def start() -> SignInStarted:
        return SignInStarted(
            id="s",
            url="https://rapp.example/signin/phone/s",
            number="58",
            expires=START + timedelta(minutes=10),
        )

    async def wait(_started: SignInStarted) -> SignInState:
        if state is None:
            raise SyncError("no network")
        return state

    shift.phone.sync.start_sign_in, shift.phone.sync.wait_for_sign_in = start, wait


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (SignInState(state="refused"), "Webbläsaren visar varför"),
        (SignInState(state="expired"), "Det tog lite för lång tid"),
        (None, "Kontrollera nätet"),
    ],
    ids=["refused", "expired", "no network"],
)
async def test_it_says_what_became_of_it_and_lets_one_begin_again(
    ward: Ward, state: SignInState | None, told: str
) -> None:
    amina = ward.phone("a", AMINA, SignIn())
    answered(amina, state)
    async with Screen(App, amina) as screen:
        await screen.click("Logga in i webbläsaren")
        assert screen.has(told)
        assert screen.has("Logga in i webbläsaren")


async def test_the_name_is_confirmed_before_a_code_is_chosen(ward: Ward) -> None:
    amina = ward.phone("a", AMINA, SignIn())
    done = SignInState(state="done", staff=AMINA, name="Amina Yusuf", title="assistant_nurse", language="sv")
    answered(amina, done)
    async with Screen(App, amina) as screen:
        await screen.click("Logga in i webbläsaren")
        assert screen.has("Är du Amina Yusuf?")
        assert not screen.has("Välj en kod")
        await screen.click("Ja, jag är Amina")
        assert screen.has("Välj en kod")
