"""What a fall already tells of the SBAR that it calls for: never ask twice."""

from datetime import datetime, timedelta

from care.forms import Answers, Coding, danger_answers, summary
from care.schedule import STOCKHOLM
from views.model.handing_in import code
from views.model.in_hand import Filling
from views.model.reporting import occurred

WORDS_AT_MOST = 1000
"""What s.words of the SBAR form takes."""
NIGHT_FROM, NIGHT_TO = 22, 6
NIGHT_IS_LAST = timedelta(hours=12)
"""What *I natt* means in the SBAR: between these hours, and no longer ago than this."""


def sbar_answers(filling: Filling, now: datetime) -> Answers:
    """The answers of an SBAR that a fall gives."""
    danger = set(danger_answers(filling.form, filling.answers)) | {"fall.place", "fall.injury"}
    told = [line for line in summary(filling.form, filling.answers) if line.link_id in danger]
    text = ". ".join(f"{line.label}: {line.text}" for line in told)
    answers: Answers = {
        "s.problem": [Coding("fall")],
        **_since(filling, now),
        "b.recent": [Coding("fall")],
    }
    if who := filling.value("fall.person"):
        answers["s.person"] = [who]
    if text:
        answers["s.words"] = [f"{text}."[:WORDS_AT_MOST]]
    if thinner := code(filling, "fall.bloodThinner"):
        answers["b.bloodThinner"] = [Coding(thinner)]
    return answers


def _since(filling: Filling, now: datetime) -> Answers:
    """*Sedan när* of the SBAR from *När* of the fall; nothing when that has not been answered."""
    if "fall.when" in filling.started and not filling.value("fall.place"):
        return {}  # *Nyss* is what the form begins with: nobody has come to that page yet
    said = code(filling, "fall.when")
    at = occurred(filling, now)
    if at is None:
        return {"s.since": [Coding("unknown")]} if said == "found" else {}
    if said == "now":
        return {"s.since": [Coding("now")]}
    here, there = now.astimezone(STOCKHOLM), at.astimezone(STOCKHOLM)
    if now - at <= NIGHT_IS_LAST and (there.hour >= NIGHT_FROM or there.hour < NIGHT_TO):
        since = "night"
    else:
        since = "today" if there.date() == here.date() else "yesterday"
    return {"s.since": [Coding(since)], "s.since.time": [f"{there:%H:%M}:00"]}
