"""Mina delegeringar, the unit's register for who is legitimerad, and one delegation with its answer."""

from collections.abc import Sequence

import flet as ft

from care.delegation import StateAt
from views import dates
from views.components import (
    Action,
    Option,
    banner,
    button,
    card,
    choices,
    confirm_box,
    empty,
    frame,
    icon_block,
    note,
    pressable,
    section_title,
    sign,
    text_field,
    thumb_bar,
    title_block,
    value_row,
    worded_row,
)
from views.model import delegations, reading
from views.model.delegations import Held
from views.model.shift import Shift
from views.places import (
    AbleNow,
    DeclineDelegation,
    Delegation,
    DelegationRegister,
    IssueDelegation,
    MyDelegations,
    ReviewDelegation,
    RevokeDelegation,
)
from views.screens.parts import back_bar, local, receipt_of
from views.theme import Look, Radius, Space, Tone, use_look

SHOWN = 60
SIGNS: dict[StateAt, tuple[Tone, ft.IconData]] = {
    "valid": ("done", ft.Icons.CHECK_CIRCLE_ROUNDED),
    "issued": ("accent", ft.Icons.MARK_CHAT_UNREAD_ROUNDED),
    "coming": ("quiet", ft.Icons.EVENT_ROUNDED),
    "declined": ("quiet", ft.Icons.CANCEL_ROUNDED),
    "revoked": ("late", ft.Icons.BLOCK_ROUNDED),
    "used": ("quiet", ft.Icons.TASK_ALT_ROUNDED),
    "expired": ("late", ft.Icons.SCHEDULE_ROUNDED),
}
DECLINES = ("training", "unsure", "time", "other")
"""Why somebody says no."""


def my_delegations(shift: Shift, place: MyDelegations) -> ft.Control:
    look = use_look()
    t = look.t
    found = delegations.mine(shift)
    body: list[ft.Control] = [look.heading(t("delegation.mine"))]
    if not found:
        body.append(empty(look, t("delegation.mine_none"), t("delegation.mine_none_why")))
    body += [_row(look, shift, held, by_holder=False) for held in found[:SHOWN]]
    return frame(look, back_bar(look, shift, t("common.back")), body, receipt=receipt_of(look, shift))


def delegation_register(shift: Shift, place: DelegationRegister) -> ft.Control:
    look = use_look()
    t = look.t
    found = delegations.of_unit(shift)
    body: list[ft.Control] = [look.heading(t("delegation.register"))]
    if not found:
        body.append(empty(look, t("console.delegations.empty")))
    if delegations.issuable(shift):
        words, icon = t("console.delegations.shift"), ft.Icons.GROUPS_ROUNDED
        to = lambda: shift.go(AbleNow())  # noqa: E731
        body.append(button(look, words, to, kind="outlined", icon=icon, identifier="able-now"))
    due = delegations.to_review(found)
    if due:
        words = t("console.delegations.review")
        body.append(section_title(look, words, len(due), icon=ft.Icons.EVENT_REPEAT_ROUNDED, tone="late"))
        body += [_row(look, shift, held, by_holder=True) for held in due]
        words = t("delegation.others")
        body.append(section_title(look, words, None, icon=ft.Icons.VERIFIED_USER_ROUNDED))
    rest = [held for held in found if held not in due]
    body += [_row(look, shift, held, by_holder=True) for held in rest[:SHOWN]]
    main = None
    if delegations.issuable(shift):
        go = lambda: shift.go(IssueDelegation())  # noqa: E731
        main = thumb_bar(look, Action(t("delegation.issue"), go, ft.Icons.ADD_ROUNDED, identifier="issue"))
    return frame(look, back_bar(look, shift, t("common.back")), body, main, receipt=receipt_of(look, shift))


def tasks_of(look: Look, tasks: Sequence[str]) -> str:
    """*Insulin, ögondroppar*."""
    named = [look.t(f"task.{task}") for task in tasks]
    return ", ".join([*named[:1], *(name[:1].lower() + name[1:] for name in named[1:])])


def delegation_rows(look: Look, shift: Shift) -> list[ft.Control]:
    """On Idag: what waits for an answer, and what ends within thirty days."""
    t = look.t
    found: list[ft.Control] = []
    for held in delegations.waiting(shift):
        name = reading.name_of(shift, held.delegation.issuer)
        words, detail = t("delegation.asked", name=name), tasks_of(look, held.delegation.tasks)
        found.append(banner(look, "answer", words, detail, on_press=_opener(shift, held)))
    for held in delegations.ending(shift):
        words = t.n("delegation.ends_in", held.left) if held.left else t("delegation.ends_today_long")
        detail = tasks_of(look, held.delegation.tasks)
        icon = ft.Icons.SCHEDULE_ROUNDED
        kind = "late" if held.warned == 1 else "offline"
        found.append(banner(look, kind, words, detail, icon=icon, on_press=_opener(shift, held)))
    return found


