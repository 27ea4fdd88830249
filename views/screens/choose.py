"""Vem gäller det? and Vad har hänt?: the two questions before a form opens."""

import flet as ft

from care.person import PersonDocument
from care.unit import OnCall
from views.components import (
    Action,
    OnPress,
    button,
    colleague_row,
    colleagues_card,
    empty,
    frame,
    pressable,
    room_block,
    text_field,
    thumb_bar,
)
from views.model import filling, reading
from views.model.dial import dial
from views.model.phone import COMPLAINT, DEVIATION, FALL, SBAR
from views.model.shift import Shift
from views.places import ChoosePerson, ChooseReport, ChooseUnit, Orders
from views.screens.parts import back_bar
from views.screens.script import fallback
from views.theme import Look, Radius, Space, use_look

REPORTS: tuple[tuple[str, str, ft.IconData], ...] = (
    ("fall", FALL, ft.Icons.PERSONAL_INJURY_ROUNDED),
    ("medicine", "medicine", ft.Icons.MEDICATION_ROUNDED),
    ("aid", "aid", ft.Icons.WHEELCHAIR_PICKUP_ROUNDED),
    ("care", "care", ft.Icons.HEALING_ROUNDED),
    ("missed_effort", "missed_effort", ft.Icons.EVENT_BUSY_ROUNDED),
    ("pressure_ulcer", "pressure_ulcer", ft.Icons.AIRLINE_SEAT_FLAT_ROUNDED),
    ("infection", "infection", ft.Icons.CORONAVIRUS_ROUNDED),
    ("communication", "communication", ft.Icons.FORUM_ROUNDED),
    ("violence", "violence", ft.Icons.FRONT_HAND_ROUNDED),
    ("documentation", "documentation", ft.Icons.DESCRIPTION_ROUNDED),
    ("conduct", "conduct", ft.Icons.SENTIMENT_DISSATISFIED_ROUNDED),
    ("work", "work", ft.Icons.ENGINEERING_ROUNDED),
    ("other", DEVIATION, ft.Icons.MORE_HORIZ_ROUNDED),
    (COMPLAINT, COMPLAINT, ft.Icons.RATE_REVIEW_ROUNDED),
)
"""(category, form, icon): each kind by icon and word. A complaint is taken down for somebody else."""

TILE_SIDE = 6
"""dp beside a tile's icon and word: on 360 dp *Kommunikation* needs the rest."""


def choose_report(shift: Shift, place: ChooseReport) -> ft.Control:
    """The kinds of deviation, fall first. Open also without a code."""
    look = use_look()
    t = look.t

    async def choose(form: str, category: str) -> None:
        if shift.unlocked:
            then = f"{form}/{category}"
            shift.go(ChoosePerson(then) if reading.cares_here(shift) else ChooseUnit(then))
        else:
            await filling.begin(shift, form, None, category=category)

    # Whoever takes a complaint down is to have an answer of it: that needs a sign-in.
    offered = [one for one in REPORTS if shift.unlocked or one[1] != COMPLAINT]
    tiles = [
        tile(look, t(f"category.{key}"), icon, lambda f=form, k=key: choose(f, k))
        for key, form, icon in offered
    ]
    labels = [t(f"category.{key}") for key, _, _ in offered]
    wide = look.columns(2, labels, "label", 2 * TILE_SIDE + 24 * look.scale + TILE_SIDE)
    rows = [
        ft.Row(
            list(tiles[at : at + wide]),
            spacing=Space.S,
            intrinsic_height=True,
            vertical_alignment=ft.CrossAxisAlignment.STRETCH,
        )
        for at in range(0, len(tiles), wide)
    ]
    body: list[ft.Control] = [
        look.heading(t("report.what")),
        look.text(t("report.no_blame"), "body", look.palette.ink2),
    ]
    return frame(look, back_bar(look, shift, t("common.back")), [*body, ft.Column(rows, spacing=Space.S)])


def tile(look: Look, words: str, icon: ft.IconData, on_press: OnPress) -> ft.Control:
    p = look.palette
    inside = ft.Row(
        [look.icon(icon, p.ink), look.text(words, "label", expand=1)], spacing=TILE_SIDE, expand=True
    )
    return pressable(
        look,
        inside,
        on_press,
        bgcolor=p.surface,
        border=ft.Border.all(1, p.edge),
        radius=Radius.CHOICE,
        padding=ft.Padding.symmetric(horizontal=TILE_SIDE - 1 if look.tight else Space.M, vertical=Space.S),
        least=56,
        expand=1,
    )


def choose_person(shift: Shift, place: ChoosePerson) -> ft.Control:
    """By room, as staff think; a name or a room typed narrows the list."""
    look = use_look()
    t = look.t
    typed, set_typed = ft.use_state("")
    form, _, category = place.then.partition("/")

    async def choose(person: PersonDocument | None) -> None:
        if form == "orders" and person:
            shift.replace(Orders(person.id))
            return
        await filling.begin(shift, form, person, category=category)

    nurse = reading.nurse(shift) if form == SBAR else None
    wanted = typed.strip().lower()
    found = [p for p in reading.persons(shift) if wanted in f"{p.name} {p.room} {p.street}".lower()]
    body: list[ft.Control] = [look.heading(t("choose.person"))]
    if form == SBAR and nurse is None:
        body += others_to_call(look, shift)
    body.append(text_field(look, t("choose.search"), typed, set_typed))
    body += [row(look, person, lambda p=person: choose(p)) for person in found[:100]]
    if not found:
        body.append(empty(look, t("choose.nobody")))
    if form != "orders":
        without = t("choose.not_listed" if form == SBAR else "choose.no_person")
        body.append(button(look, without, lambda: choose(None), kind="outlined", identifier="no-person"))
    bar = thumb_bar(look, call_now(look, nurse)) if nurse else None
    return frame(look, back_bar(look, shift, t("common.back")), body, bar, spacing=Space.S)


def call_now(look: Look, nurse: OnCall) -> Action:
    """The nurse at once: what is to be said can be filled in while talking."""
    words = look.t("fill.call_now", name=nurse.name)
    return Action(words, dial(look, nurse.phone), ft.Icons.CALL_ROUNDED, identifier="call-now")


def others_to_call(look: Look, shift: Shift) -> list[ft.Control]:
    """When no nurse has this hour: who else answers."""
    others = fallback(shift)
    if not others:
        return []
    rows = [colleague_row(look, one.name, one.phone, dial(look, one.phone)) for one in others]
    return [look.text(look.t("choose.no_nurse"), "body", look.palette.ink2), colleagues_card(look, rows)]


def row(look: Look, person: PersonDocument, on_press: OnPress) -> ft.Control:
    p = look.palette
    words: list[ft.Control] = [look.text(person.listed, "strong")]
    if person.protected:
        words.append(look.text(look.t("person.protected"), "small", p.ink2))
    if person.listed_street:
        words.append(look.text(person.listed_street, "small", p.ink2))
    inside = ft.Row(
        [room_block(look, person.room or None), ft.Column(words, spacing=0, tight=True, expand=1)],
        spacing=Space.M,
        expand=True,
    )
    return pressable(
        look,
        inside,
        on_press,
        bgcolor=p.surface,
        border=ft.Border.all(1, p.line),
        radius=Radius.CARD,
        padding=Space.S,
        center=False,
    )
