"""A code on the phone's own keys: the old one, a new one twice, and what a code may not be."""

from collections.abc import Awaitable, Callable, Sequence

import flet as ft

from storage import NoSlot, PinRule, SlotClosed, WrongPin, check_pin
from views.components import Action, Part, error_card, frame, number_pad, pin_dots, thumb_bar
from views.guard import boundary
from views.model import finger
from views.model.shift import Shift
from views.places import ChangeCode, SignIn
from views.screens.fallen import fallen
from views.screens.parts import back_bar
from views.theme import Look, Space, use_look

SHORTEST = 6
FEW_LEFT = 2
"""So many tries before the last one it is said how many are left."""
LONGEST = 12
_DO = {
    "code.rule_easy": "code.rule_easy_do",
    "code.rule_birth": "code.rule_birth_do",
    "code.same": "code.same_do",
    "signin.codes_differ": "code.differ_do",
    "signin.no_contact": "signin.again",
}
"""What can go wrong with a code of at least six keys, and what to do about it."""


def code_pad(
    look: Look,
    digits: str,
    set_digits: Callable[[Callable[[str], str]], None],
    main: str,
    on_main: Callable[[], Awaitable[None]],
    above: Sequence[ft.Control] = (),
    busy: bool = False,
) -> Part:
    """Dots and keys. `main` wakes at six digits."""

    def press(digit: str) -> None:
        # From what was there, not from what was drawn: quick fingers press twice between two draws.
        set_digits(lambda entered: (entered + digit)[:LONGEST])

    ready = len(digits) >= SHORTEST and not busy
    return Part(
        ft.Column(
            [
                *above,
                pin_dots(look, len(digits), max(SHORTEST, len(digits))),
                number_pad(
                    look,
                    press,
                    lambda: set_digits(lambda entered: entered[:-1]),
                    main,
                    on_main if ready else None,
                    big=True,
                ),
            ],
            spacing=Space.M,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        )
    )


def wrong_words(look: Look, wrong: WrongPin) -> str:
    """How long to wait, or how many tries are left when they are few."""
    if not wrong.wait_s:
        return look.t("lock.wrong")
    minutes = -(-wrong.wait_s // 60)
    wait = look.t.n("lock.wait_minutes", minutes) if minutes > 1 else look.t.n("lock.wait", wrong.wait_s)
    left = f". {look.t.n('lock.left', wrong.tries_left)}" if wrong.tries_left <= FEW_LEFT else ""
    return wait + left


def code_twice(
    shift: Shift, chosen: Callable[[str], Awaitable[str]], title: str, detail: str = "code.how"
) -> ft.Control:
    """A new code, twice. `chosen` is given it, and answers with the key of what went wrong, or nothing."""
    look = use_look()
    t = look.t
    first, set_first = ft.use_state("")
    digits, set_digits = ft.use_state("")
    fault, set_fault = ft.use_state("")
    saving, set_saving = ft.use_state(False)

    def enter(change: Callable[[str], str]) -> None:
        set_digits(change)
        set_fault("")

    async def done() -> None:
        entered, told = digits, ""
        set_digits("")
        try:
            check_pin(entered)
        except PinRule as rule:
            told = f"code.rule_{rule.reason}"
        if told or not first:
            set_fault(told)
            set_first("" if told else entered)
            return
        set_first("")
        if entered != first:
            set_fault("signin.codes_differ")
            return
        set_saving(True)
        try:
            set_fault(await chosen(entered))
        finally:
            set_saving(False)

    body: list[ft.Control] = [look.heading(t("signin.code_again" if first else title)), look.text(t(detail))]
    if fault:
        body.insert(0, error_card(look, t(fault), to_do=t(_DO[fault])))
    pad = code_pad(look, digits, enter, t("common.next"), done, busy=saving)
    return frame(look, back_bar(look, shift, t("common.back")), body, pad, sheet=True)


CodeTwice = boundary(code_twice, page=fallen)
"""A component of its own, with its own boundary: it has its own state."""


def change_code(shift: Shift, place: ChangeCode) -> ft.Control:
    """The old code first: whoever finds the phone open is not to lock its owner out."""
    look = use_look()
    t = look.t
    old, set_old = ft.use_state("")
    digits, set_digits = ft.use_state("")
    fault, set_fault = ft.use_state("")
    closed, close = ft.use_state(False)
    trying, set_trying = ft.use_state(False)

    def enter(change: Callable[[str], str]) -> None:
        set_digits(change)
        set_fault("")

    async def prove() -> None:
        entered = digits
        set_digits("")
        set_trying(True)
        try:
            await shift.prove(entered)
        except WrongPin as wrong:
            set_fault(wrong_words(look, wrong))
        except (SlotClosed, NoSlot):
            close(True)
        else:
            set_old(entered)
        finally:
            set_trying(False)

    async def chosen(new: str) -> str:
        if new == old:
            return "code.same"
        try:
            await shift.change_code(old, new)
        except (WrongPin, SlotClosed, NoSlot):
            # Meanwhile it was closed, or changed by a sign-in.
            close(True)
        else:
            await finger.forget_key(shift, shift.me.staff)
            shift.home()
            shift.say_saved(t("code.changed"), t("code.changed_line"))
        return ""

    if closed:
        body: list[ft.Control] = [look.heading(t("code.closed")), look.text(t("code.closed_detail"))]
        again = Action(t("signin.needed"), lambda: shift.replace(SignIn()), ft.Icons.LOGIN_ROUNDED)
        return frame(look, back_bar(look, shift, t("common.back")), body, thumb_bar(look, again))
    if old:
        return CodeTwice(shift, chosen, "code.new", key="new")
    body = [look.heading(t("code.old")), look.text(t("code.old_detail"))]
    if fault:
        body.insert(0, error_card(look, fault))
    pad = code_pad(look, digits, enter, t("common.next"), prove, busy=trying)
    return frame(look, back_bar(look, shift, t("common.back")), body, pad, sheet=True)
