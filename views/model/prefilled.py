"""Reports that the phone can begin by itself: with what it knows, for whoever was there to finish."""

from datetime import datetime

from care.as_needed import Beyond
from care.dose import Reason
from care.forms import Answers, Coding
from care.person import PersonDocument
from care.schedule import STOCKHOLM
from care.today import Task
from views.model import filling
from views.model.phone import MEDICINE
from views.model.shift import Shift

OF_REASON: dict[Reason, str] = {"forgotten": "missed", "missing": "supply"}
"""Reasons for not giving that are deviations, by what happened with the medicine; the others are care."""
OF_FLAG = {
    "signed.without_delegation": "no-delegation",
    "signed.no_witness": "unsigned",
}

OF_BEYOND: dict[Beyond, str] = {"most": "wrong-dose", "interval": "wrong-time"}
"""What was given as needed beyond its limits."""


def kind_of(task: Task, flags: list[str]) -> str:
    """What a dose would be reported as, a code of deviation.medication; "": there is nothing to report.

    `flags`: what is said of its signatures.
    """
    if task.state == "double_signed":
        return "double"
    if task.state == "late":
        return "missed"
    found = [OF_FLAG[flag] for flag in flags if flag in OF_FLAG]
    standing = task.document.standing if task.document else []
    found += [OF_REASON[one.reason] for one in standing if one.reason in OF_REASON]
    return found[0] if found else ""


async def begin(
    shift: Shift,
    person: PersonDocument | None,
    kind: str,
    which: str = "",
    at: datetime | None = None,
    words: str = "",
    prompted_by: str = "",
) -> None:
    """A report about medicine: what happened, with which medicine, when, and words about nobody.

    `prompted_by`: the fact that it is about, so that each has a report of its own.
    """
    answers: Answers = {"deviation.medication": [Coding(kind)]}
    if which:
        answers["medicine.which"] = [which]
    if at:
        answers["deviation.when"] = [Coding("earlier")]
        answers["deviation.time"] = [at.astimezone(STOCKHOLM).isoformat(timespec="seconds")]
    if words:
        answers["deviation.what"] = [words]
    await filling.begin(shift, MEDICINE, person, MEDICINE, answers=answers, prompted_by=prompted_by)


async def of_task(shift: Shift, task: Task, kind: str, prompted_by: str = "") -> None:
    """The report of a planned dose. A dose not given in time is told with its planned time."""
    plan = task.dose.plan
    at = task.dose.at if kind in ("missed", "supply") else None
    await begin(shift, task.person, kind, plan.what, at, prompted_by=prompted_by)