def _opener(shift: Shift, held: Held):  # type: ignore[no-untyped-def]
    return lambda: shift.go(Delegation(held.delegation.id))


def _row(look: Look, shift: Shift, held: Held, *, by_holder: bool) -> ft.Control:
    t, p, one = look.t, look.palette, held.delegation
    tone, icon = SIGNS[held.state]
    signs: list[ft.Control] = [sign(look, t(f"delegation.state.{held.state}"), icon=icon, tone=tone)]
    if held.warned:
        words = t.n("delegation.days_left", held.left) if held.left else t("delegation.ends_today")
        signs.append(sign(look, words, icon=ft.Icons.SCHEDULE_ROUNDED, tone="late"))
    if by_holder and held.due:
        late = held.due.issuer_left or held.due.at <= shift.phone.now()
        words = t("delegation.review_by", day=dates.day(local(held.due.at).date(), t))
        words = t("delegation.issuer_left") if held.due.issuer_left else words
        tone_: Tone = "late" if late else "accent"
        signs.append(sign(look, words, icon=ft.Icons.EVENT_REPEAT_ROUNDED, tone=tone_))
    until = t("delegation.until", day=dates.day(local(one.end).date(), t)) if one.end else ""
    until = f"{t('delegation.once')} {until}" if one.once else until
    title = reading.name_of(shift, one.holder) if by_holder else tasks_of(look, one.tasks)
    second = f"{tasks_of(look, one.tasks)}. {until}" if by_holder else until
    words_ = ft.Column(
        [look.text(title, "strong"), look.text(second, "small", p.ink2), ft.Row(signs, wrap=True)],
        spacing=4,
        tight=True,
        expand=1,
    )
    inside = [words_] if look.large else [icon_block(look, ft.Icons.VERIFIED_USER_ROUNDED), words_]
    return pressable(
        look,
        ft.Row(inside, spacing=Space.M, vertical_alignment=ft.CrossAxisAlignment.START, expand=True),
        _opener(shift, held),
        bgcolor=p.surface,
        border=ft.Border.all(1, p.line),
        radius=Radius.CARD,
        padding=Space.M,
        identifier=f"delegation-{one.id}",
    )


def delegation(shift: Shift, place: Delegation) -> ft.Control:
    """What it is for, whom, how long; its holder says yes or no, who is legitimerad may revoke it."""
    look = use_look()
    t = look.t
    sure, be_sure = ft.use_state(False)
    held = delegations.one(shift, place.delegation)
    head = back_bar(look, shift, t("common.back"))
    if held is None:
        return frame(look, head, [empty(look, t("delegation.gone"))])
    one = held.delegation
    asked = one.holder == shift.me.staff and held.state == "issued"

    async def accept() -> None:
        await delegations.accept(shift, one)
        shift.back()
        shift.say_saved(t("delegation.accepted"), tasks_of(look, one.tasks))

    tone, icon = SIGNS[held.state]
    body: list[ft.Control] = [
        title_block(look, tasks_of(look, one.tasks), reading.name_of(shift, one.holder)),
        ft.Row([sign(look, t(f"delegation.state.{held.state}"), icon=icon, tone=tone)]),
        card(look, _facts(look, shift, held), spacing=Space.M),
    ]
    if one.note:
        body.append(note(look, one.note, reading.name_of(shift, one.issuer)))
    if asked:
        body.append(look.text(t("delegation.rules"), "body"))
        body.append(confirm_box(look, t("delegation.i_know"), sure, lambda: be_sure(not sure)))
        yes, no = accept if sure else None, lambda: shift.go(DeclineDelegation(one.id))
        main = Action(t("delegation.accept"), yes, ft.Icons.CHECK_ROUNDED, identifier="accept")
        rest = [Action(t("delegation.decline"), no, ft.Icons.CLOSE_ROUNDED, identifier="decline")]
        bar = thumb_bar(look, main, rest, says=None if sure else t("delegation.tick_first"))
    elif held.state in delegations.OPEN and delegations.may_revoke(shift, one):
        go = lambda: shift.go(RevokeDelegation(one.id))  # noqa: E731
        revoke = Action(t("delegation.revoke"), go, ft.Icons.BLOCK_ROUNDED, identifier="revoke")
        see = lambda: shift.go(ReviewDelegation(one.id))  # noqa: E731
        review = Action(t("delegation.review"), see, ft.Icons.EVENT_REPEAT_ROUNDED, identifier="review")
        mine = delegations.may_review(shift, one)
        bar = thumb_bar(look, review, [revoke]) if mine else thumb_bar(look, revoke)
    else:
        bar = None
    return frame(look, head, body, bar, receipt=receipt_of(look, shift))


