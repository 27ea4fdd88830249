"""Årlig uppföljning of a delegation, on the nurse's phone: it goes on, or it is taken back."""

import flet as ft

from views import dates
from views.components import Action, confirm_box, empty, frame, text_field, thumb_bar, title_block
from views.model import delegations, reading
from views.model.shift import Shift
from views.places import ReviewDelegation, RevokeDelegation
from views.screens.delegations import tasks_of
from views.screens.parts import back_bar, local
from views.theme import use_look


def review_delegation(shift: Shift, place: ReviewDelegation) -> ft.Control:
    look = use_look()
    t = look.t
    practice, set_practice = ft.use_state(False)
    note, set_note = ft.use_state("")
    held = delegations.one(shift, place.delegation)
    head = back_bar(look, shift, t("common.back"))
    if held is None or not delegations.may_review(shift, held.delegation):
        return frame(look, head, [empty(look, t("delegation.gone"))])
    one = held.delegation

    async def save() -> None:
        await delegations.review(shift, one, practice, note)
        shift.back()
        shift.say_saved(t("delegation.reviewed"), reading.name_of(shift, one.holder))

    until = t("delegation.until", day=dates.day(local(one.end).date(), t)) if one.end else ""
    body: list[ft.Control] = [
        title_block(look, t("delegation.review"), reading.name_of(shift, one.holder)),
        look.text(f"{tasks_of(look, one.tasks)}. {until}", "strong"),
        look.text(t("delegation.review_what"), "body"),
        confirm_box(look, t("delegation.practice_done"), practice, lambda: set_practice(not practice)),
        text_field(
            look, t("delegation.review_note"), note, set_note, lines=3, length=500, identifier="review-note"
        ),
    ]
    keep = Action(t("delegation.review_done"), save, ft.Icons.CHECK_ROUNDED, identifier="save-review")
    revoke = lambda: shift.replace(RevokeDelegation(one.id))  # noqa: E731
    rest = [Action(t("delegation.revoke"), revoke, ft.Icons.BLOCK_ROUNDED, identifier="revoke")]
    return frame(look, head, body, thumb_bar(look, keep, rest if delegations.may_revoke(shift, one) else []))
