"""A dry run: what a list of staff would make new, change and end. Pure; nothing is written here.

The plan is made from the list and the roster alone, and made again when it is carried out: what is done is
what was shown, or nothing.
"""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from care.rights import Role
from care.staff import StaffDocument, StaffSet
from endpoint.people import changes, words
from endpoint.people.differences import Difference, of_staff
from endpoint.people.errors import LastAdministrator
from endpoint.people.reading import Entry, Fault, read
from endpoint.people.roles import Wanted, merged
from endpoint.people.roster import Roster
from endpoint.people.table import Line

Kind = Literal["new", "changed", "ended", "unchanged"]


class Outcome(Struct, frozen=True):
    """What becomes of one person. ``staff``: their id; "" when they are new."""

    kind: Kind
    staff: str
    before: StaffSet | None
    after: StaffSet
    rows: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        return self.staff or self.after.identity.casefold()


class Plan(Struct, frozen=True):
    """A dry run. ``missing``: those who work here and whose roles are not in a list that is said to be whole;
    each with how they would be, once somebody says so for them."""

    outcomes: list[Outcome]
    faults: list[Fault]
    missing: list[Outcome] = []

    def of(self, kind: Kind) -> list[Outcome]:
        return [one for one in self.outcomes if one.kind == kind]

    @property
    def digest(self) -> str:
        """Names exactly what would be done to exactly what is there now."""
        return hashlib.sha256(msgspec.json.encode((self.outcomes, self.missing))).hexdigest()

    @property
    def to_do(self) -> list[Outcome]:
        return [one for one in self.outcomes if one.kind != "unchanged"]


def differences(outcome: Outcome, roster: Roster) -> list[Difference]:
    return of_staff(outcome.before, outcome.after, roster.mine)


def plan(roster: Roster, lines: Sequence[Line], whole: bool = False, source: str = "file") -> Plan:
    """What the lines would do. ``whole``: the list has everybody, so that those who are missing are told."""
    entries, faults = read(roster, lines)
    outcomes: list[Outcome] = []
    taken: set[str] = set()
    for entry in entries:
        found = outcome(roster, entry, source)
        if isinstance(found, Outcome) and found.staff and found.staff in taken:
            found = Fault(entry.row, "name", "people.fault.same_name", entry.name)
        if isinstance(found, Fault):
            faults.append(found)
        else:
            outcomes.append(found)
            taken.add(found.staff)
    outcomes, locked = _administered(roster, outcomes)
    faults += locked
    missing = _missing(roster, outcomes, entries, lines) if whole else []
    return Plan(outcomes, sorted(faults, key=lambda fault: fault.row), missing)


def outcome(roster: Roster, entry: Entry, source: str) -> Outcome | Fault:
    """What becomes of one person who is in a list."""
    held = _held(roster, entry)
    return held if isinstance(held, Fault) else becomes(roster, entry, source, held)


def becomes(roster: Roster, entry: Entry, source: str, held: StaffDocument | None) -> Outcome | Fault:
    """What becomes of somebody whose entry this is; held None: of somebody new."""
    before = held.as_set if held is not None else None
    known = held is not None and roster.knows(held)
    roles = merged(roster.own(held) if held is not None else (), entry.wanted, roster.day).roles
    if not roles and not known:
        over = "people.fault.over" if entry.wanted else "people.fault.unit_needed"
        return Fault(entry.row, "end" if entry.wanted else "unit", over)
    if held is not None and not known:
        # Of another vårdgivare until now: what is known of them there stays as it is.
        after = replace(held.as_set, roles=(*roster.elsewhere(held), *roles), source=source)
        return Outcome("new", held.id, held.as_set, after, entry.rows)
    if not (entry.title or (before and before.title)):
        return Fault(entry.row, "title", "people.fault.title_needed")
    after = StaffSet(
        name=entry.name or (before.name if before else ""),
        title=entry.title or (before.title if before else ""),
        identity=entry.identity,
        phone=before.phone if before and entry.phone is None else entry.phone or "",
        email=before.email if before and entry.email is None else entry.email or "",
        language=entry.language or (before.language if before else "sv"),
        roles=(*(roster.elsewhere(held) if held is not None else ()), *roles),
        source=source,
    )
    if not changes.may_set_identity(roster, held, after.identity):
        return Fault(entry.row, "identity", "people.fault.identity_taken", entry.identity)
    return Outcome(_kind(roster, before, after), held.id if held else "", before, after, entry.rows)


