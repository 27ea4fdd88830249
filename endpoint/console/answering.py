"""What a nurse says to an SBAR from the console: that she has it, what she wants done, how it went."""

from collections.abc import Sequence

from care.facts import Body, Ref
from care.rights import Act
from care.sbar import (
    CHECK_MINUTES,
    COMMON_ORDERS,
    OUTCOMES,
    SbarAcknowledged,
    SbarAnswered,
    SbarClosed,
    SbarDocument,
    SbarFollowedUp,
    check_at,
)
from endpoint import documents
from endpoint.console.errors import NoSuchPage, NotYours
from endpoint.console.reader import Reader
from endpoint.database import Database
from endpoint.keys import Keys
from endpoint.statements import Statement, state_all

TEXT_MOST = 2000
AGAIN = "measure_again"


async def acknowledge(database: Database, keys: Keys, reader: Reader, id: str) -> None:
    """The reader has the case before her and takes it. Said once."""
    sbar = await _mine(database, reader, id)
    if not sbar.acknowledged:
        await _say(database, keys, reader, sbar, SbarAcknowledged())


async def answer(
    database: Database,
    keys: Keys,
    reader: Reader,
    id: str,
    orders: Sequence[str],
    text: str,
    again: str = "",
) -> bool:
    """Answer with common orders, own words, a new check or all; False when there is nothing in the answer.

    ``again``: in how many minutes the new check is; anything but `CHECK_MINUTES` is none.
    """
    sbar = await _mine(database, reader, id)
    minutes = next((one for one in CHECK_MINUTES if str(one) == again), None)
    wanted = {*orders, AGAIN} if minutes else set(orders)
    chosen = tuple(order for order in COMMON_ORDERS if order in wanted)
    words = text.strip()[:TEXT_MOST]
    if not chosen and not words:
        return False
    at = check_at(reader.now, minutes) if minutes else None
    await _say(database, keys, reader, sbar, SbarAnswered(orders=chosen, text=words, check_again=at))
    return True


async def close(database: Database, keys: Keys, reader: Reader, id: str, outcome: str, text: str) -> None:
    """The case is done; how it went is said first, where it is known. Said once."""
    sbar = await _mine(database, reader, id)
    if sbar.closed:
        return
    words = text.strip()[:TEXT_MOST]
    known = next((one for one in OUTCOMES if one == outcome), "")
    follow_up = [SbarFollowedUp(outcome=known, text=words)] if known or words else []
    await _say(database, keys, reader, sbar, *follow_up, SbarClosed())


async def _mine(database: Database, reader: Reader, id: str) -> SbarDocument:
    sbar = await documents.get(database, SbarDocument, id)
    if sbar is None:
        raise NoSuchPage(id)
    if not reader.may(Act.SBAR_ANSWER, sbar.unit):
        raise NotYours(id)
    return sbar


async def _say(database: Database, keys: Keys, reader: Reader, sbar: SbarDocument, *bodies: Body) -> None:
    said = [Statement(body, Ref("sbar", sbar.id), sbar.unit, sbar.person) for body in bodies]
    await state_all(database, keys, said, reader.staff.id)
