"""How much waits on each page: the figures in the navigation."""

from collections.abc import Sequence

from care.rights import Act
from endpoint.console.case import overdue_for
from endpoint.console.checks import to_do
from endpoint.console.complaints import shown as find_complaints
from endpoint.console.delegations import ending
from endpoint.console.deviations import Report
from endpoint.console.deviations import reports as find_reports
from endpoint.console.inbox import Case
from endpoint.console.inbox import cases as find_cases
from endpoint.console.log_control_due import left
from endpoint.console.reader import Reader
from endpoint.console.routines import to_review
from endpoint.console.watch import given_up
from endpoint.database import Database
from endpoint.keeping import decisions


async def waiting(
    database: Database,
    reader: Reader,
    cases: Sequence[Case] | None = None,
    reports: Sequence[Report] | None = None,
) -> dict[str, int]:
    """What waits for the reader, by the name of the page where it is done.

    What is known already is passed in.
    """
    counts: dict[str, int] = {}
    if reader.units_for(Act.NURSE_INBOX_READ):
        found = await find_cases(database, reader) if cases is None else cases
        counts["inbox"] = sum(case.state in ("waiting", "acknowledged") for case in found)
    if reader.units_for(Act.DEVIATION_HANDLE):
        known = await find_reports(database, reader) if reports is None else reports
        counts["deviations"] = sum(
            not one.received or overdue_for(one.case, reader.staff.id, reader.day) for one in known
        )
    if issuing := {unit.id for unit in reader.units_for(Act.DELEGATION_ISSUE)}:
        counts["delegations"] = await ending(database, reader, issuing)
    if reader.units_for(Act.COMPLAINT_HANDLE):
        counts["complaints"] = sum(
            one.next is not None
            and (one.case.step is None or overdue_for(one.case, reader.staff.id, reader.day))
            for one in await find_complaints(database, reader)
        )
    if reader.units_for(Act.LOG_REVIEW):
        counts["log_control"] = await left(database, reader)
    if reader.units_for(Act.CHECK_DO):
        counts["checks"] = await to_do(database, reader)
    if reader.units_for(Act.ROUTINE_PUBLISH):
        counts["routines"] = await to_review(database, reader)
    if reader.units_for(Act.MASTER_DATA):
        counts["watch"] = await database.read(lambda connection: given_up(connection, reader))
    if mine := {unit.id for unit in reader.units_for(Act.RECORD_ERASE)}:
        prepared = await database.read(lambda connection: decisions.of_units(connection, mine))
        # Who prepared one waits for somebody else; it waits for the others.
        counts["keeping"] = sum(
            one.state == "prepared" and one.prepared_by != reader.staff.id for one in prepared
        )
    return counts
