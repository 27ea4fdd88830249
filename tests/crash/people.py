"""Acts of people with the phone itself: who signs in, unlocks and leaves, and under which keys."""

from datetime import timedelta

from msgspec.structs import replace

from storage import WrongPin
from tests.crash.acts import Act, Phone
from tests.crash.held import Held
from tests.store_case import NOON, PHONE_KEY


def chains(staff: str, secrets: int) -> tuple[bytes, bytes]:
    """The phone's and a person's own key, of so many secrets."""
    first = bytes([staff.encode()[-1] ^ 0xFF]) * 32
    return PHONE_KEY + b"\x33" * 32 * (secrets - 1), first + b"\x44" * 32 * (secrets - 1)


def signs_in(staff: str, pin: str, secrets: int = 1) -> Act:
    def do(phone: Phone) -> None:
        keys = bytes([staff.encode()[-1]]) * 32, *chains(staff, secrets)
        until = NOON + timedelta(days=30)
        name = f"Invented {staff[-1]}"
        phone.me[staff] = phone.store.set_slot(staff, name, "assistant_nurse", "sv", pin, *keys, until)

    return Act("sign in", do, (lambda held: _person(held, staff, pin, 0),))


def unlocks(staff: str, pin: str) -> Act:
    def do(phone: Phone) -> None:
        phone.me[staff] = phone.store.unlock(staff, pin)

    return Act("unlock", do, (lambda held: _tried(held, staff), lambda held: _person(held, staff, pin, 0)))


def changes_pin(staff: str, old: str, new: str) -> Act:
    return Act(
        "new PIN",
        lambda phone: phone.store.change_pin(staff, old, new),
        (
            lambda held: _tried(held, staff),
            lambda held: _person(held, staff, old, 0),
            lambda held: _person(held, staff, new, 0),
        ),
    )


def takes_keys(staff: str) -> Act:
    """The endpoint has added a secret to each key."""
    return Act("new keys", lambda phone: phone.me[staff].take_keys(*chains(staff, 2)))


def exchanges(staff: str) -> Act:
    """What is under the old keys is encrypted anew, in several transactions."""

    def do(phone: Phone) -> None:
        while phone.me[staff].exchange(20):
            pass

    return Act("exchange of keys", do)


def mistypes(staff: str, pin: str) -> Act:
    def do(phone: Phone) -> None:
        try:
            phone.store.unlock(staff, pin)
        except WrongPin:
            return
        raise AssertionError("the wrong PIN opened the slot")

    return Act("wrong PIN", do, (lambda held: _tried(held, staff),))


def locks(staff: str) -> Act:
    return Act("lock", lambda phone: phone.me.pop(staff).lock())


def ends(staff: str) -> Act:
    def gone(held: Held) -> Held:
        return replace(
            held,
            people={key: value for key, value in held.people.items() if key != staff},
            readable={key: value for key, value in held.readable.items() if key[0] != staff},
            drafts={key: value for key, value in held.drafts.items() if key[0] != staff},
            cursors={key: value for key, value in held.cursors.items() if key != f"staff:{staff}"},
        )

    return Act("end slot", lambda phone: phone.store.keeper.end_slot(staff), (gone,))


def _person(held: Held, staff: str, pin: str, wrong: int) -> Held:
    return replace(held, people={**held.people, staff: (pin, wrong)})


def _tried(held: Held, staff: str) -> Held:
    pin, wrong = held.people[staff]
    return _person(held, staff, pin, wrong + 1)
