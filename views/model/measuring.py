"""The pad of a form: which number is being entered, what it reads, and when it is left for the next."""

from decimal import Decimal

from care.forms import Item, Page, Quantity
from views.forms.numbers import entry, padded, possible, takes_minus, typed_of, unusual
from views.model import filling as fillings
from views.model.filling import Filling
from views.model.shift import Shift

MINUS = "-"
"""The key that turns the number below zero, and back."""


def open_page(filling: Filling, page: Page) -> None:
    """Begin with the first number when the page begins with one; done once for each page."""
    if page.item.link_id in filling.opened:
        return
    filling.opened.add(page.item.link_id)
    filling.active = ""
    asked = fillings.questions(filling, page)
    if asked and padded(asked[0]):
        after = next((one for one in asked if padded(one) and not fillings.is_answered(filling, one)), None)
        _enter(filling, after)


def begins_with_numbers(filling: Filling, number: int) -> bool:
    """Whether a page's first question is entered with the pad."""
    pages = fillings.pages(filling)
    asked = fillings.questions(filling, pages[min(number, len(pages) - 1)])
    return bool(asked) and padded(asked[0])


def turn(filling: Filling) -> None:
    """Leave a page: nothing is being entered, and it opens anew when it is come back to."""
    filling.active, filling.typed, filling.asks, filling.impossible = "", "", "", ""
    filling.why_missing = ""
    filling.opened.clear()


def select(shift: Shift, filling: Filling, item: Item) -> None:
    """Press the line of a number."""
    _enter(filling, item)
    shift.changed()


async def press(shift: Shift, filling: Filling, page: Page, digit: str) -> bool:
    """A key of the pad. Whether the number was thereby left and the page may turn."""
    item = filling.form.item(filling.active)
    if item is None:
        return False
    just_left, filling.left = filling.left, ""
    if digit == "0" and filling.fresh and await _one_too_many(shift, filling, item, just_left):
        return False
    if digit == MINUS:
        typed = (
            filling.typed.removeprefix(MINUS) if filling.typed.startswith(MINUS) else MINUS + filling.typed
        )
    else:
        typed = digit if filling.fresh else filling.typed + digit
    before = entry(item, filling.typed)
    if not filling.fresh and before.complete and item.type != "integer":
        return False
    filling.fresh, filling.asks, filling.impossible = False, "", ""
    filling.typed = typed[:9]
    now = entry(item, filling.typed)
    if now.complete and digit != MINUS:
        done = await leave(shift, filling, page)
        filling.left = item.link_id if done else ""
        return done
    if now.value is not None and possible(item, now.value):
        await fillings.answer(shift, filling.key, item.link_id, [now.value])
    else:
        await fillings.answer(shift, filling.key, item.link_id, [])
    return False


async def _one_too_many(shift: Shift, filling: Filling, item: Item, just_left: str) -> bool:
    """Whether a nought, which begins no number here, was of the number before: 70 and 0 is a pulse of 700."""
    before = filling.form.item(just_left) if just_left else None
    if before is None or before.type != "integer" or possible(item, 0):
        return False
    typed = typed_of(before, filling.in_hand(before)) + "0"
    now = entry(before, typed)
    if now.value is None or possible(before, now.value):
        return False
    _enter(filling, before)
    filling.typed, filling.impossible = typed, now.shown
    await fillings.answer(shift, filling.key, before.link_id, [])
    return True


async def erase(shift: Shift, filling: Filling) -> None:
    item = filling.form.item(filling.active)
    if item is None:
        return
    filling.typed, filling.fresh = filling.typed[:-1], False
    filling.asks, filling.impossible = "", ""
    now = entry(item, filling.typed)
    fits = now.value is not None and possible(item, now.value)
    await fillings.answer(
        shift, filling.key, item.link_id, [now.value] if fits and now.value is not None else []
    )


async def step(shift: Shift, filling: Filling, item: Item, by: int) -> None:
    """One more or one less than the number is, or than the lowest possible when there is none yet."""
    held = next(iter(filling.in_hand(item)), None)
    number = held.value if isinstance(held, Quantity) else held
    low = item.minimum.value if isinstance(item.minimum, Quantity) else item.minimum
    start = low if isinstance(low, Decimal) else Decimal(0)
    next_one = Decimal(number) + by if isinstance(number, int | Decimal) else start
    now = entry(item, f"{next_one}".replace(".", ","))
    if (next_one < 0 and not takes_minus(item)) or now.value is None or not possible(item, now.value):
        return
    filling.typed, filling.fresh = typed_of(item, [now.value]), True
    filling.asks, filling.impossible = "", ""
    await fillings.answer(shift, filling.key, item.link_id, [now.value])


async def leave(shift: Shift, filling: Filling, page: Page, confirmed: bool = False) -> bool:
    """Leave the number for the next one, unless it is impossible, or unusual and not yet said to be right."""
    item = filling.form.item(filling.active)
    if item is None:
        return True
    now = entry(item, filling.typed)
    if filling.typed and (now.value is None or not possible(item, now.value)):
        filling.impossible, filling.fresh = now.shown, True
        await fillings.answer(shift, filling.key, item.link_id, [])
        return False
    if now.value is None:
        _enter(filling, _next(filling, page, item))
        shift.changed()
        return True
    odd = unusual(item, now.value) and item.link_id not in filling.confirmed
    asks = odd and not (confirmed or filling.asks == item.link_id)
    # The next number is entered before this one is on disk: digits that come meanwhile are of that one.
    filling.put(item, [now.value])
    if why := fillings.missing_item(filling, item):
        filling.answers.pop(why.link_id, None)
    if asks:
        filling.asks = item.link_id
    else:
        _enter(filling, _next(filling, page, item))
    shift.changed()
    await fillings.answer(shift, filling.key, item.link_id, [now.value], draw=False)
    if odd and not asks:
        filling.confirmed.add(item.link_id)
    return not asks


async def not_measured(shift: Shift, filling: Filling, page: Page, why: Item, value: object) -> bool:
    """A reason why something could not be measured."""
    filling.why_missing = ""
    await fillings.choose(shift, filling.key, why, value)  # type: ignore[arg-type]
    item = filling.form.item(filling.active)
    if item and fillings.is_answered(filling, item):
        filling.typed = ""
        _enter(filling, _next(filling, page, item))
    shift.changed()
    return True


def _next(filling: Filling, page: Page, item: Item) -> Item | None:
    """The next number that is not answered."""
    asked = fillings.questions(filling, page)
    if item not in asked:
        return None
    later = asked[asked.index(item) + 1 :]
    return next((one for one in later if padded(one) and not fillings.is_answered(filling, one)), None)


def _enter(filling: Filling, item: Item | None) -> None:
    filling.active = item.link_id if item else ""
    filling.typed = typed_of(item, filling.in_hand(item)) if item else ""
    filling.fresh, filling.asks, filling.impossible, filling.why_missing = True, "", "", ""
