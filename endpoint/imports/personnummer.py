"""Personal identity numbers (personnummer, samordningsnummer), as they are written and as they are kept."""

import re
from datetime import date

from endpoint.imports.rows import wrong

_FORM = re.compile(r"(\d{2})?(\d{6})([-+]?)(\d{4})")


def digits_of(text: str) -> str:
    """The digits alone."""
    return "".join(one for one in text if one.isdecimal())


def read(column: str, text: str, today: date) -> tuple[str, date]:
    """The number as it is kept, 19360211-2397, and the day of birth. Raises WrongValue.

    With ten digits the century follows from today: + is for who is a hundred or more (Folkbokföringslagen
    18 §). The day of a samordningsnummer is 60 more. The last digit is checked (Luhn).
    """
    found = _FORM.fullmatch("".join(text.split()))
    if found is None:
        raise wrong(column, "personnummer")
    century, day, sign, last = found.groups()
    if century is None:
        century = str(today.year // 100)
        if _born(century, day) is None or (_born(century, day) or today) > today:
            century = str(int(century) - 1)
        if sign == "+":
            century = str(int(century) - 1)
    born = _born(century, day)
    if born is None or born > today:
        raise wrong(column, "birth")
    if _luhn(day + last):
        raise wrong(column, "last_digit")
    return f"{century}{day}-{last}", born


def _born(century: str, day: str) -> date | None:
    of_month = int(day[4:])
    try:
        return date(int(century + day[:2]), int(day[2:4]), of_month - 60 if of_month > 60 else of_month)
    except ValueError:
        return None


def _luhn(ten: str) -> int:
    doubled = (int(one) * (2 - place % 2) for place, one in enumerate(ten))
    return sum(number // 10 + number % 10 for number in doubled) % 10
