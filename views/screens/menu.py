"""Behind the name: switch user, my reports, routines, language, lock."""

import flet as ft

from views.components import Action, Option, avatar, button, choices, frame, section_title, thumb_bar
from views.model import cases, delegations, ordering, reading, routines
from views.model.shift import Shift
from views.places import (
    Cases,
    ChangeCode,
    ChoosePerson,
    DelegationRegister,
    Menu,
    MyDelegations,
    MyReports,
    Place,
    Routines,
)
from views.screens.end_shift import end_button
from views.screens.finger import finger_button
from views.screens.ledger import ledger_button
from views.screens.parts import back_bar
from views.texts import LANGUAGES
from views.theme import Look, Space, use_look


def menu(shift: Shift, place: Menu) -> ft.Control:
    look = use_look()
    t = look.t

    async def speak(language: str) -> None:
        await shift.speak(language)

    news, asked = routines.news(shift), len(delegations.waiting(shift))
    languages = [Option(code, t(f"language.{code}")) for code in LANGUAGES]
    words = ft.Column(
        [look.heading(shift.me.name), look.text(t(f"title.{shift.me.title}"), "body", look.palette.ink2)],
        spacing=0,
        expand=1,
    )
    face = [] if look.large else [avatar(look, shift.me.name, size=56)]
    body: list[ft.Control] = [
        ft.Row([*face, words], spacing=Space.M),
        _way(look, shift, t("menu.my_reports"), MyReports(), ft.Icons.ASSIGNMENT_ROUNDED),
    ]
    if cases.may_read_any(shift):
        body.append(_way(look, shift, t("cases.title"), Cases(), ft.Icons.FLAG_ROUNDED, "cases"))
    if ordering.may_place(shift, shift.me.unit):
        to = t("console.orders.title"), ChoosePerson("orders"), ft.Icons.MEDICATION_ROUNDED
        body.append(_way(look, shift, *to, "orders"))
    if reading.cares_here(shift):
        mine = t.n("menu.delegations_asked", asked) if asked else t("delegation.mine")
        icon = ft.Icons.VERIFIED_USER_ROUNDED
        body.append(_way(look, shift, mine, MyDelegations(), icon, "my-delegations"))
    if delegations.issuable(shift):
        due = len(delegations.to_review(delegations.of_unit(shift)))
        words_ = t.n("menu.delegations_due", due) if due else t("delegation.register")
        register = words_, DelegationRegister(), ft.Icons.GROUPS_ROUNDED
        body.append(_way(look, shift, *register, "delegation-register"))
    if reading.cares_here(shift):
        new = t.n("menu.routines_new", news) if news else t("menu.routines")
        body += [
            _way(look, shift, new, Routines(), ft.Icons.MENU_BOOK_ROUNDED, "routines"),
            end_button(look, shift),
        ]
    body += [
        *ledger_button(look, shift),
        _way(look, shift, t("code.change"), ChangeCode(), ft.Icons.PASSWORD_ROUNDED, "change-code"),
        *finger_button(look, shift),
        section_title(look, t("menu.language"), None, icon=ft.Icons.TRANSLATE_ROUNDED),
        choices(look, languages, shift.language, speak, question=t("menu.language"), columns=2),
    ]
    if shift.phone.browser:
        body.append(look.text(t("menu.browser"), "small", look.palette.ink2))
    main = Action(t("menu.switch"), look.put_down, ft.Icons.SWITCH_ACCOUNT_ROUNDED, identifier="lock")
    return frame(look, back_bar(look, shift, t("today.title")), body, thumb_bar(look, main), switch=False)


def _way(
    look: Look, shift: Shift, words: str, place: Place, icon: ft.IconData, identifier: str | None = None
) -> ft.Control:
    """A way from here to another place."""
    return button(look, words, lambda: shift.go(place), kind="outlined", icon=icon, identifier=identifier)