def _facts(look: Look, shift: Shift, held: Held) -> list[ft.Control]:
    t, one = look.t, held.delegation
    persons = [found.listed for id in one.persons if (found := reading.person(shift, id))]
    known = [t("common.yes"), one.knowledge_result] if one.knowledge_tested else [t("common.no")]
    rows = [
        (t("delegation.certificate.issuer"), reading.name_of(shift, one.issuer)),
        (t("delegation.field.persons"), ", ".join(persons) if one.persons else t("delegation.all_persons")),
        (t("delegation.field.end"), dates.day(local(one.end).date(), t) if one.end else ""),
        *([(t("delegation.for"), t("delegation.one_signature"))] if one.once else []),
        (t("delegation.field.knowledge"), ", ".join(word for word in known if word)),
        (t("delegation.field.practice"), t("common.yes") if one.practice_seen else t("common.no")),
    ]
    told = []
    for review in one.reviews:
        by = t("delegation.trail.reviewed", name=reading.name_of(shift, review.by))
        seen = t("delegation.trail.practice").capitalize() if review.practice_seen else ""
        said = ". ".join(word for word in (seen, review.note) if word)
        told.append((f"{by} {dates.day(review.on, t)}", said or t("delegation.goes_on")))
    if held.used:
        at = dates.moment(local(held.used.signature.performed), shift.phone.now(), t)
        told.append((t("delegation.used_at", at=at), held.used.plan.what))
    if one.revoke_reason:
        told.append((t("delegation.state.revoked"), one.revoke_reason))
    row = worded_row if look.large else value_row
    return [
        *(row(look, label, value) for label, value in rows),
        *(worded_row(look, label, words) for label, words in told),
    ]


def decline_delegation(shift: Shift, place: DeclineDelegation) -> ft.Control:
    """Why not? A no is as good an answer as a yes."""
    look = use_look()
    t = look.t
    why, set_why = ft.use_state("")
    held = delegations.one(shift, place.delegation)
    head = back_bar(look, shift, t("common.back"))
    if held is None:
        return frame(look, head, [empty(look, t("delegation.gone"))])

    async def save() -> None:
        await delegations.decline(shift, held.delegation, t(f"delegation.no.{why}"))
        shift.back()
        shift.back()
        shift.say_saved(t("delegation.declined"), t("delegation.declined_then"))

    options = [Option(key, t(f"delegation.no.{key}")) for key in DECLINES]
    body: list[ft.Control] = [
        look.heading(t("delegation.no_why")),
        look.text(t("delegation.no_right"), "body"),
        choices(look, options, why, set_why, question=t("delegation.no_why"), shape="row", columns=1),
    ]
    main = Action(
        t("delegation.decline"), save if why else None, ft.Icons.CLOSE_ROUNDED, identifier="save-decline"
    )
    return frame(look, head, body, thumb_bar(look, main))


def revoke_delegation(shift: Shift, place: RevokeDelegation) -> ft.Control:
    look = use_look()
    t = look.t
    why, set_why = ft.use_state("")
    held = delegations.one(shift, place.delegation)
    head = back_bar(look, shift, t("common.back"))
    if held is None:
        return frame(look, head, [empty(look, t("delegation.gone"))])
    one = held.delegation

    async def save() -> None:
        await delegations.revoke(shift, one, why.strip())
        shift.back()
        shift.say_saved(t("delegation.revoked"), reading.name_of(shift, one.holder))

    body: list[ft.Control] = [
        title_block(look, t("delegation.revoke"), reading.name_of(shift, one.holder)),
        look.text(tasks_of(look, one.tasks), "strong"),
        look.text(t("delegation.revoke_what"), "body"),
        text_field(look, t("delegation.revoke_why"), why, set_why, lines=3, length=500, identifier="why"),
    ]
    main = Action(
        t("delegation.revoke"),
        save if why.strip() else None,
        ft.Icons.BLOCK_ROUNDED,
        identifier="save-revoke",
    )
    return frame(look, head, body, thumb_bar(look, main))
