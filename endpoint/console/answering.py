"""What a nurse says to an SBAR from the console: that she has it, and what she wants done."""

from collections.abc import Sequence
from datetime import timedelta

from care.facts import Body, Ref
from care.rights import Act
from care.sbar import SbarAcknowledged, SbarAnswered, SbarDocument
from endpoint import documents
from endpoint.console.errors import NoSuchPage, NotYours
from endpoint.console.reader import Reader
from endpoint.database import Database
from endpoint.keys import Keys
from endpoint.statements import Statement, state

ORDERS = ("call_112", "sit_up", "give_as_needed", "measure_again_15", "coming")
"""The common orders, in the order of their chips. Their words are `sbar.order.<key>`."""
CHECK_AGAIN = {"measure_again_15": timedelta(minutes=15)}
TEXT_MOST = 2000


async def acknowledge(database: Database, keys: Keys, reader: Reader, id: str) -> None:
    """The reader has the case before her and takes it. Said once."""
    sbar = await _mine(database, reader, id)
    if not sbar.acknowledged:
        await _say(database, keys, reader, sbar, SbarAcknowledged())


async def answer(
    database: Database, keys: Keys, reader: Reader, id: str, orders: Sequence[str], text: str
) -> bool:
    """Answer with common orders, own words, or both; False when there is nothing in the answer."""
    sbar = await _mine(database, reader, id)
    chosen = tuple(order for order in ORDERS if order in orders)
    words = text.strip()[:TEXT_MOST]
    if not chosen and not words:
        return False
    again = next((reader.now + wait for order, wait in CHECK_AGAIN.items() if order in chosen), None)
    await _say(database, keys, reader, sbar, SbarAnswered(orders=chosen, text=words, check_again=again))
    return True


async def _mine(database: Database, reader: Reader, id: str) -> SbarDocument:
    sbar = await documents.get(database, SbarDocument, id)
    if sbar is None:
        raise NoSuchPage(id)
    if not reader.may(Act.SBAR_ANSWER, sbar.unit):
        raise NotYours(id)
    return sbar


async def _say(database: Database, keys: Keys, reader: Reader, sbar: SbarDocument, body: Body) -> None:
    said = Statement(body, Ref("sbar", sbar.id), sbar.unit, sbar.person)
    await state(database, keys, said, reader.staff.id)
