"""The form of a member of staff: what was typed, what is wrong with it, and the person that it describes."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace

from care.rights import Role
from care.staff import RoleInUnit, StaffDocument, StaffSet
from endpoint.console.sent import Sent
from endpoint.people import changes, words
from endpoint.people.roster import Roster

ROWS_MOST = 40


class HeldRow(Struct):
    """A role that is held, or will be: its dates as typed. ``number``: its place among the roles here."""

    number: int
    role: RoleInUnit
    begun: bool
    start: str = ""
    end: str = ""
    gone: bool = False
    """Taken away before it has begun."""


class NewRow(Struct):
    """A role to be, as typed."""

    role: str = ""
    unit: str = ""
    start: str = ""
    end: str = ""

    @property
    def blank(self) -> bool:
        return not (self.role or self.unit or self.start or self.end)


class StaffForm(Struct):
    name: str = ""
    title: str = ""
    identity: str = ""
    phone: str = ""
    email: str = ""
    language: str = "sv"
    held: list[HeldRow] = []
    new: list[NewRow] = []
    base: str = ""
    shared: bool = False
    """They also work for another vårdgivare: who they sign in as is not changed here."""
    faults: dict[str, str] = field(default_factory=dict)


def of_staff(staff: StaffDocument | None, roster: Roster, base: str) -> StaffForm:
    """The form of somebody as they are; None: somebody new."""
    if staff is None:
        return StaffForm(title="assistant_nurse", new=[NewRow(role=Role.CARER.value)])
    return StaffForm(
        name=staff.name,
        title=staff.title,
        identity=staff.identity,
        phone=staff.phone,
        email=staff.email,
        language=staff.language,
        held=held_rows(staff, roster),
        base=base,
        shared=bool(roster.elsewhere(staff)),
    )


def held_rows(staff: StaffDocument, roster: Roster) -> list[HeldRow]:
    """The roles whose dates may still be changed: what is over stays as it was."""
    current = set(roster.current(staff))
    return [
        HeldRow(
            number,
            role,
            role.start <= roster.day,
            role.start.isoformat(),
            role.end.isoformat() if role.end else "",
        )
        for number, role in enumerate(roster.own(staff))
        if role in current
    ]


def read(sent: Sent, staff: StaffDocument | None, roster: Roster) -> StaffForm:
    """What was typed."""
    held = held_rows(staff, roster) if staff is not None else []
    for row in held:
        here = f"role.{row.number}"
        if f"{here}.end" in sent.fields:
            row.end, row.gone = sent(f"{here}.end"), bool(sent(f"{here}.gone"))
            row.start = row.start if row.begun else sent(f"{here}.start")
    fields = NewRow.__struct_fields__
    return StaffForm(
        name=sent("name"),
        title=sent("title"),
        identity=sent("identity"),
        phone=sent("phone"),
        email=sent("email"),
        language=sent("language"),
        held=held,
        new=[
            NewRow(**{name: sent(f"new.{number}.{name}") for name in fields})
            for number in sent.numbers("new")[:ROWS_MOST]
        ],
        base=sent("base"),
        shared=staff is not None and bool(roster.elsewhere(staff)),
    )


def checked(form: StaffForm, staff: StaffDocument | None, roster: Roster) -> StaffSet | None:
    """The person that the form describes; None: `form.faults` says what is wrong."""
    faults = form.faults
    if not words.is_name(form.name):
        faults["name"] = "people.fault.name" if form.name else "people.fault.name_needed"
    if form.title not in words.TITLES:
        faults["title"] = "people.fault.choose"
    if form.language not in words.LANGUAGES:
        faults["language"] = "people.fault.choose"
    if form.phone and not words.is_phone(form.phone):
        faults["phone"] = "people.fault.phone"
    if form.email and not words.is_email(form.email):
        faults["email"] = "people.fault.email"
    if form.identity and not words.is_identity(form.identity):
        faults["identity"] = "people.fault.identity"
    roles = _roles(form, staff, roster)
    if not faults and staff is None and not roles:
        faults["new.0.unit"] = "people.fault.role_first"
    if faults:
        return None
    # What the form has no field for stays as it is.
    before = staff.as_set if staff is not None else StaffSet(name="", title="")
    return replace(
        before,
        name=form.name,
        title=form.title,
        phone=form.phone,
        email=form.email,
        language=form.language,
        identity=before.identity if form.shared else form.identity,
        roles=(*(roster.elsewhere(before)), *roles),
        source="",
    )


def _roles(form: StaffForm, staff: StaffDocument | None, roster: Roster) -> list[RoleInUnit]:
    rows = {row.number: row for row in form.held}
    found: list[RoleInUnit] = []
    for number, role in enumerate(roster.own(staff) if staff is not None else ()):
        row = rows.get(number)
        if row is None:
            found.append(role)
        elif not (row.gone and not row.begun):
            found.append(_changed(form, row, roster))
    for number, typed in enumerate(form.new):
        made = None if typed.blank or _untouched(typed) else _made(form, number, typed, roster)
        if made is not None:
            if _doubles(made, found):
                form.faults[f"new.{number}.role"] = "people.fault.role_twice"
            found.append(made)
    return found


def _untouched(row: NewRow) -> bool:
    """The line that a form for somebody new begins with has a role chosen, and nothing else."""
    return not (row.unit or row.start or row.end) and row.role == Role.CARER.value


def _changed(form: StaffForm, row: HeldRow, roster: Roster) -> RoleInUnit:
    here = f"role.{row.number}"
    start = row.role.start if row.begun else _date(form, f"{here}.start", row.start)
    end = _date(form, f"{here}.end", row.end) if row.end else None
    if row.end and end is not None and end != row.role.end:
        if end < changes.at_once(roster):
            form.faults[f"{here}.end"] = "people.fault.end_past"
        elif start is not None and end < start and not row.begun:
            form.faults[f"{here}.end"] = "people.fault.end_before_start"
    return replace(row.role, start=start or row.role.start, end=end)


def _made(form: StaffForm, number: int, row: NewRow, roster: Roster) -> RoleInUnit | None:
    here = f"new.{number}"
    if row.role not in set(Role):
        form.faults[f"{here}.role"] = "people.fault.choose"
    if row.unit not in {unit.id for unit in roster.open_units}:
        form.faults[f"{here}.unit"] = "people.fault.choose"
    start = _date(form, f"{here}.start", row.start) if row.start else roster.day
    end = _date(form, f"{here}.end", row.end) if row.end else None
    if end is not None and end < roster.day:
        form.faults[f"{here}.end"] = "people.fault.end_past"
    elif start is not None and end is not None and end < start:
        form.faults[f"{here}.end"] = "people.fault.end_before_start"
    if any(name.startswith(here) for name in form.faults) or start is None:
        return None
    return RoleInUnit(Role(row.role), row.unit, start, end)


def _doubles(made: RoleInUnit, found: Sequence[RoleInUnit]) -> bool:
    """Whether the same role in the same unit is held at the same time already."""
    return any(
        (one.role, one.unit) == (made.role, made.unit)
        and (made.end is None or one.start <= made.end)
        and (one.end is None or one.end >= made.start)
        for one in found
    )


def _date(form: StaffForm, name: str, text: str) -> date | None:
    found = words.date_of(text)
    if found is None:
        form.faults[name] = "people.fault.date"
    return found