def _held(roster: Roster, entry: Entry) -> StaffDocument | Fault | None:
    """Who it is: by identity, or by name where that person has no identity yet."""
    found = roster.by_identity.get(entry.identity.casefold())
    if found is not None:
        if roster.knows(found) or _same_human(found, entry):
            return found
        return Fault(entry.row, "identity", "people.fault.identity_taken", entry.identity)
    named = roster.unidentified.get(words.plain(entry.name), [])
    if len(named) > 1:
        return Fault(entry.row, "name", "people.fault.same_name", entry.name)
    return named[0] if named else None


def _same_human(found: StaffDocument, entry: Entry) -> bool:
    """An HSA-id is one human being's wherever they work. That the name agrees guards against a slip."""
    return words.is_hsa(entry.identity) and words.plain(found.name) == words.plain(entry.name)


def _kind(roster: Roster, before: StaffSet | None, after: StaffSet) -> Kind:
    if before is None:
        return "new"
    if not of_staff(before, after, roster.mine):
        return "unchanged"
    was, ends = roster.last_day(before), roster.last_day(after)
    if roster.works(before) and ends is not None and (was is None or ends < was):
        return "ended"
    return "changed"


def _administered(roster: Roster, outcomes: list[Outcome]) -> tuple[list[Outcome], list[Fault]]:
    """The outcomes without those that would leave nobody to administer; each of these is a fault."""
    after = {one.key: one.after for one in outcomes}
    try:
        changes.check_administered(roster, after)
    except LastAdministrator:
        pass
    else:
        return outcomes, []
    # Those who may take an administrator away are followed one by one, after all who may add one.
    takes = [one for one in outcomes if one.before is not None and _administers(one.before)]
    after = {one.key: one.after for one in outcomes if one not in takes}
    faults = []
    for one in takes:
        try:
            changes.check_administered(roster, after | {one.key: one.after})
        except LastAdministrator:
            row = one.rows[0] if one.rows else 0
            faults.append(Fault(row, "role", "people.fault.last_administrator", one.after.name))
        else:
            after[one.key] = one.after
    return [one for one in outcomes if one.key in after], faults


def _administers(staff: StaffSet) -> bool:
    return any(role.role is Role.ADMINISTRATOR for role in staff.roles)


def _missing(
    roster: Roster, outcomes: Sequence[Outcome], entries: Sequence[Entry], lines: Sequence[Line]
) -> list[Outcome]:
    """Who works here and is not in the list, and who has a role here that it does not name."""
    found = []
    listed = {one.staff: one for one in outcomes if one.staff}
    wanted = {entry.identity.casefold(): entry.wanted for entry in entries}
    identities = {line.identity.casefold() for line in lines}
    names = {words.plain(line.name) for line in lines}
    last = changes.at_once(roster)
    for one in roster.staff:
        outcome = listed.get(one.id)
        if outcome is not None:
            rest = _unnamed(roster, outcome, wanted.get(outcome.after.identity.casefold(), ()), last)
            if rest is not None:
                found.append(Outcome("ended", one.id, outcome.after, rest))
        elif roster.works(one):
            in_list = (
                one.identity.casefold() in identities if one.identity else words.plain(one.name) in names
            )
            if not in_list:
                found.append(Outcome("ended", one.id, one.as_set, changes.ended(roster, one.as_set, last)))
    return found


def _unnamed(roster: Roster, outcome: Outcome, wanted: Sequence[Wanted], last: date) -> StaffSet | None:
    """Somebody who is in the list, without the roles that it does not name; None: it names all of them.

    Where the list says nothing of roles it is no list of roles.
    """
    if not wanted or outcome.before is None:
        return None
    unnamed = set(merged(roster.own(outcome.before), wanted, roster.day).unnamed)
    gone = [role for role in roster.current(outcome.after) if role in unnamed]
    if not gone:
        return None
    less = changes.ended(roster, replace(outcome.after, roles=tuple(gone)), last).roles
    kept = tuple(role for role in outcome.after.roles if role not in gone)
    return replace(outcome.after, roles=(*kept, *less))
