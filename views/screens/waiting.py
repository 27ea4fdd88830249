"""Behind the chip: what waits and since when, what was last sent, and a way to try now."""

from datetime import datetime

import flet as ft

from care.documents import Document
from care.dose import DoseDocument
from care.sbar import SbarDocument
from views import dates
from views.components import Action, button, card, empty, frame, saved_row, section_title, thumb_bar
from views.model import reading
from views.model.shift import Shift
from views.places import Waiting
from views.screens.parts import back_bar, local
from views.theme import Look, Space, use_look


def waiting(shift: Shift, place: Waiting) -> ft.Control:
    look = use_look()
    t = look.t
    state = shift.phone.sync.state
    body: list[ft.Control] = [look.heading(t("waiting.title"))]
    heard = dates.moment(local(state.last_contact), shift.phone.now(), t) if state.last_contact else ""
    body.append(look.text(t("waiting.contact", at=heard) if heard else t("waiting.no_contact"), "body"))
    body += befell(look, shift)
    if state.reason and not shift.phone.store.mishap:
        body.append(look.text(t(state.reason), "body", look.palette.ink2))
    rows = waiting_rows(look, shift) if shift.unlocked else []
    if rows:
        body += rows
    elif state.waiting:
        body.append(look.text(t.n("waiting.count", state.waiting), "strong"))
    elif not shift.phone.store.mishap:
        body.append(empty(look, t("waiting.nothing")))
    body.append(look.text(t("waiting.safe"), "body", look.palette.ink2))
    main = Action(t("waiting.try_now"), shift.phone.sync.wake, ft.Icons.REFRESH_ROUNDED, identifier="try-now")
    return frame(look, back_bar(look, shift, t("common.back")), body, thumb_bar(look, main))


def befell(look: Look, shift: Shift) -> list[ft.Control]:
    """What befell the phone's file: what happened, what is safe, what to do; until somebody has read it."""
    t, store = look.t, shift.phone.store
    mishap = store.mishap
    if mishap is None:
        return []
    key = f"mishap.{mishap.what}"
    at = dates.moment(local(mishap.at), shift.phone.now(), t)
    enrolled = store.device is not None
    parts: list[ft.Control] = [
        look.text(t(key), "strong"),
        look.text(t("mishap.seen_at", at=at), "body", look.palette.ink2),
        look.text(t(f"{key}_safe" if enrolled else "mishap.enrol"), "body"),
        look.text(t(f"{key}_do"), "body"),
    ]
    if mishap.aside:
        parts.append(look.text(t("mishap.aside", name=mishap.aside), "small", look.palette.ink2))
    read = button(look, t("mishap.seen"), store.seen, kind="soft", icon=ft.Icons.CHECK_ROUNDED)
    return [card(look, [*parts, read], spacing=Space.S)]


def waiting_rows(look: Look, shift: Shift) -> list[ft.Control]:
    """*Sparat, väntar på nät*: each with whose it is, what it says and when."""
    if not shift.me.unsent or shift.phone.sync.state.phase == "sending":
        return []
    rows = sorted(found(look, shift), key=lambda row: row[2])
    if not rows:
        return []
    title = section_title(
        look, look.t("waiting.saved"), len(rows), icon=ft.Icons.SCHEDULE_SEND_ROUNDED, tone="offline"
    )
    return [
        title,
        card(look, [saved_row(look, name, words) for name, words, _ in rows[:20]], spacing=Space.XS),
    ]


def found(look: Look, shift: Shift) -> list[tuple[str, str, datetime]]:
    """(name, what, when) of every document that has something unsent."""
    rows: list[tuple[str, str, datetime]] = []
    for document in shift.me.waiting():
        if document.kind in ("dose", "sbar", "deviation") and document.changed:
            person = reading.person(shift, document.person)
            name = person.listed if person else look.t("waiting.no_person")
            rows.append((name, words_of(look, document), document.changed))
    return rows


def words_of(look: Look, document: Document) -> str:
    at = dates.clock(local(document.changed)) if document.changed else ""
    if isinstance(document, DoseDocument):
        key = (
            "today.given" if document.done else "today.withheld" if document.standing else "today.taken_back"
        )
        return f"{look.t(key)} {at}"
    if isinstance(document, SbarDocument):
        return look.t("waiting.sbar", at=at)
    category = getattr(document, "category", "other")
    return f"{look.t(f'category.{category}')} {at}"
