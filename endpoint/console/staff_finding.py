"""Finding staff in a list that may be of thousands: by words, unit, role, and whether they are leaving."""

from datetime import timedelta
from typing import Literal, get_args

from msgspec import Struct

from care.rights import Role
from care.staff import StaffDocument
from endpoint.people.roster import Roster
from endpoint.people.words import plain

When = Literal["now", "ending", "left"]
WHENS: tuple[When, ...] = get_args(When)
SOON = timedelta(days=30)
PAGE = 100


class Search(Struct, frozen=True):
    """What is asked for. ``when``: who works here now or will, whose last day is near, or who has left."""

    words: str = ""
    unit: str = ""
    role: str = ""
    when: When = "now"
    page: int = 1

    @property
    def narrowed(self) -> bool:
        return bool(self.words or self.unit or self.role)


class Found(Struct, frozen=True):
    staff: list[StaffDocument]
    count: int
    page: int
    pages: int


def search_of(words: str, unit: str, role: str, when: str, page: int) -> Search:
    """A search from an address: what it does not understand is not asked for."""
    return Search(
        words=words.strip()[:100],
        unit=unit,
        role=role if role in set(Role) else "",
        when=next((one for one in WHENS if one == when), "now"),
        page=max(1, page),
    )


def find(roster: Roster, search: Search) -> Found:
    """One page of those who are asked for, by name."""
    all_words = plain(search.words).split()
    found = [one for one in roster.staff if _is_when(roster, one, search) and _matches(one, all_words)]
    pages = max(1, -(-len(found) // PAGE))
    number = min(search.page, pages)
    return Found(found[(number - 1) * PAGE : number * PAGE], len(found), number, pages)


def _is_when(roster: Roster, staff: StaffDocument, search: Search) -> bool:
    """Whether they hold such a role here, at such a time."""
    current = set(roster.current(staff))
    if search.when == "left":
        if current:
            return False
        roles = list(roster.own(staff))
    else:
        roles = list(current)
        last = roster.last_day(staff)
        if search.when == "ending" and (last is None or last > roster.day + SOON):
            return False
    if not roles and search.when != "left":
        return False
    if not (search.unit or search.role):
        return True
    return any(
        (not search.unit or role.unit == search.unit) and (not search.role or role.role == search.role)
        for role in roles
    )


def _matches(staff: StaffDocument, all_words: list[str]) -> bool:
    text = plain(f"{staff.name} {staff.identity} {staff.phone}") if all_words else ""
    return all(word in text for word in all_words)
