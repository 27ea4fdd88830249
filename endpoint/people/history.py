"""What was changed of a unit or a member of staff, when and by whom: read from the facts themselves."""

from datetime import datetime

from msgspec import Struct

from care.documents import in_order
from care.errors import BodyError
from care.facts import ENDPOINT, Body, Fact, body_of
from care.staff import StaffSet
from care.unit import UnitSet
from endpoint.database import Database
from endpoint.documents import evidence
from endpoint.people.differences import Difference, of_staff, of_unit
from endpoint.people.roster import Roster


class Past(Struct, frozen=True):
    """One change. ``by``: a name; "": another vårdgivare's, or not known. ``source``: as in StaffSet."""

    at: datetime
    by: str
    system: bool
    """Stated by the endpoint itself: what another system sent, or the first loading."""
    source: str
    first: bool
    changes: list[Difference]


async def of_staff_member(database: Database, roster: Roster, id: str) -> list[Past]:
    """Newest first. What concerned another vårdgivare alone is left out."""
    return await _past(database, roster, "staff", id)


async def of_a_unit(database: Database, roster: Roster, id: str) -> list[Past]:
    """Newest first."""
    return await _past(database, roster, "unit", id)


async def _past(database: Database, roster: Roster, kind: str, id: str) -> list[Past]:
    facts = in_order([one.fact() for one in await evidence(database, kind, id)])
    found: list[Past] = []
    before: StaffSet | UnitSet | None = None
    for fact in facts:
        body = _read(fact)
        if isinstance(body, StaffSet):
            held = before if isinstance(before, StaffSet) else None
            changes = of_staff(held, body, roster.mine)
        elif isinstance(body, UnitSet):
            changes = of_unit(before if isinstance(before, UnitSet) else None, body)
        else:
            continue
        if changes:
            author = roster.everybody.get(fact.author or "")
            known = author is not None and roster.knows(author)
            found.append(
                Past(
                    at=fact.time,
                    by=author.name if author is not None and known else "",
                    system=fact.author == ENDPOINT,
                    source=getattr(body, "source", ""),
                    first=before is None,
                    changes=changes,
                )
            )
        before = body
    return found[::-1]


def _read(fact: Fact) -> Body | None:
    try:
        return body_of(fact)
    except BodyError:
        return None
