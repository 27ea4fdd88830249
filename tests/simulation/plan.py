"""What happens in a world: drawn from its seed before anything does, so that any of it can be left out."""

import random

from msgspec import Struct

from tests.simulation.network import WEATHERS
from tests.simulation.town import ASPEN, BODIL, CARERS, GRANEN, PHONES, TESFAY


class Event(Struct, frozen=True):
    """Something that happens `after` seconds after the one before it."""

    after: float
    what: str
    phone: int = 0
    detail: str = ""
    number: int = 0

    def __str__(self) -> str:
        where = f" phone {self.phone}" if self.what not in _ELSEWHERE else ""
        return f"+{self.after:.1f} s{where} {self.what} {self.detail} {self.number or ''}".rstrip()


_ELSEWHERE = frozenset({"crash", "roles"})
_SAID = (
    "sbar",
    "answer",
    "report",
    "dose",
    "withhold",
    "correct",
    "issue",
    "accept",
    "revoke",
    "order",
    "read",
)
LIKELY: dict[str, int] = {
    "say": 46,
    "switch": 12,
    "lock": 4,
    "weather": 16,
    "kill": 5,
    "crash": 6,
    "clock": 3,
    "back up": 3,
    "restore": 2,
    "roles": 3,
    "move": 1,
    "close": 1,
    "lose": 1,
    "reopen": 1,
    "forge": 2,
    "replay": 2,
    "wait": 3,
}
_MOST_SAID = 6
_MOVES = ((BODIL, ASPEN), (BODIL, GRANEN), (TESFAY, ""), (BODIL, ""), (TESFAY, ASPEN))
"""Whose roles change, and in which unit they end; "": they have all that they had."""


def drawn(seed: int) -> list[Event]:
    """The events of a seed."""
    dice = random.Random(seed)
    return [one for _ in range(dice.randint(12, 40)) for one in _some(dice)]


def _some(dice: random.Random) -> list[Event]:
    what = dice.choices(list(LIKELY), list(LIKELY.values()))[0]
    after = dice.choice((0.0, 0.0, 0.1, 0.5, 2.0, 10.0, 30.0))
    phone = dice.randrange(len(PHONES))
    number = dice.randrange(1000)
    match what:
        case "say":
            return [
                Event(after if n == 0 else 0.0, "say", phone, dice.choice(_SAID), dice.randrange(1000))
                for n in range(dice.randint(1, _MOST_SAID))
            ]
        case "switch":
            return [Event(after, what, phone, dice.choice(PHONES[phone][1]), number)]
        case "weather":
            return [Event(after, what, phone, dice.choice(list(WEATHERS)))]
        case "kill":
            return [Event(after, what, phone, "", dice.randrange(12))]
        case "crash":
            return [Event(after, what, 0, str(dice.randrange(2)), dice.randrange(1, 60))]
        case "clock":
            return [Event(after, what, phone, "", dice.choice((-26, -3, -1, 1, 5, 30)))]
        case "restore":
            return [Event(dice.choice((60.0, 3600.0)), what, phone)]
        case "roles":
            staff, unit = dice.choice(_MOVES)
            return [Event(after, what, 0, f"{staff} {unit}")]
        case "wait":
            return [Event(dice.choice((60.0, 300.0, 1800.0)), what, phone)]
        case "forge":
            return [Event(after, what, phone, dice.choice(CARERS), number)]
    return [Event(after, what, phone, "", number)]
