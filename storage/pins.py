"""Which PINs may be chosen. What everybody tries first, and what can be read on an identity card, may not.

Nobody's date of birth is on the phone, so whatever could be one is refused. Of a million PINs of six digits
nine in ten remain (tests/test_store_pins.py counts them).
"""

from storage.errors import PinRule

LENGTH = 6
"""Digits that a PIN has at least."""
LONGEST = 64
_UP = "0123456789" * 7
"""0 follows 9."""
_DOWN = _UP[::-1]
_RUN = 4
"""So many digits in a row that count up, count down or are the same are a run."""
_ROWS = ("123", "456", "789", "147", "258", "369", "159", "357")
_LINES = frozenset(_ROWS) | {row[::-1] for row in _ROWS}
"""Straight lines across the keys of a number pad."""
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_BORN = range(1920, 2030)
"""Years of birth of anybody who has worked here, or will for some time."""


def check_pin(pin: str) -> None:
    """Raise PinRule when the PIN may not be chosen; its `reason` is what to say."""
    if not (pin.isascii() and pin.isdigit()):
        raise PinRule("digits")
    if not LENGTH <= len(pin) <= LONGEST:
        raise PinRule("length")
    if _is_easy(pin):
        raise PinRule("easy")
    if _is_a_birthday(pin):
        raise PinRule("birth")


def _is_easy(pin: str) -> bool:
    if len(set(pin)) <= 2 or pin == pin[::-1]:
        return True
    return (pin[:3] in _LINES and pin[3:] in _LINES) or _has_run(pin) or _is_repeated(pin)


def _has_run(pin: str) -> bool:
    """1234 or 9999 within it; or it is one from end to end but for repeats, such as 112233."""
    for at in range(len(pin) - _RUN + 1):
        part = pin[at : at + _RUN]
        if part in _UP or part in _DOWN or part == part[0] * _RUN:
            return True
    bare = "".join([digit for at, digit in enumerate(pin) if digit != pin[at - 1 : at]])
    return bare in _UP or bare in _DOWN


def _is_repeated(pin: str) -> bool:
    """One block again and again, such as 123123 or 1231231."""
    return any(pin[size:] == pin[:-size] for size in range(1, len(pin) // 2 + 1))


def _is_a_birthday(pin: str) -> bool:
    """It begins or ends with a day (YYMMDD, DDMMYY) or with a year of birth. YYYYMMDD ends with YYMMDD."""
    if int(pin[:4]) in _BORN or int(pin[-4:]) in _BORN:
        return True
    return any(_is_day(end[2:4], end[4:]) or _is_day(end[2:4], end[:2]) for end in {pin[:6], pin[-6:]})


def _is_day(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= _DAYS[int(month) - 1]
