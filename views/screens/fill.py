"""A form being filled in, one page at a time. What outranks the form takes the bar: 112, or the nurse now."""

import flet as ft

from care.forms import Item, Page
from views import dates
from views.components import (
    Action,
    Part,
    app_bar_back,
    banner,
    button,
    empty,
    error_card,
    frame,
    info_line,
    person_line,
    progress_bars,
    progress_title,
    sbar_stepper,
    text_field,
    thumb_bar,
)
from views.forms.asking import Asking
from views.forms.measured import pad
from views.forms.page import page_controls
from views.model import filling as fillings
from views.model import handing_in, measuring, reading
from views.model.dial import dial
from views.model.earlier import last_values
from views.model.filling import Filling
from views.model.phone import FALL, SBAR
from views.model.shift import Shift
from views.places import BlankScript, CountBreaths, Fill, Script
from views.screens.parts import chip, local
from views.theme import Look, Space, use_look


def fill(shift: Shift, place: Fill) -> ft.Control:
    look = use_look()
    if not fillings.has(shift, place.draft):
        return gone(look, shift)
    filling = fillings.of(shift, place.draft)
    pages = fillings.pages(filling)
    number = min(place.page, len(pages) - 1)
    page = pages[number]
    measuring.open_page(filling, page)
    asking = _asking(look, shift, filling, page, number)
    head = _head(look, shift, filling, pages, number)
    top = _above(look, shift, filling, pages, number)
    controls = page_controls(look, asking)
    last = number == len(pages) - 1
    below = _claimed(look, filling) if last and shift.unlocked is None else []
    return frame(
        look,
        head,
        [*top, *controls, *below],
        _bar(look, shift, asking, number),
        moved_at=len(top) if filling.active else None,
    )


def _asking(look: Look, shift: Shift, filling: Filling, page: Page, number: int) -> Asking:
    unit = reading.unit(shift) if shift.unlocked else None

    async def settled() -> None:
        await _next(look, shift, filling, number, by_itself=True)

    def count(item: Item) -> None:
        shift.go(CountBreaths(filling.key, item.link_id))

    return Asking(
        shift,
        filling,
        page,
        fillings.words(shift, filling, look.t("fill.neutral_name")),
        last_values(shift, filling.person),
        settled,
        count,
        compares=unit is not None and unit.settings.news2 != "off",
    )


def _head(look: Look, shift: Shift, filling: Filling, pages: list[Page], number: int) -> Part:
    """Back is the page before, named; from the first page it leaves, and the draft is kept."""
    title = look.t("common.back")
    if number and fillings.is_sbar(filling):
        before = pages[number - 1]
        title = fillings.words(shift, filling, look.t("fill.neutral_name")).ask(before.item)

    def back() -> None:
        measuring.turn(filling)
        shift.back()

    return app_bar_back(look, title, back, chip(look, shift))


def _above(look: Look, shift: Shift, filling: Filling, pages: list[Page], number: int) -> list[ft.Control]:
    page = pages[number]
    parts: list[ft.Control] = []
    if shift.fault_words(look):
        parts.append(error_card(look, *shift.fault_words(look)))
    if filling.resumed and number == 0:
        parts.append(_resumed(look, shift, filling))
    words = fillings.words(shift, filling, look.t("fill.neutral_name"))
    person = reading.person(shift, filling.person) if shift.unlocked else None
    if fillings.is_sbar(filling):
        if number == 0:
            parts.append(
                info_line(look, look.t("sbar.life_threat"), icon=ft.Icons.WARNING_ROUNDED, tone="danger")
            )
        if not look.short:
            parts.append(_stepper(look, shift, filling, pages, page))
        if person:
            room = (
                look.t("fill.person_room", name=person.name, room=person.room) if person.room else person.name
            )
            parts.append(person_line(look, room))
        title = words.ask(page.item)
        if page.count > 1:
            parts.append(progress_title(look, title, page.number, page.count))
        else:
            parts.append(look.heading(title))
        return parts
    name = filling.form.label(shift.language)
    about = f"{name}, {person.name}" if person else name
    if not look.short:
        parts.append(progress_bars(look, number + 1, len(pages), title=about))
    parts.append(look.heading(words.ask(page.item)))
    return parts


def _stepper(look: Look, shift: Shift, filling: Filling, pages: list[Page], page: Page) -> ft.Control:
    letters = [one.step.link_id for one in pages]
    here = page.step.link_id
    done = {
        letter
        for letter in letters
        if letters.index(letter) < letters.index(here)
        and not any(fillings.faults(filling, one) for one in pages if one.step.link_id == letter)
    }

    def step(letter: str) -> None:
        if letter in letters:
            _show(shift, filling, letters.index(letter))

    return sbar_stepper(look, here, done, step)


def _show(shift: Shift, filling: Filling, number: int) -> None:
    """A page of the form; back down to it when it has been shown, so that back never goes in circles."""
    measuring.turn(filling)
    wanted = Fill(filling.key, number)
    if wanted in shift.stack:
        del shift.stack[shift.stack.index(wanted) + 1 :]
        shift.changed()
    else:
        shift.go(wanted)


async def _next(look: Look, shift: Shift, filling: Filling, number: int, by_itself: bool = False) -> None:
    """The page after, the script, or saving; what is missing is marked first."""
    pages = fillings.pages(filling)
    page = pages[number]
    missing = fillings.faults(filling, page)
    if missing:
        filling.looked_for = set(missing)
        shift.changed()
        return
    if number + 1 < len(pages):
        measuring.turn(filling)
        shift.go(Fill(filling.key, number + 1))
    elif fillings.is_sbar(filling):
        lacking = next((n for n, one in enumerate(pages) if fillings.faults(filling, one)), None)
        if lacking is not None:
            filling.looked_for = set(fillings.faults(filling, pages[lacking]))
            _show(shift, filling, lacking)
            return
        measuring.turn(filling)
        shift.go(Script(filling.key))
    elif not by_itself:
        await _save_report(look, shift, filling)


