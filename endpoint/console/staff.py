"""Personal: who works where, from when until when, and what was changed by whom."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from care.rights import Role
from care.staff import StaffDocument, StaffSet
from endpoint.console import staff_form
from endpoint.console.administering import Turn, base, decide, roster_of
from endpoint.console.errors import NoSuchPage
from endpoint.console.guard import just_signed_in, own_forms_only
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.console.sent import Sent, sent
from endpoint.console.staff_finding import WHENS, find, search_of
from endpoint.console.staff_form import NewRow, StaffForm
from endpoint.console.told import role_name, role_told, told
from endpoint.parts import Parts
from endpoint.people import changes, words
from endpoint.people.differences import of_staff
from endpoint.people.errors import LastAdministrator
from endpoint.people.history import of_staff_member
from endpoint.people.roster import Roster

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]


@get("/staff")
async def staff(
    parts: Here,
    reader: Me,
    q: FromQuery[str] = "",
    unit: FromQuery[str] = "",
    role: FromQuery[str] = "",
    when: FromQuery[str] = "now",
    number: FromQuery[str] = "1",
) -> Response[Any]:
    roster = await roster_of(parts, reader)
    search = search_of(q, unit, role, when, int(number) if number.isdecimal() and len(number) < 7 else 1)
    found = find(roster, search)
    rows = [(one, [role_told(held, roster, reader.t) for held in _shown(one, roster)]) for one in found.staff]
    return page(
        "staff.html",
        reader,
        here="staff",
        search=search,
        found=found,
        rows=rows,
        whens=WHENS,
        units=list(roster.units.values()),
        roles=[(one.value, role_name(one, reader.t)) for one in Role],
    )


@get("/staff/new")
async def staff_new(parts: Here, reader: Me) -> Response[Any]:
    roster = await roster_of(parts, reader)
    return _form(reader, roster, staff_form.of_staff(None, roster, ""), None)


@post("/staff/new", guards=[own_forms_only])
async def staff_made(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    given = await sent(request)
    roster = await roster_of(parts, reader)
    return await _save(parts, reader, roster, given, None)


@get("/staff/{id:str}")
async def staff_member(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    roster = await roster_of(parts, reader)
    found = _staff(roster, id)
    current = roster.current(found)
    own = sorted(roster.own(found), key=lambda role: role.start, reverse=True)
    return page(
        "staff_member.html",
        reader,
        here="staff",
        staff=found,
        current=[role_told(role, roster, reader.t) for role in current],
        earlier=[role_told(role, roster, reader.t) for role in own if role not in current],
        last=roster.last_day(found),
        shared=bool(roster.elsewhere(found)),
    )


@get("/staff/{id:str}/edit")
async def staff_edit(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    roster = await roster_of(parts, reader)
    found = _staff(roster, id)
    return _form(reader, roster, staff_form.of_staff(found, roster, base(found.as_set)), found)


@post("/staff/{id:str}/edit", guards=[own_forms_only])
async def staff_changed(parts: Here, reader: Me, id: FromPath[str], request: AnyRequest) -> Response[Any]:
    given = await sent(request)
    roster = await roster_of(parts, reader)
    return await _save(parts, reader, roster, given, _staff(roster, id))


@get("/staff/{id:str}/end", guards=[just_signed_in])
async def staff_end(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """What happens when somebody leaves, before it does."""
    return _ending(reader, await roster_of(parts, reader), id, "now", "", "")


@post("/staff/{id:str}/end", guards=[own_forms_only, just_signed_in])
async def staff_ended(parts: Here, reader: Me, id: FromPath[str], request: AnyRequest) -> Response[Any]:
    """End every role that somebody holds here, now or with a last day."""
    given = await sent(request)
    roster = await roster_of(parts, reader)
    when, typed = given("when"), given("last")
    last = changes.at_once(roster) if when == "now" else words.date_of(typed)
    if when not in ("now", "day") or last is None or last < changes.at_once(roster):
        fault = "people.fault.date" if last is None else "people.fault.end_past"
        return _ending(reader, roster, id, when, typed, fault)

    def end(turn: Turn) -> None:
        found = _staff(turn.roster, id)
        after = changes.ended(turn.roster, found.as_set, last)
        changes.check_administered(turn.roster, {id: after})
        if after != found.as_set:
            turn.say([changes.staff_statement(turn.roster, id, after)])

    try:
        await decide(parts, reader, end)
    except LastAdministrator:
        return _ending(reader, roster, id, when, typed, "people.fault.last_administrator")
    return to(f"/console/staff/{id}")


@get("/staff/{id:str}/history")
async def staff_history(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    roster = await roster_of(parts, reader)
    found = _staff(roster, id)
    past = await of_staff_member(parts.database, roster, id)
    shown = [(one, told(one.changes, roster, reader.t)) for one in past]
    return page(
        "history.html", reader, here="staff", title=found.name, back=f"/console/staff/{id}", past=shown
    )


async def _save(
    parts: Parts, reader: Reader, roster: Roster, given: Sent, found: StaffDocument | None
) -> Response[Any]:
    """Save what a form says; what gives much away is shown once more before it is."""
    form = staff_form.read(given, found, roster)
    if given("act") == "add":
        form.new.append(NewRow())
        return _form(reader, roster, form, found)
    after = None if given("act") == "change" else staff_form.checked(form, found, roster)
    if after is None:
        return _form(reader, roster, form, found)
    id, after = _who(roster, form, found, after)
    if form.faults:
        return _form(reader, roster, form, found)
    before = found.as_set if found is not None else None
    if changes.risky(roster, before, after) and given("act") != "confirm":
        return page(
            "review.html",
            reader,
            here="staff",
            title=after.name,
            why="people.review.why",
            changes=told(of_staff(before, after, roster.mine), roster, reader.t),
            hidden=given.hidden,
            action=f"/console/staff/{found.id if found else 'new'}{'/edit' if found else ''}",
        )
    stood = _base(roster, id)

    def save(turn: Turn) -> bool:
        if _base(turn.roster, id) != stood or (found is not None and stood != form.base):
            return False
        changes.check_administered(turn.roster, {id: after})
        if before is None or of_staff(before, after, turn.roster.mine):
            turn.say([changes.staff_statement(turn.roster, id, after)])
        return True

    try:
        saved = await decide(parts, reader, save)
    except LastAdministrator:
        form.faults["role"] = "people.fault.last_administrator"
        return _form(reader, roster, form, found)
    if not saved:
        form.faults["base"] = "people.fault.changed"
        form.base = stood
        return _form(reader, roster, form, found)
    return to(f"/console/staff/{id}")


def _who(
    roster: Roster, form: StaffForm, found: StaffDocument | None, after: StaffSet
) -> tuple[str, StaffSet]:
    """Whose the form is. Somebody new with an HSA-id that is known elsewhere is that very person."""
    if changes.may_set_identity(roster, found, after.identity):
        return (found.id if found else changes.new_id()), after
    other = roster.by_identity.get(after.identity.casefold())
    same = (
        found is None
        and other is not None
        and not roster.knows(other)
        and words.is_hsa(after.identity)
        and words.plain(other.name) == words.plain(after.name)
    )
    if not same or other is None:
        form.faults["identity"] = "people.fault.identity_taken"
        return "", after
    held = other.as_set
    roles = (*roster.elsewhere(held), *roster.own(after))
    return other.id, StaffSet(
        name=held.name,
        title=held.title,
        phone=held.phone,
        language=held.language,
        roles=roles,
        identity=held.identity,
    )


def _base(roster: Roster, id: str) -> str:
    held = roster.everybody.get(id)
    return base(held.as_set if held is not None else None)


def _staff(roster: Roster, id: str) -> StaffDocument:
    found = roster.everybody.get(id)
    if found is None or not roster.knows(found):
        raise NoSuchPage(id)
    return found


def _shown(staff: StaffDocument, roster: Roster) -> list[Any]:
    """The roles of a line in the list: those that hold, or for who has left the last ones."""
    current = roster.current(staff)
    if current:
        return current
    last = roster.last_day(staff)
    return [role for role in roster.own(staff) if role.end == last]


def _ending(reader: Reader, roster: Roster, id: str, when: str, typed: str, fault: str) -> Response[Any]:
    found = _staff(roster, id)
    return page(
        "staff_end.html",
        reader,
        400 if fault else 200,
        here="staff",
        staff=found,
        current=[role_told(role, roster, reader.t) for role in roster.current(found)],
        when=when if when in ("now", "day") else "now",
        typed=typed,
        fault=fault,
        oneself=found.id == reader.staff.id,
    )


def _form(reader: Reader, roster: Roster, form: StaffForm, found: StaffDocument | None) -> Response[Any]:
    if not form.new or not form.new[-1].blank:
        form.new.append(NewRow())
    past = [role for role in roster.own(found) if role not in roster.current(found)] if found else []
    return page(
        "staff_form.html",
        reader,
        400 if form.faults else 200,
        here="staff",
        form=form,
        staff=found,
        titles=words.TITLES,
        languages=words.LANGUAGES,
        units=roster.open_units,
        roles=[(one.value, role_name(one, reader.t)) for one in Role],
        told={row.number: role_told(row.role, roster, reader.t) for row in form.held},
        earlier=[role_told(role, roster, reader.t) for role in past],
    )


HANDLERS = [
    staff,
    staff_new,
    staff_made,
    staff_member,
    staff_edit,
    staff_changed,
    staff_end,
    staff_ended,
    staff_history,
]
