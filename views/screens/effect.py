"""Hjälpte det? Asked half an hour to an hour after something was given as needed."""

import flet as ft

from care.order import OrderDocument
from care.prn import Help, PrnDocument
from views import dates
from views.components import Action, Option, banner, choices, frame, section_title, task_card, thumb_bar
from views.model import needed, reading
from views.model.dial import dial
from views.model.shift import Shift
from views.places import AskEffect
from views.screens.give_needed import scale
from views.screens.parts import ICONS, back_bar, header_of, local
from views.screens.sign import gone
from views.theme import Look, use_look

ANSWERS: tuple[tuple[Help, ft.IconData], ...] = (
    ("good", ft.Icons.SENTIMENT_SATISFIED_ROUNDED),
    ("some", ft.Icons.SENTIMENT_NEUTRAL_ROUNDED),
    ("none", ft.Icons.SENTIMENT_DISSATISFIED_ROUNDED),
    ("worse", ft.Icons.SICK_ROUNDED),
)


def ask_effect(shift: Shift, place: AskEffect) -> ft.Control:
    look = use_look()
    t = look.t
    answer, set_answer = ft.use_state("")
    need, set_need = ft.use_state(-1)
    document = reading.one(shift, PrnDocument, place.prn)
    person = reading.person(shift, document.person) if document else None
    if document is None or person is None or document.given is None:
        return gone(look, shift)
    order = reading.one(shift, OrderDocument, document.order)
    what = order.plan.what if order and order.plan else ""
    at = dates.moment(local(document.given.performed), shift.phone.now(), t)

    async def save() -> None:
        help: Help = answer  # type: ignore[assignment]
        await needed.tell_effect(shift, document, help, need if need >= 0 else None)
        shift.home()
        shift.say_saved(person.listed, t("effect.saved"))

    nurse = reading.nurse(shift)
    call = []
    if answer in ("none", "worse") and nurse:
        call = [
            banner(
                look,
                "late",
                t("effect.call"),
                on_press=dial(look, nurse.phone),
                action=t("lock.call_nurse", name=nurse.name),
            )
        ]
    options = [Option(key, t(f"effect.{key}"), icon) for key, icon in ANSWERS]
    body: list[ft.Control] = [
        header_of(look, person, t("effect.of", what=what, at=at), flags=False),
        look.heading(t("effect.title")),
        choices(look, options, answer, set_answer, question=t("effect.title"), shape="row", columns=2),
        *call,
        look.heading(t("effect.how_much"), "h2", level=2),
        scale(look, need, set_need, t("effect.how_much")),
    ]
    main = Action(
        t("common.save"), save if answer else None, ft.Icons.CHECK_ROUNDED, identifier="save-effect"
    )
    return frame(look, back_bar(look, shift, t("today.title")), body, thumb_bar(look, main))


def effect_rows(look: Look, shift: Shift) -> list[ft.Control]:
    """On Idag: of whom it is to be asked now how it helped."""
    now = shift.phone.now()
    due = [one for one in needed.asked(shift) if one[2] <= now]
    rows: list[ft.Control] = []
    for document, plan, _ in due:
        person = reading.person(shift, document.person)
        if person and document.given:
            at = dates.clock(local(document.given.performed))
            rows.append(
                task_card(
                    look,
                    name=person.listed,
                    what=look.t("effect.of", what=plan.what, at=at),
                    icon=ICONS[plan.form],
                    time=look.t("effect.ask"),
                    time_tone="accent",
                    room=person.room or None,
                    address=person.street or None,
                    on_press=lambda id=document.id: shift.go(AskEffect(id)),
                    identifier=f"effect-{document.id}",
                )
            )
    title = section_title(
        look, look.t("effect.title"), len(rows), icon=ft.Icons.PSYCHOLOGY_ALT_ROUNDED, tone="accent"
    )
    return [title, *rows] if rows else []
