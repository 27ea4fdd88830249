"""Telephone numbers as an SMS gateway takes them."""

_SWEDEN = "+46"
_MOBILE = f"{_SWEDEN}7"


def mobile(text: str) -> str | None:
    """A number as E.164, such as +46701740605. None: a Swedish number that is no mobile's, or none at all."""
    text = text.strip().replace("(0)", "")
    digits = "".join(one for one in text if one.isdecimal())
    if text.startswith("+"):
        number = f"+{digits}"
    elif digits.startswith("00"):
        number = f"+{digits[2:]}"
    elif digits.startswith("0"):
        number = _SWEDEN + digits[1:]
    else:
        return None
    if not 8 <= len(number) <= 16 or (number.startswith(_SWEDEN) and not number.startswith(_MOBILE)):
        return None
    return number
