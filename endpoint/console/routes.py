"""The console's addresses. Mount with ``create_app(settings, [console])``."""

from litestar import Router
from litestar.di import Provide
from litestar.exceptions import HTTPException

from endpoint.console import (
    checks_do_pages,
    checks_pages,
    checks_plan_pages,
    complaints_pages,
    councils_pages,
    delegations_pages,
    deviations_days_pages,
    deviations_figures_pages,
    deviations_pages,
    inbox_pages,
    journal_keys,
    keeping,
    keeping_export,
    log_control,
    machines_pages,
    my_sign_ins,
    narcotics_pages,
    orders_pages,
    overview_pages,
    paper_pages,
    persons,
    phones,
    publishing_pages,
    risks_pages,
    routines_pages,
    sbars,
    signing_pages,
    staff,
    staff_import,
    systems,
    units,
    watch,
)
from endpoint.console.errors import ConsoleError
from endpoint.console.front import sign_in, sign_out, signed_out, static
from endpoint.console.guard import not_found, refused, signed_in, turned_away, unexpected
from endpoint.console.log import HANDLERS as LOG
from endpoint.console.start import first
from endpoint.errors import Refused

console = Router(
    "/console",
    route_handlers=[
        first,
        sign_in,
        sign_out,
        signed_out,
        static,
        *inbox_pages.HANDLERS,
        *journal_keys.HANDLERS,
        *deviations_pages.HANDLERS,
        *complaints_pages.HANDLERS,
        *deviations_figures_pages.HANDLERS,
        *deviations_days_pages.HANDLERS,
        *signing_pages.HANDLERS,
        *delegations_pages.HANDLERS,
        *orders_pages.HANDLERS,
        *overview_pages.HANDLERS,
        *machines_pages.HANDLERS,
        *narcotics_pages.HANDLERS,
        *paper_pages.HANDLERS,
        *LOG,
        *my_sign_ins.HANDLERS,
        *persons.HANDLERS,
        *sbars.HANDLERS,
        *systems.HANDLERS,
        *staff_import.HANDLERS,
        *staff.HANDLERS,
        *units.HANDLERS,
        *phones.HANDLERS,
        *log_control.HANDLERS,
        *keeping.HANDLERS,
        *keeping_export.HANDLERS,
        *checks_pages.HANDLERS,
        *checks_do_pages.HANDLERS,
        *checks_plan_pages.HANDLERS,
        *routines_pages.HANDLERS,
        *councils_pages.HANDLERS,
        *risks_pages.HANDLERS,
        *watch.HANDLERS,
        *publishing_pages.HANDLERS,
    ],
    dependencies={"reader": Provide(signed_in)},
    exception_handlers={
        ConsoleError: refused,
        Refused: turned_away,
        HTTPException: not_found,
        Exception: unexpected,
    },
    include_in_schema=False,
)
