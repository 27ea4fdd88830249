"""Nedtrappning, read from plain Swedish: an amount and how long, one step a line."""

import re

_STEP = re.compile(
    r"(?P<amount>.+?),?\s+(?:i\s+)?(?P<number>\d{1,3})\s+(?P<unit>dag|dagar|dygn|vecka|veckor)"
)
_NEXT = re.compile(r"\n|;|,?\s+(?:sedan|därefter)\s+")
STEPS_MOST = 60


def steps_of(text: str) -> list[tuple[str, int | None]] | None:
    """The steps: amount and days ("3 tabletter i 3 dagar", "2 tabletter 2 veckor"); only the last may go on
    without an end (None). None: it cannot be read."""
    found: list[tuple[str, int | None]] = []
    lines = [line.strip(" .") for line in _NEXT.split(text) if line.strip(" .")]
    for line in lines:
        step = _STEP.fullmatch(line)
        if step is None and line != lines[-1]:
            return None
        if step is None:
            found.append((line, None))
            continue
        days = int(step["number"]) * (7 if step["unit"].startswith("veck") else 1)
        if days == 0:
            return None
        found.append((step["amount"].strip(), days))
    return found if len(found) <= STEPS_MOST else None