async def _save_report(look: Look, shift: Shift, filling: Filling) -> None:
    lacking = fillings.first_page(filling)
    pages = fillings.pages(filling)
    if fillings.faults(filling, pages[lacking]):
        filling.looked_for = set(fillings.faults(filling, pages[lacking]))
        _show(shift, filling, lacking)
        return
    category = handing_in.category_of(filling)
    person = reading.person(shift, filling.person) if shift.unlocked else None
    await handing_in.finish_deviation(shift, filling.key)
    shift.home()
    about = look.t(f"category.{category}")
    at = dates.clock(local(shift.phone.now()))
    title = f"{about}, {person.name}" if person else about
    shift.say_saved(title, look.t("fill.receipt", at=at))


def _bar(look: Look, shift: Shift, asking: Asking, number: int) -> Part:
    filling = asking.filling
    t = look.t
    emergency = fillings.emergencies(filling)
    if emergency or (fillings.dangers(filling) and not fillings.is_sbar(filling)):
        return _alarm(look, shift, asking, number, bool(emergency))
    active = filling.form.item(filling.active) if filling.active else None
    if active is not None:
        return Part(pad(look, asking, active))
    pages = fillings.pages(filling)

    async def go_on() -> None:
        await _next(look, shift, filling, number)

    if number + 1 == len(pages) and not fillings.is_sbar(filling):
        return thumb_bar(
            look,
            Action(t("fill.save"), go_on, ft.Icons.CHECK_ROUNDED, identifier="save"),
            says=t("fill.who_reads"),
        )
    agrees = any(item.link_id in filling.prefilled for item in fillings.questions(filling, asking.page))
    label = t("fill.agree") if agrees and not fillings.faults(filling, asking.page) else t("common.next")
    main = Action(label, go_on, ft.Icons.ARROW_FORWARD_ROUNDED, identifier="next")
    return thumb_bar(look, main, _call_now(look, shift, filling))


def _call_now(look: Look, shift: Shift, filling: Filling) -> list[Action]:
    """*Ring nu*: the nurse at once, and the form is filled in while talking."""
    nurse = reading.nurse(shift)
    if nurse is None or not fillings.is_sbar(filling):
        return []

    async def call() -> None:
        await fillings.note_call(shift, filling.key, nurse.name, nurse.phone)
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


def _alarm(look: Look, shift: Shift, asking: Asking, number: int, emergency: bool) -> Part:
    """The banner outranks the form, and takes the thumb's place until it has been passed."""
    filling, t = asking.filling, look.t
    nurse = reading.nurse(shift)
    if emergency:
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
        if filling.person is None:
            await fillings.begin(shift, SBAR, None, prompted_by=filling.id)
            return
        answers = handing_in.sbar_answers(filling) if filling.form_name == FALL else None
        await fillings.begin(shift, SBAR, person, answers=answers, prompted_by=filling.id)

    def blank_script() -> None:
        shift.go(BlankScript())

    async def go_on() -> None:
        """Past the banner; and on to the next page, when this one has been answered."""
        await fillings.pass_dangers(shift, filling.key)
        required = [one for one in fillings.questions(filling, asking.page) if one.required]
        if required and all(fillings.is_answered(filling, one) for one in required):
            await _next(look, shift, filling, number, by_itself=True)

    rest = [Action(t("common.continue"), go_on, ft.Icons.ARROW_FORWARD_ROUNDED, identifier="go-on")]
    if not fillings.is_sbar(filling):
        sbar = make_sbar if shift.unlocked else blank_script
        rest.insert(0, Action(t("fill.make_sbar"), sbar, ft.Icons.ASSIGNMENT_ROUNDED, identifier="make-sbar"))
    return thumb_bar(look, None, rest, instead=shown)


def _do_not(look: Look, asking: Asking) -> str:
    """*Lyft inte Bror ännu*: only after a fall is it what must not be done."""
    if asking.filling.form_name != FALL:
        return ""
    return look.t("fall.do_not_lift", name=asking.words.name)


def _resumed(look: Look, shift: Shift, filling: Filling) -> ft.Control:
    at = dates.moment(local(filling.resumed), shift.phone.now(), look.t) if filling.resumed else ""

    async def again() -> None:
        await fillings.begin_again(shift, filling.key)

    line = info_line(look, look.t("fill.resumed", at=at), icon=ft.Icons.HISTORY_ROUNDED, tone="accent")
    start_over = button(look, look.t("fill.begin_again"), again, kind="quiet", icon=ft.Icons.REPLAY_ROUNDED)
    return ft.Column([line, start_over], spacing=0, tight=True)


def _claimed(look: Look, filling: Filling) -> list[ft.Control]:
    """Who reports, when nobody has signed in. May be left empty."""

    def write(text: str) -> None:
        filling.claimed = text

    return [
        text_field(look, look.t("fill.your_name"), filling.claimed, write, hint=look.t("fill.your_name_hint"))
    ]


def gone(look: Look, shift: Shift) -> ft.Control:
    """The form was saved, or the phone was locked, while this screen was open."""
    head = app_bar_back(look, look.t("common.back"), shift.back)
    return frame(look, head, [ft.Container(height=Space.XL), empty(look, look.t("fill.gone"))])
