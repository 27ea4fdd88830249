"""How much waits on each page: the figures in the navigation."""

from collections.abc import Sequence

from care.rights import Act
from endpoint.console.checks import to_do
from endpoint.console.deviations import Report
from endpoint.console.deviations import reports as find_reports
from endpoint.console.inbox import Case
from endpoint.console.inbox import cases as find_cases
from endpoint.console.log_control_due import left
from endpoint.console.reader import Reader
from endpoint.console.routines import to_review
from endpoint.database import Database


async def waiting(
    database: Database,
    reader: Reader,
    cases: Sequence[Case] | None = None,
    reports: Sequence[Report] | None = None,
) -> dict[str, int]:
    """Unanswered cases and unreceived reports, for the pages that the reader has.

    What is known already is passed in.
    """
    counts: dict[str, int] = {}
    if reader.units_for(Act.NURSE_INBOX_READ):
        found = await find_cases(database, reader) if cases is None else cases
        counts["inbox"] = sum(case.state in ("waiting", "acknowledged") for case in found)
    if reader.units_for(Act.DEVIATION_HANDLE):
        known = await find_reports(database, reader) if reports is None else reports
        counts["deviations"] = sum(not report.received for report in known)
    if reader.units_for(Act.LOG_REVIEW):
        counts["log_control"] = await left(database, reader)
    if reader.units_for(Act.CHECK_DO):
        counts["checks"] = await to_do(database, reader)
    if reader.units_for(Act.ROUTINE_PUBLISH):
        counts["routines"] = await to_review(database, reader)
    return counts
