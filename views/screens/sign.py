"""Signera: who, what, how many, when, note, right. Two taps from Idag for the ordinary dose."""

from collections.abc import Callable

import flet as ft

from care.order import Plan
from care.signing import MaySign, Refusal
from care.today import Task
from views import dates
from views.components import Action, banner, button, dose_card, empty, frame, info_line, note, thumb_bar
from views.model import prefilled, reading, stock, unheard
from views.model.dial import dial
from views.model.shift import Shift
from views.places import AlreadyGiven, Details, OtherOutcome, Sign, Withhold
from views.screens.giving import sign_given
from views.screens.not_mine import not_mine
from views.screens.parts import ICONS, back_bar, header_of, local, receipt_of, still_coming, time_words
from views.screens.signed import flags_of, signed_rows
from views.screens.unheard import why_unheard
from views.theme import Look, use_look


def sign(shift: Shift, place: Sign) -> ft.Control:
    look = use_look()
    anyway, set_anyway = ft.use_state(False)
    task = reading.task(shift, place.dose)
    if task is None:
        return gone(look, shift)
    if task.document and task.document.done:
        return already_signed(look, shift, task)
    right = reading.right_now(shift, task)
    about = [
        header_of(look, task.person),
        task_card(look, task),
        *([still_coming(look)] if task.state == "unknown" else []),
        *nurse_note(look, shift, task),
        *balance(look, shift, task),
    ]
    if task.document and task.document.standing:
        about += signed_rows(look, shift, task)
    if isinstance(right, Refusal):
        already = AlreadyGiven(place.dose)
        return not_mine(look, shift, task.dose.plan, task.person.id, right, about, already)
    t = look.t
    if right.delegation and unheard.asks(shift):
        return why_unheard(look, shift, about)
    may = may_sign(look, right, task.dose.plan)
    late = report_button(look, shift, task, prefilled.kind_of(task, []))
    if task.state == "later" and not anyway:
        return too_early(look, shift, task, about, lambda: set_anyway(True))
    bar = thumb_bar(
        look,
        given_action(look, shift, task),
        [
            Action(t("sign.not_given"), lambda: shift.go(Withhold(place.dose)), ft.Icons.CLOSE_ROUNDED),
            Action(
                t("common.other"), lambda: shift.go(OtherOutcome(place.dose)), ft.Icons.MORE_HORIZ_ROUNDED
            ),
        ],
        says=t("sign.as", name=shift.me.name),
    )
    return frame(
        look,
        back_bar(look, shift, t("today.title")),
        [*about, may, *late],
        bar,
        receipt=receipt_of(look, shift),
    )


def given_action(look: Look, shift: Shift, task: Task) -> Action:
    """*Given*; where the order asks for a value or a second person, what comes before it."""
    plan = task.dose.plan
    if plan.value or plan.note_asked:
        words = look.t("sign.value", what=plan.value.what) if plan.value else look.t("sign.note")
        on = lambda: shift.go(Details(task.dose.id))  # noqa: E731
        return Action(words, on, ft.Icons.EDIT_ROUNDED, identifier="details")
    words = look.t("sign.with_witness" if plan.witness else "sign.given")
    given = lambda: sign_given(look, shift, task)  # noqa: E731
    return Action(words, given, ft.Icons.CHECK_ROUNDED, identifier="given")


def may_sign(look: Look, right: MaySign, plan: Plan) -> ft.Control:
    """*Du har delegering*, and until when."""
    t = look.t
    if not right.until:
        return info_line(look, t("sign.no_delegation_needed"))
    what, until = t(f"task.{plan.requires}"), dates.day(local(right.until).date(), t)
    if right.once:
        return info_line(look, t("sign.have_once"), t("sign.once_detail", what=what))
    return info_line(look, t("sign.have_delegation"), t("sign.valid_until", what=what, day=until))


def too_early(
    look: Look, shift: Shift, task: Task, about: list[ft.Control], go_on: Callable[[], None]
) -> ft.Control:
    """Hours ahead: said before anything can be signed, and one more tap for whoever means it."""
    t = look.t
    detail = t("sign.early_detail", at=dates.clock(local(task.dose.opens)))
    body = [*about, banner(look, "late", t("sign.early_title"), detail)]
    nurse = reading.nurse(shift)
    anyway = Action(t("sign.early_anyway"), go_on, ft.Icons.CHECK_ROUNDED, identifier="anyway")
    call = (
        Action(t("lock.call_nurse", name=nurse.name), dial(look, nurse.phone), ft.Icons.CALL_ROUNDED)
        if nurse
        else None
    )
    bar = thumb_bar(look, call, [anyway]) if call else thumb_bar(look, anyway)
    return frame(look, back_bar(look, shift, t("today.title")), body, bar)


def task_card(look: Look, task: Task) -> ft.Control:
    """What, how many, when and how; a pouch's contents for counting."""
    plan = task.dose.plan
    words, tone = time_words(look, task)
    if task.state == "later":
        words, tone = look.t("sign.early", at=dates.clock(local(task.dose.opens))), "late"
    at = look.t("sign.at", at=dates.clock(local(task.dose.at)))
    return dose_card(
        look,
        title=plan.what,
        amount=plan.amount or plan.what,
        detail=f"{at} {plan.route}".strip(),
        icon=ICONS[plan.form],
        time=words,
        time_tone=tone,
        contents=[(line.name, line.amount) for line in plan.contents],
    )


def nurse_note(look: Look, shift: Shift, task: Task) -> list[ft.Control]:
    """The nurse's own words, always Swedish as she wrote them."""
    if not task.dose.plan.note:
        return []
    by = reading.name_of(shift, task.dose.by)
    return [note(look, task.dose.plan.note, look.t("sign.note_by", name=by) if by else "")]


def balance(look: Look, shift: Shift, task: Task) -> list[ft.Control]:
    """Of a narcotic: how many there are to be before this one is taken out."""
    drug = task.dose.plan.narcotic
    if drug is None:
        return []
    left = stock.of(shift, task.person.id, drug.preparation).balance
    words = look.t("sign.balance", balance=f"{left:g}".replace(".", ","), unit=drug.unit)
    return [info_line(look, words, icon=ft.Icons.INVENTORY_2_ROUNDED, tone="quiet")]


def already_signed(look: Look, shift: Shift, task: Task) -> ft.Control:
    """What was signed and by whom; two signatures stand side by side."""
    body = [header_of(look, task.person), task_card(look, task), *signed_rows(look, shift, task)]
    standing = task.document.standing if task.document else []
    flags = [flag for one in standing for flag in flags_of(shift, task, one)]
    body += report_button(look, shift, task, prefilled.kind_of(task, flags))
    return frame(look, back_bar(look, shift, look.t("today.title")), body, receipt=receipt_of(look, shift))


def report_button(look: Look, shift: Shift, task: Task, kind: str) -> list[ft.Control]:
    """What happened with a dose is offered as a report, begun with what the phone knows."""
    if not kind:
        return []

    async def report() -> None:
        await prefilled.of_task(shift, task, kind)

    icon = ft.Icons.ASSIGNMENT_LATE_ROUNDED
    words = look.t("deviation.report")
    return [button(look, words, report, kind="outlined", icon=icon, identifier="report-dose")]


def gone(look: Look, shift: Shift) -> ft.Control:
    """The task was changed, stopped or moved while it was open."""
    t = look.t
    return frame(
        look, back_bar(look, shift, t("today.title")), [empty(look, t("sign.gone"), t("sign.gone_detail"))]
    )
