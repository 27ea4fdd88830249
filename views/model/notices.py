"""What is to be heard and felt when it comes while the app is open, whatever screen is shown.

For the nurse: a case that waits, and each time that it has waited too long. For whoever asked: an answer, a
new check whose time has come, and that somebody else is to be called. For everybody: a dose whose time has
come or that is late, one that two have signed, and an effect to ask for. What somebody has been told of is
remembered, so that what came while their phone was locked, or as it was being unlocked, is told then.
"""

import asyncio
import contextlib

import flet as ft
import msgspec

from care.sbar import SbarDocument
from storage import Damaged, StorageError, Unlocked
from views.model import answering, needed, reading
from views.model.feel import notice
from views.model.shift import Shift
from views.model.watched import watched
from views.theme import Look

LOOKED_S = 10.0
"""Doses are looked through no more often than this, however often something is drawn."""
DUE = "check"
"""Begins the names of what is told even to somebody who has the phone for the first time."""
TOLD = "told"
"""The note of what somebody has been told of, as JSON."""


def notices(shift: Shift) -> frozenset[str]:
    """What there is to be told of now, each by a name that stays the same."""
    found = set()
    if reading.reads(shift, "nurse"):
        for case in answering.inbox(shift):
            if case.state == "waiting":
                found.add(f"case/{case.document.id}/{answering.stage_of(shift, case)}")
        found |= {f"watch/{one.fact}" for one in watched(shift, "nurse")}
    for document in reading.all_of(shift, SbarDocument):
        if shift.me.staff in document.askers:
            found |= {f"answer/{reply.fact}" for reply in document.replies}
            if document.state == "waiting":
                stage = answering.stage_of(shift, answering.case_of(shift, document))
                found |= {f"instead/{document.id}/{stage}"} if stage in ("instead", "chief") else set()
    now = shift.phone.now()
    found |= {f"{DUE}/{one.sbar}/{one.at}" for one in answering.checks_due(shift) if one.at <= now}
    return frozenset(found)


def dose_notices(shift: Shift) -> frozenset[str]:
    """What there is to be told of doses: their time has come, they are late, or two have signed one."""
    now, today = shift.phone.now(), reading.day(shift)
    found = {f"late/{task.dose.id}" for task in today.late}
    found |= {f"now/{task.dose.id}" for task in today.now if task.state == "now" and task.dose.at <= now}
    found |= {f"{DUE}/twice/{task.dose.id}" for task in today.done if task.state == "double_signed"}
    found |= {f"{DUE}/effect/{one.id}" for one, _, due in needed.asked(shift) if due <= now}
    return frozenset(found)


def use_notices(look: Look, shift: Shift) -> None:
    """A hook of the whole app: looked through at every draw, told once."""
    heard: ft.Ref[frozenset[str]] = ft.use_ref(None)
    doses: ft.Ref[tuple[float, frozenset[str]]] = ft.use_ref(None)

    async def listen() -> None:
        if shift.unlocked is None or shift.unlocked.locked:
            heard.current = doses.current = None
            return
        # What is damaged is told where it is shown, and a phone that locks meanwhile has nothing to tell.
        with contextlib.suppress(StorageError):
            if doses.current is None or shift.phone.ticks() - doses.current[0] >= LOOKED_S:
                doses.current = shift.phone.ticks(), dose_notices(shift)
            now = notices(shift) | doses.current[1]
            before = told(shift.me) if heard.current is None else heard.current
            heard.current = now
            if now - (there_at_first(now) if before is None else before):
                await notice(look)
            if now != before:
                await asyncio.to_thread(shift.me.remember, TOLD, msgspec.json.encode(now, order="sorted"))

    ft.use_effect(listen)


def told(me: Unlocked) -> frozenset[str] | None:
    """What somebody had been told of when they last had this phone; None: of nothing yet."""
    with contextlib.suppress(Damaged):
        if data := me.recall(TOLD):
            return msgspec.json.decode(data, type=frozenset[str])
    return None


def there_at_first(now: frozenset[str]) -> frozenset[str]:
    """What is not news to somebody who has the phone for the first time."""
    return frozenset(one for one in now if not one.startswith(DUE))
