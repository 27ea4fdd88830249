"""A form being filled in, one page at a time. What outranks the form takes the bar: 112, or the nurse now."""

import flet as ft

from care.forms import Item, Page
from views import dates
from views.components import (
    Part,
    app_bar_back,
    button,
    empty,
    frame,
    info_line,
    person_line,
    progress_bars,
    progress_title,
    sbar_stepper,
    text_field,
)
from views.forms.asking import Asking
from views.forms.occurring import group_name
from views.forms.page import page_controls
from views.model import filling as fillings
from views.model import measuring, reading
from views.model.earlier import last_values
from views.model.filling import Filling
from views.model.shift import Shift
from views.places import CountBreaths, Fill
from views.screens.before_sending import hints, proposal, who_reads
from views.screens.case_parts import plan_line
from views.screens.fill_bar import PLAN_IN_BAR, fill_bar
from views.screens.parts import chip, local
from views.screens.photos import photos_button
from views.screens.turning import Turning, bring_into_view
from views.theme import Look, Space, use_look

LEAST_LEFT = 2
"""Questions for which *Allt annat som vanligt* is worth a button."""


def fill(shift: Shift, place: Fill) -> ft.Control:
    look = use_look()
    scroller, _ = ft.use_state(lambda: ft.Ref[ft.Column]())
    held = fillings.of(shift, place.draft) if fillings.has(shift, place.draft) else None
    active = held.active if held else ""

    async def show_active() -> None:
        """The pad takes room from the page: what is being entered must not end up under it.

        A page that begins with its numbers has them above the pad, and keeps the person in view.
        """
        if held and active and not measuring.begins_with_numbers(held, place.page):
            await bring_into_view(scroller, active)

    ft.use_effect(show_active, [active])
    if held is None:
        return gone(look, shift)
    filling = held
    pages = fillings.pages(filling)
    number = min(place.page, len(pages) - 1)
    page = pages[number]
    measuring.open_page(filling, page)
    turning = Turning(look, shift, filling, number, scroller)
    asking = _asking(look, shift, filling, page, turning)
    head = _head(look, shift, filling, pages, number)
    top = _above(look, shift, filling, pages, turning)
    controls = page_controls(look, asking)
    last = number == len(pages) - 1 and not fillings.is_sbar(filling)
    whose = _claimed(look, filling) if last and shift.unlocked is None else []
    free = last and not active
    hinted = hints(look, shift, filling) if free else []
    end = [*photos_button(look, shift, filling), who_reads(look, shift, filling)] if free else []
    return frame(
        look,
        head,
        [*top, *whose, *hinted, *proposal(look, asking), *controls, *_rest(look, asking, turning), *end],
        fill_bar(look, shift, asking, turning),
        dense=bool(filling.active),
        scroller=scroller,
    )


def _asking(look: Look, shift: Shift, filling: Filling, page: Page, turning: Turning) -> Asking:
    unit = reading.unit(shift) if shift.unlocked else None

    async def settled() -> None:
        await turning.on(by_itself=True)

    def count(item: Item) -> None:
        shift.go(CountBreaths(filling.key, item.link_id))

    def refused(item: Item) -> str:
        if len(filling.answers.get(item.link_id, [])) < item.min_occurs:
            return look.t("fill.too_few", count=item.min_occurs)
        if said := fillings.broken(filling, item.link_id, "error"):
            return " ".join(said)
        if item.entry_format:
            return look.t("fill.written_as", format=item.entry_format)
        return look.t("fill.change")

    return Asking(
        shift,
        filling,
        page,
        fillings.words(shift, filling, look.t("fill.neutral_name")),
        last_values(shift, filling.person),
        settled,
        count,
        refused,
        compares=unit is not None and unit.settings.news2 != "off",
    )


def _rest(look: Look, asking: Asking, turning: Turning) -> list[ft.Control]:
    """One press for all that is as usual. The page turns when that ends it, as after any answer."""
    filling = asking.filling
    left = fillings.left_as_usual(filling, asking.page)
    if len(left) < LEAST_LEFT or filling.active:
        return []

    async def press() -> None:
        await fillings.rest_as_usual(asking.shift, filling.key, left)
        if not fillings.faults(filling, asking.page) and not fillings.dangers(filling):
            await turning.on(by_itself=True)

    icon = ft.Icons.DONE_ALL_ROUNDED
    words = look.t("fill.rest_as_usual")
    return [button(look, words, press, kind="outlined", icon=icon, identifier="rest-as-usual")]


def _head(look: Look, shift: Shift, filling: Filling, pages: list[Page], number: int) -> Part:
    """Back is the page before, named; from the first page it leaves, and the draft is kept."""
    title = look.t("common.back")
    if number and fillings.is_sbar(filling) and not look.large:
        before = pages[number - 1]
        title = fillings.words(shift, filling, look.t("fill.neutral_name")).ask(before.item)

    def back() -> None:
        measuring.turn(filling)
        shift.back()

    crowded = look.large and bool(filling.active)
    return app_bar_back(look, title, back, None if crowded else chip(look, shift))


def _above(
    look: Look, shift: Shift, filling: Filling, pages: list[Page], turning: Turning
) -> list[ft.Control]:
    number = turning.number
    page = pages[number]
    parts: list[ft.Control] = []
    if filling.resumed and number == 0 and not filling.amends:
        parts.append(_resumed(look, shift, filling))
    words = fillings.words(shift, filling, look.t("fill.neutral_name"))
    person = reading.person(shift, filling.person) if shift.unlocked else None
    if fillings.is_sbar(filling):
        too_long = person is not None and len(person.plan) > PLAN_IN_BAR and fillings.emergencies(filling)
        if person and person.plan and (number == 0 or too_long):
            parts.append(plan_line(look, person))
        if number == 0:
            parts.append(
                info_line(look, look.t("sbar.life_threat"), icon=ft.Icons.WARNING_ROUNDED, tone="danger")
            )
        crowded = look.large and bool(filling.active)
        if not look.short and not crowded:
            parts.append(_stepper(look, filling, pages, turning))
        if person:
            room = (
                look.t("fill.person_room", name=person.name, room=person.room) if person.room else person.name
            )
            parts.append(person_line(look, room))
        title = words.ask(page.item)
        if crowded:
            # At large text the pad leaves room for whom it is about and the number, and that is what counts.
            return parts
        if page.count > 1:
            parts.append(progress_title(look, title, page.number, page.count))
        else:
            parts.append(look.heading(title))
        return parts
    where = reading.unit_name(shift, filling.unit) if shift.unlocked and filling.unit else ""
    about = filter(None, (filling.form.label(shift.language), person.name if person else "", where))
    if not look.short:
        parts.append(progress_bars(look, number + 1, len(pages), title=", ".join(about)))
    parts.append(look.heading(group_name(look, words, filling, page.item)))
    return parts


def _stepper(look: Look, filling: Filling, pages: list[Page], turning: Turning) -> ft.Control:
    letters = [one.step.link_id for one in pages]
    here = pages[turning.number].step.link_id
    done = {
        letter
        for letter in letters
        if letters.index(letter) < letters.index(here)
        and not any(fillings.faults(filling, one) for one in pages if one.step.link_id == letter)
    }

    def step(letter: str) -> None:
        if letter in letters:
            turning.to(letters.index(letter))

    return sbar_stepper(look, here, done, step)


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
