"""What several screens draw the same way: the chip, the bar on top, a person's flags and icons."""

from datetime import datetime, timedelta

import flet as ft

from care.order import Form
from care.person import FlagKind, PersonDocument
from care.schedule import STOCKHOLM
from care.today import Task
from views import dates
from views.components import Flag, Part, app_bar_back, banner, person_header, receipt, sync_chip
from views.components.sync_chip import SyncState as ChipState
from views.model.shift import Shift
from views.places import Waiting
from views.theme import Look, Tone

ICONS: dict[Form, ft.IconData] = {
    "pouch": ft.Icons.MEDICATION_ROUNDED,
    "tablet": ft.Icons.MEDICATION_ROUNDED,
    "injection": ft.Icons.VACCINES_ROUNDED,
    "drops": ft.Icons.WATER_DROP_ROUNDED,
    "inhalation": ft.Icons.AIR_ROUNDED,
    "liquid": ft.Icons.MEDICATION_LIQUID_ROUNDED,
    "plaster": ft.Icons.HEALING_ROUNDED,
    "measure": ft.Icons.MONITOR_HEART_ROUNDED,
    "look": ft.Icons.VISIBILITY_ROUNDED,
    "care": ft.Icons.VOLUNTEER_ACTIVISM_ROUNDED,
}
FLAG_ICONS: dict[FlagKind, ft.IconData] = {
    "allergy": ft.Icons.BLOCK_ROUNDED,
    "condition": ft.Icons.FAVORITE_ROUNDED,
    "blood_thinner": ft.Icons.BLOODTYPE_ROUNDED,
    "swallowing": ft.Icons.RESTAURANT_ROUNDED,
    "fall_risk": ft.Icons.ELDERLY_ROUNDED,
    "infection": ft.Icons.CORONAVIRUS_ROUNDED,
    "note": ft.Icons.INFO_ROUNDED,
}
CHIP: dict[str, ChipState] = {
    "sent": "sent",
    "sending": "sending",
    "waiting": "saved",
    "offline": "offline",
    "action": "action",
}


def local(at: datetime) -> datetime:
    """A moment on the clock of the unit."""
    return at.astimezone(STOCKHOLM)


def flags_of(look: Look, person: PersonDocument) -> list[Flag]:
    """The signs of a person; what is written in the record is shown as it stands."""
    named = {"allergy": "person.allergy", "blood_thinner": "person.blood_thinner"}
    return [
        Flag(
            look.t(named[flag.kind], what=flag.text) if flag.kind in named else flag.text,
            FLAG_ICONS[flag.kind],
            allergy=flag.kind == "allergy",
        )
        for flag in person.flags_in_order
    ]


def header_of(look: Look, person: PersonDocument, second: str = "", flags: bool = True) -> ft.Control:
    """Whom it is about: room, name, date of birth (the identity check), and what must be known."""
    born = look.t("common.born", day=dates.day(person.born, look.t)) if person.born else ""
    return person_header(
        look,
        name=person.name,
        second=second or born,
        room=person.room or None,
        flags=[*_protected(look, person), *(flags_of(look, person) if flags else [])],
    )


def _protected(look: Look, person: PersonDocument) -> list[Flag]:
    return [Flag(look.t("person.protected"), ft.Icons.SHIELD_ROUNDED)] if person.protected else []


def chip(look: Look, shift: Shift, short: bool = True) -> ft.Control:
    """What became of what was saved. A tap tells what waits."""
    state = shift.phone.sync.state
    at = dates.moment(local(state.all_sent_at), shift.phone.now(), look.t) if state.all_sent_at else ""
    return sync_chip(
        look, CHIP[state.phase], lambda: shift.go(Waiting()), count=state.waiting, at=at, short=short
    )


def back_bar(look: Look, shift: Shift, title: str) -> Part:
    """The top of a screen that leads back to where it came from."""
    return app_bar_back(look, title, shift.back, chip(look, shift))


def receipt_of(look: Look, shift: Shift) -> ft.Control | None:
    """What was just saved, for a minute."""
    saved = shift.saved
    if saved is None or shift.phone.now() > saved.until:
        return None
    return receipt(look, saved.title, saved.line, saved.undo)


def still_coming(look: Look) -> ft.Control:
    """More of what has been said is on its way here: what looks unsigned may be signed."""
    title, detail = look.t("today.not_all"), look.t("today.not_all_detail")
    return banner(look, "offline", title, detail, icon=ft.Icons.DOWNLOADING_ROUNDED)


def time_words(look: Look, task: Task) -> tuple[str, Tone]:
    """What the time sign says: what there is to know, never a bare clock in *Nu*."""
    if task.state == "late":
        late = timedelta(minutes=task.minutes_late)
        return look.t("common.late_by", length=dates.duration(late, look.t)), "late"
    if task.state == "now":
        return look.t("common.until", at=dates.clock(local(task.dose.closes))), "accent"
    if task.state in ("later", "unknown"):
        return dates.clock(local(task.dose.at)), "quiet"
    if task.state == "double_signed":
        return look.t("today.twice_short"), "late"
    return look.t(f"today.{task.state}"), "done"
