"""Ge vid behov: who, what, how much of the day's most is left, and Given; or when, and whom to call."""

import flet as ft

from care.as_needed import Beyond, Blocked, MayGive, beyond
from care.facts import Fact
from care.order import OrderDocument, Plan
from care.person import PersonDocument
from care.prn import PrnDocument
from care.signing import Refusal
from views import dates
from views.components import (
    Action,
    banner,
    button,
    choices,
    dose_card,
    frame,
    note,
    reason_card,
    section_title,
    thumb_bar,
)
from views.components import Option as Answer
from views.model import filling, needed, prefilled, reading, unheard
from views.model.dial import dial
from views.model.phone import SBAR
from views.model.shift import Shift
from views.model.witnessing import Pending
from views.places import AlreadyAsNeeded, GiveAsNeeded, Witness
from views.screens.as_needed import knowledge, moment, same_warning, summary, why
from views.screens.not_mine import not_mine
from views.screens.parts import ICONS, back_bar, header_of, receipt_of
from views.screens.sign import gone, may_sign
from views.screens.signed import given_rows, say_given
from views.screens.unheard import why_unheard
from views.theme import Look, use_look

SHOWN = 6
"""Earlier givings on the page."""


def give_needed(shift: Shift, place: GiveAsNeeded) -> ft.Control:
    look = use_look()
    need, set_need = ft.use_state(-1)
    found = needed.one(shift, place.order)
    if found is None:
        return gone(look, shift)
    person, order, plan = found
    about = task(look, shift, person, order, plan)
    right = reading.right_of(shift, plan, person.id, shift.phone.now())
    allowed = needed.allowed(shift, order)
    if isinstance(allowed, Blocked):
        return blocked(look, shift, person, order, plan, allowed, about)
    if isinstance(right, Refusal):
        return not_mine(look, shift, plan, person.id, right, about, AlreadyAsNeeded(order.id))
    if right.delegation and unheard.asks(shift):
        return why_unheard(look, shift, about)
    t = look.t
    given = Action(
        t("sign.with_witness" if plan.witness else "sign.given"),
        lambda: sign(look, shift, person, order, plan, need if need >= 0 else None),
        ft.Icons.CHECK_ROUNDED,
        identifier="given",
    )
    already = Action(
        t("not_mine.already"),
        lambda: shift.go(AlreadyAsNeeded(order.id)),
        ft.Icons.EDIT_NOTE_ROUNDED,
        identifier="already",
    )
    body = [
        *about,
        look.heading(t("needed.how_much"), "h2", level=2),
        scale(look, need, set_need, t("needed.how_much")),
        may_sign(look, right, plan),
        *earlier(look, shift, order, plan),
    ]
    bar = thumb_bar(look, given, [already], says=t("sign.as", name=shift.me.name))
    return frame(
        look,
        back_bar(look, shift, person.first_name if look.large else t("needed.title")),
        body,
        bar,
        receipt=receipt_of(look, shift),
    )


async def sign(
    look: Look, shift: Shift, person: PersonDocument, order: OrderDocument, plan: Plan, need: int | None
) -> None:
    """Looked at once more: what has come in since the page was drawn counts."""
    if not isinstance(needed.allowed(shift, order), MayGive):
        shift.changed()
        return

    async def state() -> list[Fact]:
        return await needed.give(shift, order, plan, need)

    def then(fact: Fact) -> None:
        shift.home()
        say_given(look, shift, person, plan, fact)

    if plan.witness:
        what = f"{plan.what}, {plan.amount}"
        shift.witnessed = Pending(person.id, what, state, then)
        shift.go(Witness())
        return
    then((await state())[0])


def task(
    look: Look, shift: Shift, person: PersonDocument, order: OrderDocument, plan: Plan
) -> list[ft.Control]:
    """Whom, what, why; what was given in the last day, and how old that knowledge is."""
    assert plan.as_needed is not None
    shown: list[ft.Control] = [
        header_of(look, person),
        dose_card(
            look,
            title=plan.what,
            amount=plan.amount,
            detail=" ".join(part for part in (f"{why(look, plan.as_needed)}.", plan.route) if part),
            icon=ICONS[plan.form],
        ),
    ]
    if plan.note:
        by = reading.name_of(shift, order.by)
        shown.append(note(look, plan.note, look.t("sign.note_by", name=by) if by else ""))
    shown += same_warning(look, shift, order)
    shown += [summary(look, shift, plan.as_needed, needed.allowed(shift, order)), knowledge(look, shift)]
    return shown


