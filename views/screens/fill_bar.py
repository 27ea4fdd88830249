"""The bar under a form: *Nästa*, the number pad, and what outranks the form: 112, or the nurse now."""

import flet as ft

from care.forms import danger_answers
from care.person import PersonDocument
from care.unit import OnCall
from views.components import Action, Part, banner, button, thumb_bar
from views.forms.asking import Asking
from views.forms.measured import pad
from views.model import filling as fillings
from views.model import reading, reporting
from views.model.after_fall import sbar_answers
from views.model.dial import dial
from views.model.filling import Filling
from views.model.phone import FALL, SBAR
from views.model.shift import Shift
from views.places import BlankScript, Review
from views.screens.before_sending import named
from views.screens.turning import NEXT, Turning
from views.theme import Look

PLAN_IN_BAR = 200
"""Characters of a plan that leave room for the page; a longer one stands above it."""


def fill_bar(look: Look, shift: Shift, asking: Asking, turning: Turning) -> Part:
    """*Nästa*, the pad, or what outranks them."""
    filling = asking.filling
    t = look.t
    emergency = fillings.emergencies(filling)
    if emergency or (fillings.dangers(filling) and not fillings.is_sbar(filling)):
        return _alarm(look, shift, asking, turning, bool(emergency))
    active = filling.form.item(filling.active) if filling.active else None
    if active is not None:
        return Part(pad(look, asking, active, _call_beside(look, shift, filling)))
    pages = fillings.pages(filling)

    if turning.number + 1 == len(pages) and not fillings.is_sbar(filling):
        return thumb_bar(
            look,
            Action(t("fill.save"), turning.on, ft.Icons.CHECK_ROUNDED, identifier="save"),
            [*_call_now(look, shift, filling), _read_through(look, shift, filling)],
            says=t("fill.who_reads", readers=named(look, reporting.readers(filling))),
        )
    agrees = any(item.link_id in filling.prefilled for item in fillings.questions(filling, asking.page))
    label = t("fill.agree") if agrees and not fillings.faults(filling, asking.page) else t("common.next")
    main = Action(label, turning.on, ft.Icons.ARROW_FORWARD_ROUNDED, identifier=NEXT)
    return thumb_bar(look, main, _call_now(look, shift, filling))


def _read_through(look: Look, shift: Shift, filling: Filling) -> Action:
    """*Läs igenom*: nobody has to, and whoever wants to sees every answer before saving."""
    icon = ft.Icons.CHECKLIST_ROUNDED
    return Action(
        look.t("fill.review"), lambda: shift.go(Review(filling.key)), icon, "quiet", identifier="review"
    )


def _call_now(look: Look, shift: Shift, filling: Filling) -> list[Action]:
    """*Ring nu*: the nurse at once, and the form is filled in while talking."""
    nurse = reading.nurse(shift)
    if nurse is None or not (fillings.is_sbar(filling) or danger_answers(filling.form, filling.answers)):
        return []

    async def call() -> None:
        try:
            await fillings.note_call(shift, filling.key, nurse.name, nurse.phone)
        finally:
            await dial(look, nurse.phone)()

    return [
        Action(
            look.t("fill.call_now", name=nurse.name),
            call,
            ft.Icons.CALL_ROUNDED,
            "soft",
            identifier="call-now",
        )
    ]


def _call_beside(look: Look, shift: Shift, filling: Filling) -> ft.Control | None:
    """*Ring nu*, while the pad has the bar."""
    calls = _call_now(look, shift, filling)
    if not calls or look.large:
        return None
    icon = ft.Icons.CALL_ROUNDED
    return button(look, look.t("fill.call_short"), calls[0].on_press, kind="quiet", icon=icon, expand=2)


def _alarm(look: Look, shift: Shift, asking: Asking, turning: Turning, emergency: bool) -> Part:
    """The banner outranks the form, and takes the thumb's place until it has been passed."""
    filling, t = asking.filling, look.t
    nurse = reading.nurse(shift)
    person = reading.person(shift, filling.person) if shift.unlocked else None
    planned = person is not None and bool(person.plan)
    if emergency and person and planned:
        shown = _by_plan(look, person, nurse)
    elif emergency:
        shown = banner(
            look,
            "danger",
            t("fill.emergency"),
            t("fill.emergency_then"),
            on_press=look.call_112,
            action=t("common.call_112"),
        )
    elif nurse:
        shown = banner(
            look,
            "danger",
            t("nurse.contact_now"),
            _do_not(look, asking),
            on_press=dial(look, nurse.phone),
            action=t("fill.call", name=nurse.name),
        )
    else:
        shown = banner(look, "danger", t("nurse.contact_now"), _do_not(look, asking))

    async def make_sbar() -> None:
        await fillings.pass_dangers(shift, filling.key)
        person = reading.person(shift, filling.person)
        now = shift.phone.now()
        answers = sbar_answers(filling, now) if filling.form_name == FALL else None
        await fillings.begin(shift, SBAR, person, answers=answers, prompted_by=filling.id)

    def blank_script() -> None:
        shift.go(BlankScript())

    async def go_on() -> None:
        """Past the banner; and on to the next page, when this one has been answered."""
        await fillings.pass_dangers(shift, filling.key)
        required = [one for one in fillings.questions(filling, asking.page) if one.required]
        if required and all(fillings.is_answered(filling, one) for one in required):
            await turning.on(by_itself=True)

    rest = [Action(t("common.continue"), go_on, ft.Icons.ARROW_FORWARD_ROUNDED, identifier="go-on")]
    if emergency and planned:
        rest.insert(
            0, Action(t("common.call_112"), look.call_112, ft.Icons.CALL_ROUNDED, identifier="call-112")
        )
    if not fillings.is_sbar(filling):
        sbar = make_sbar if shift.unlocked else blank_script
        rest.insert(0, Action(t("fill.make_sbar"), sbar, ft.Icons.ASSIGNMENT_ROUNDED, identifier="make-sbar"))
    return thumb_bar(look, None, rest, instead=shown)


def _by_plan(look: Look, person: PersonDocument, nurse: OnCall | None) -> ft.Control:
    """A plan of the person's own goes before the advice to call 112, and says so: the nurse is first."""
    t = look.t
    detail = person.plan if len(person.plan) <= PLAN_IN_BAR else t("fill.plan_above")
    title = t("fill.plan_first", name=person.first_name)
    if nurse is None:
        return banner(look, "late", title, detail, icon=ft.Icons.ARTICLE_ROUNDED)
    call, words = dial(look, nurse.phone), t("fill.call", name=nurse.name)
    return banner(look, "late", title, detail, on_press=call, action=words, icon=ft.Icons.ARTICLE_ROUNDED)


def _do_not(look: Look, asking: Asking) -> str:
    """*Lyft inte Bror ännu*: only after a fall is it what must not be done."""
    if asking.filling.form_name != FALL:
        return ""
    return look.t("fall.do_not_lift", name=asking.words.name)