def scale(look: Look, chosen: int, choose: object, question: str) -> ft.Control:
    """0 to 10, each as large as the others, and *Vet inte*."""
    options = [Answer(number, str(number)) for number in range(11)]
    options.append(Answer(-1, look.t("common.unknown")))
    return choices(look, options, chosen, choose, question=question, columns=4)  # type: ignore[arg-type]


def blocked(
    look: Look,
    shift: Shift,
    person: PersonDocument,
    order: OrderDocument,
    plan: Plan,
    found: Blocked,
    about: list[ft.Control],
) -> ft.Control:
    """Why not now, the next possible time, and the nurse; what has already been given is recorded all the
    same."""
    t = look.t
    detail = t("needed.next", at=moment(look, shift, found.next)) if found.next else t("needed.next_never")
    assert plan.as_needed is not None
    reason = reason_card(
        look,
        t(f"needed.block_{found.why}"),
        f"{detail} {t('needed.ask_nurse')}",
        icon=ft.Icons.SCHEDULE_ROUNDED,
    )
    nurse = reading.nurse(shift)
    sbar = button(
        look,
        t("needed.sbar"),
        lambda: filling.begin(shift, SBAR, person),
        kind="outlined",
        icon=ft.Icons.ASSIGNMENT_ROUNDED,
        identifier="make-sbar",
    )
    rest = [
        Action(
            t("not_mine.already"),
            lambda: shift.go(AlreadyAsNeeded(order.id)),
            ft.Icons.EDIT_NOTE_ROUNDED,
            identifier="already",
        )
    ]
    main = None
    if nurse:
        words = t("lock.call_nurse", name=nurse.name)
        main = Action(words, dial(look, nurse.phone), ft.Icons.CALL_ROUNDED, identifier="call-nurse")
    body = [about[0], reason, sbar, *about[1:], *earlier(look, shift, order, plan)]
    return frame(
        look,
        back_bar(look, shift, person.first_name if look.large else t("needed.title")),
        body,
        thumb_bar(look, main, rest),
        receipt=receipt_of(look, shift),
    )


def earlier(look: Look, shift: Shift, order: OrderDocument, plan: Plan) -> list[ft.Control]:
    """The last givings with how they helped."""
    known = [one for one in reading.about(shift, PrnDocument, order.person or "") if one.order == order.id]
    known = [one for one in known if one.given]
    known.sort(key=lambda one: one.given.performed if one.given else shift.phone.now(), reverse=True)
    too = {given.prn: how for given, how in beyond(order, known)}
    rows: list[ft.Control] = []
    for one in known[:SHOWN]:
        rows += given_rows(look, shift, plan, one)
        rows += beyond_rows(look, shift, plan, one, too[one.id]) if one.id in too else []
        for effect in one.effects:
            at = dates.moment(effect.at.astimezone(shift.phone.now().tzinfo), shift.phone.now(), look.t)
            rows.append(look.text(f"{look.t(f'effect.{effect.help}')}. {at}", "body", look.palette.ink2))
    title = section_title(look, look.t("needed.earlier"), None, icon=ft.Icons.HISTORY_ROUNDED)
    return [title, *rows] if rows else []


def beyond_rows(look: Look, shift: Shift, plan: Plan, one: PrnDocument, how: Beyond) -> list[ft.Control]:
    """That it was too much or too soon, as is known now; offered as a report, begun with what is known."""
    t = look.t

    async def report() -> None:
        given = one.standing[0]
        person = reading.person(shift, one.person)
        kind = prefilled.OF_BEYOND[how]
        await prefilled.begin(shift, person, kind, plan.what, given.performed, prompted_by=given.fact)

    icon = ft.Icons.ASSIGNMENT_LATE_ROUNDED
    words = t("deviation.report")
    return [
        banner(look, "late", t(f"needed.beyond_{how}"), t("needed.beyond_detail")),
        button(look, words, report, kind="outlined", icon=icon, identifier=f"report-{one.id}"),
    ]
