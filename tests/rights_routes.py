"""EVERY ROUTE OF THE ENDPOINT, AND WHO MAY. A new route gets one line here, or test_rights_matrix.py fails.

    "GET /console/phones": Act.PHONE_MANAGE,
        Allowed to those with the act in any unit of theirs; everybody else is refused.

    "POST /console/phones/{device:str}/close": Of(Act.PHONE_MANAGE),
        The address names a thing of a unit. `device` is the name of a thing in tests/rights_square.py; it is
        tried in the reader's own unit, in another of the same vårdgivare and in one of another vårdgivare:
        allowed exactly where care/rights.py says, refused (403 or 404, with nobody's name in it) elsewhere.

    "POST /console/inbox/{id:str}/answer": Of(Act.SBAR_ANSWER, id="sbar", form={"text": "Hej"}),
        When the parameter is not called what the thing is called: id="sbar", or names={"parameter": "thing"}.
        A form or a query that names a thing: form={"unit": "<unit>"}, query={"unit": "<unit>"}. A form that
        is sent back with its faults (400, 409, 422) counts as let in: rights are asked first.

    Of((Act.A, Act.B), ...) is allowed with any of the acts. For `who` there are also the words below.

A new kind of thing is added to THINGS in tests/rights_square.py: a function that makes one in a unit.
"""

from typing import Literal

from msgspec import Struct

from care.rights import Act
from endpoint.console.complaints import SAYINGS as COMPLAINT_SAYINGS
from endpoint.console.councils import SAYINGS as COUNCIL_SAYINGS
from endpoint.console.deviation_said import SAYINGS
from endpoint.console.risks import SAYINGS as RISK_SAYINGS

Anybody = Literal[
    "public",
    "device",
    "person",
    "employed",
    "handles",
    "signed in",
    "system",
    "statistics",
    "machines",
    "journal",
    "metrics",
]
"""public: no session asked for · device: a phone's session (a person's will do) · person: a person's session
on a phone · employed: the same, as long as they hold a role in the phone's unit · handles: those of them
who handle the unit's cases · signed in: anybody who is
signed in to the console, whatever their role · system: one that sends staff, with its key · statistics: one
that reads figures, with its key (or a session with DEVIATION_HANDLE: tests/test_deviations_figures.py) ·
machines: a lock or a dispenser, with its key · journal: a journal system, with the key of somebody who
reads the nurses' inbox · metrics: whoever shows the token of RAPP_METRICS_TOKEN_FILE
(tests/test_metrics.py); no other."""


class Of(Struct, frozen=True):
    """A route that is about something of one unit. `id`, `names`: which things its parameters name."""

    who: Act | tuple[Act, ...] | Anybody
    id: str = ""
    form: dict[str, str] = {}
    query: dict[str, str] = {}
    names: dict[str, str] = {}
    told: bool = False
    """Whether a thing that is not theirs is told as a fault of the form (422), and not refused."""


ROUTES: dict[str, Anybody | Act | tuple[Act, ...] | Of] = {
    # ---- the watch
    "GET /console/watch": (
        Act.NURSE_INBOX_READ,
        Act.CHIEF_INBOX_READ,
        Act.MAS_READ,
        Act.SAS_READ,
        Act.MASTER_DATA,
    ),
    "POST /console/watch/messages/{id:str}/again": Of(Act.MASTER_DATA, id="message"),
    # ---- what phones call
    "POST /v1/enrol": "public",
    "POST /v1/session": "public",
    "GET /v1/anchors": "public",
    "GET /v1/health": "public",
    "GET /v1/ready": "public",
    "GET /metrics": "metrics",
    "POST /v1/signin": "device",
    "GET /v1/signin/{sign_in:str}": Of("device"),
    "POST /v1/signin/{sign_in:str}/certify": Of("device"),
    "POST /v1/push": "device",
    "POST /v1/photo/{photo:str}": Of("device", id="photo"),
    "GET /v1/photo/{photo:str}/{n:int}": Of("handles", id="photo"),
    "GET /v1/pull": "employed",
    "GET /v1/aggregate/{kind:str}/{id:str}": Of("employed", id="person"),
    "GET /v1/device": "device",
    "POST /v1/device/closed": "public",
    "POST /v1/device/moved": "public",
    "POST /v1/device/key": "device",
    "POST /v1/certificate": "employed",
    # ---- what systems that read figures call
    "GET /v1/statistics/deviations": "statistics",
    # ---- what locks and dispensers call
    "POST /v1/machines/events": "machines",
    # ---- what systems that send staff call
    "GET /scim/v2/ServiceProviderConfig": "system",
    "GET /scim/v2/ResourceTypes": "system",
    "GET /scim/v2/Schemas": "system",
    "GET /scim/v2/Users": "system",
    "POST /scim/v2/Users": "system",
    "GET /scim/v2/Users/{id:str}": Of("system", id="colleague"),
    "PUT /scim/v2/Users/{id:str}": Of("system", id="colleague"),
    "PATCH /scim/v2/Users/{id:str}": Of("system", id="colleague"),
    "DELETE /scim/v2/Users/{id:str}": Of("system", id="colleague"),
    # ---- what journal systems call
    "GET /v1/fhir/metadata": "public",
    "GET /v1/fhir/{resource:str}": "journal",
    "POST /v1/fhir/{resource:str}/_search": "journal",
    "GET /v1/fhir/{resource:str}/{id:str}": Of("journal", id="sbar"),
    # ---- signing in
    "GET /": "public",
    "GET /signin/console": "public",
    "GET /signin/answer": "public",
    "GET /signin/keys": "public",
    "POST /signin/ended": "public",
    "GET /signin/phone/{sign_in:str}": "public",
    "GET /signin/phone/{sign_in:str}/on": "public",
    "POST /signin/phone/{sign_in:str}/not-mine": "public",
    # ---- the description of the calls
    "GET /schema": "public",
    "GET /schema/openapi.json": "public",
    "GET /schema/{path:str}": "public",
    # ---- the console
    "GET /console": "signed in",
    "GET /console/sign-in": "public",
    "POST /console/sign-out": "public",
    "GET /console/signed-out": "public",
    "GET /console/my-sign-ins": "signed in",
    "POST /console/my-sign-ins/end-others": "signed in",
    "GET /console/static/{name:str}": "public",
    "GET /console/inbox": Act.NURSE_INBOX_READ,
    "GET /console/inbox/systems": Act.NURSE_INBOX_READ,
    "POST /console/inbox/systems": Act.NURSE_INBOX_READ,
    "POST /console/inbox/systems/{id:str}/close": Act.NURSE_INBOX_READ,
    "GET /console/inbox/fresh": Act.NURSE_INBOX_READ,
    "GET /console/inbox/{id:str}": Of(Act.NURSE_INBOX_READ, id="sbar"),
    "POST /console/inbox/{id:str}/acknowledge": Of(Act.SBAR_ANSWER, id="sbar"),
    "POST /console/inbox/{id:str}/answer": Of(Act.SBAR_ANSWER, id="sbar", form={"text": "Hej"}),
    "GET /console/inbox/{id:str}/journal": Of(Act.NURSE_INBOX_READ, id="sbar"),
    "POST /console/inbox/{id:str}/close": Of(Act.SBAR_ANSWER, id="sbar"),
    "GET /console/deviations": (Act.DEVIATION_HANDLE, Act.SAFETY_READ),
    "GET /console/deviations/fresh": (Act.DEVIATION_HANDLE, Act.SAFETY_READ),
    "GET /console/deviations/{id:str}": Of((Act.DEVIATION_HANDLE, Act.SAFETY_READ), id="deviation"),
    "GET /console/deviations/{id:str}/photos/{photo:str}": Of(Act.DEVIATION_HANDLE, id="deviation"),
    "GET /console/deviations/board": (Act.DEVIATION_HANDLE, Act.SAFETY_READ),
    "GET /console/deviations/{id:str}/ivo/{track:str}": Of(Act.DEVIATION_HANDLE, id="deviation"),
    **{
        f"POST /console/deviations/{{id:str}}/{saying}": Of(Act.DEVIATION_HANDLE, id="deviation")
        for saying in SAYINGS
        if saying != "decide"
    },
    "POST /console/deviations/{id:str}/decide": Of(
        Act.LEX_MARIA_DECIDE, id="deviation", form={"track": "lex_maria"}
    ),
    "GET /console/risks": Act.RISK_ANALYSE,
    "GET /console/risks/limits": Act.RISK_LIMITS,
    "POST /console/risks/limits": Act.RISK_LIMITS,
    "GET /console/risks/new": Act.RISK_ANALYSE,
    "POST /console/risks/new": Act.RISK_ANALYSE,
    "GET /console/risks/{id:str}": Of(Act.RISK_ANALYSE, id="risk"),
    **{
        f"POST /console/risks/{{id:str}}/{saying}": Of(Act.RISK_ANALYSE, id="risk") for saying in RISK_SAYINGS
    },
    "GET /console/councils": Act.COUNCIL_HOLD,
    "GET /console/councils/new": Act.COUNCIL_HOLD,
    "POST /console/councils/new": Act.COUNCIL_HOLD,
    "GET /console/councils/{id:str}": Of(Act.COUNCIL_HOLD, id="council"),
    **{
        f"POST /console/councils/{{id:str}}/{saying}": Of(Act.COUNCIL_HOLD, id="council")
        for saying in COUNCIL_SAYINGS
    },
    "GET /console/complaints": Act.COMPLAINT_HANDLE,
    "GET /console/complaints/new": Act.COMPLAINT_RECEIVE,
    "POST /console/complaints/new": Of(Act.COMPLAINT_RECEIVE, form={"unit": "<unit>"}),
    "GET /console/complaints/taken": Act.COMPLAINT_RECEIVE,
    "GET /console/complaints/{id:str}": Of(Act.COMPLAINT_HANDLE, id="complaint"),
    **{
        f"POST /console/complaints/{{id:str}}/{saying}": Of(Act.COMPLAINT_HANDLE, id="complaint")
        for saying in COMPLAINT_SAYINGS
    },
    "GET /console/signing": Of(Act.UNIT_READ, query={"unit": "<unit>"}),
    "GET /console/signing/fresh": Of(Act.UNIT_READ, query={"unit": "<unit>"}),
    "GET /console/orders": Of(Act.UNIT_READ, query={"unit": "<unit>"}),
    "GET /console/orders/person/{id:str}": Of(Act.UNIT_READ, id="person"),
    "POST /console/orders/person/{id:str}/pause": Of(Act.ORDER_PLACE, id="person"),
    "POST /console/orders/person/{id:str}/resume": Of(Act.ORDER_PLACE, id="person"),
    "GET /console/orders/new": Of(Act.ORDER_PLACE, query={"person": "<person>"}),
    "POST /console/orders/new": Of(Act.ORDER_PLACE, form={"person": "<person>"}),
    "GET /console/orders/{id:str}": Of(Act.UNIT_READ, id="order"),
    "GET /console/orders/{id:str}/change": Of(Act.ORDER_PLACE, id="order"),
    "POST /console/orders/{id:str}/change": Of(Act.ORDER_PLACE, id="order"),
    "POST /console/orders/{id:str}/pause": Of(Act.ORDER_PLACE, id="order"),
    "POST /console/orders/{id:str}/resume": Of(Act.ORDER_PLACE, id="order"),
    "POST /console/orders/{id:str}/stop": Of(Act.ORDER_PLACE, id="order", form={"reason": "Slut"}),
    "GET /console/narcotics": Of(Act.UNIT_READ, query={"unit": "<unit>"}),
    "GET /console/narcotics/{id:str}": Of(Act.UNIT_READ, id="person"),
    "GET /console/overview": Of(Act.UNIT_READ, query={"unit": "<unit>"}),
    "GET /console/overview/person/{id:str}": Of(Act.UNIT_READ, id="person"),
    "GET /console/overview/person/{id:str}/needed": Of(Act.UNIT_READ, id="person"),
    "GET /console/overview/machines": Of(Act.MACHINE_READ, query={"unit": "<unit>"}),
    "GET /console/overview/paper": Of(Act.UNIT_READ, query={"unit": "<unit>"}),
    "GET /console/overview/paper/{id:str}": Of(Act.DOSE_SIGN, id="person"),
    "POST /console/overview/paper/{id:str}": Of(Act.DOSE_SIGN, id="person"),
    "GET /console/delegations": Act.DELEGATION_READ,
    "GET /console/delegations/review": Act.DELEGATION_READ,
    "GET /console/delegations/shift": Of(Act.DELEGATION_READ, query={"unit": "<unit>"}),
    "GET /console/delegations/new": Act.DELEGATION_ISSUE,
    "POST /console/delegations/new": Act.DELEGATION_ISSUE,
    "GET /console/delegations/{id:str}": Of(Act.DELEGATION_READ, id="delegation"),
    "GET /console/delegations/{id:str}/certificate": Of(Act.DELEGATION_READ, id="delegation"),
    "POST /console/delegations/{id:str}/review": Of(Act.DELEGATION_ISSUE, id="delegation"),
    "GET /console/delegations/{id:str}/revoke": Of(Act.DELEGATION_REVOKE, id="delegation"),
    "POST /console/delegations/{id:str}/revoke": Of(
        Act.DELEGATION_REVOKE, id="delegation", form={"reason": "Osäkert"}
    ),
    "GET /console/persons": (Act.PERSON_BEYOND, Act.PERSON_NURSE),
    "POST /console/persons": (Act.PERSON_BEYOND, Act.PERSON_NURSE),
    "GET /console/persons/{id:str}": Of((Act.UNIT_READ, Act.PERSON_NURSE, Act.PERSON_PROTECT), id="person"),
    "GET /console/persons/{id:str}/beyond": Of(Act.PERSON_BEYOND, id="person"),
    "POST /console/persons/{id:str}/beyond": Of(Act.PERSON_BEYOND, id="person", form={"reason": "acute"}),
    "POST /console/persons/{id:str}/nurse": Of(Act.PERSON_NURSE, id="person"),
    "POST /console/persons/{id:str}/protected": Of(Act.PERSON_PROTECT, id="person"),
    "GET /console/persons/{id:str}/sbars": Of(Act.NURSE_INBOX_READ, id="person"),
    "POST /console/persons/{id:str}/plan": Of(Act.PERSON_PLAN, id="person"),
    "POST /console/persons/{id:str}/scale2": Of(Act.PERSON_SCALE2, id="person"),
    "GET /console/log": Act.LOG_EXPORT,
    "POST /console/log": Act.LOG_EXPORT,
    "GET /console/log/{id:str}": Of(Act.LOG_EXPORT, id="person"),
    "GET /console/log/{id:str}/file": Of(Act.LOG_EXPORT, id="person"),
    "GET /console/units": Act.MASTER_DATA,
    "GET /console/units/new": Act.MASTER_DATA,
    "POST /console/units/new": Act.MASTER_DATA,
    "GET /console/units/{id:str}": Of(Act.MASTER_DATA, id="unit"),
    "GET /console/units/{id:str}/edit": Of(Act.MASTER_DATA, id="unit"),
    "POST /console/units/{id:str}/edit": Of(Act.MASTER_DATA, id="unit"),
    "POST /console/units/{id:str}/closed": Of(Act.MASTER_DATA, id="unit"),
    "GET /console/units/{id:str}/history": Of(Act.MASTER_DATA, id="unit"),
    "GET /console/units/{id:str}/staff": Of(Act.MASTER_DATA, id="unit"),
    "GET /console/staff": Act.MASTER_DATA,
    "GET /console/staff/new": Act.MASTER_DATA,
    "POST /console/staff/new": Act.MASTER_DATA,
    "GET /console/staff/{id:str}": Of(Act.MASTER_DATA, id="colleague"),
    "GET /console/staff/{id:str}/edit": Of(Act.MASTER_DATA, id="colleague"),
    "POST /console/staff/{id:str}/edit": Of(Act.MASTER_DATA, id="colleague"),
    "GET /console/staff/{id:str}/end": Of(Act.MASTER_DATA, id="colleague"),
    "POST /console/staff/{id:str}/end": Of(Act.MASTER_DATA, id="colleague", form={"when": "now"}),
    "GET /console/staff/{id:str}/history": Of(Act.MASTER_DATA, id="colleague"),
    "GET /console/staff/import": Act.MASTER_DATA,
    "GET /console/staff/import/template": Act.MASTER_DATA,
    "POST /console/staff/import": Act.MASTER_DATA,
    "GET /console/staff/import/{id:str}": Act.MASTER_DATA,
    "POST /console/staff/import/{id:str}": Act.MASTER_DATA,
    "POST /console/staff/import/{id:str}/forget": Act.MASTER_DATA,
    "GET /console/staff/import/{id:str}/report": Act.MASTER_DATA,
    "GET /console/persons/import": Act.MASTER_DATA,
    "GET /console/persons/import/template": Act.MASTER_DATA,
    "POST /console/persons/import": Act.MASTER_DATA,
    "GET /console/persons/import/{id:str}": Act.MASTER_DATA,
    "POST /console/persons/import/{id:str}": Act.MASTER_DATA,
    "POST /console/persons/import/{id:str}/forget": Act.MASTER_DATA,
    "GET /console/persons/import/{id:str}/report": Act.MASTER_DATA,
    "GET /console/orders/import": (Act.ORDER_PLACE, Act.MASTER_DATA),
    "GET /console/orders/import/template": (Act.ORDER_PLACE, Act.MASTER_DATA),
    "POST /console/orders/import": (Act.ORDER_PLACE, Act.MASTER_DATA),
    "GET /console/orders/import/{id:str}": (Act.ORDER_PLACE, Act.MASTER_DATA),
    "POST /console/orders/import/{id:str}": (Act.ORDER_PLACE, Act.MASTER_DATA),
    "POST /console/orders/import/{id:str}/forget": (Act.ORDER_PLACE, Act.MASTER_DATA),
    "GET /console/orders/import/{id:str}/report": (Act.ORDER_PLACE, Act.MASTER_DATA),
    "GET /console/delegations/import": Act.DELEGATION_ISSUE,
    "GET /console/delegations/import/template": Act.DELEGATION_ISSUE,
    "POST /console/delegations/import": Act.DELEGATION_ISSUE,
    "GET /console/delegations/import/{id:str}": Act.DELEGATION_ISSUE,
    "POST /console/delegations/import/{id:str}": Act.DELEGATION_ISSUE,
    "POST /console/delegations/import/{id:str}/forget": Act.DELEGATION_ISSUE,
    "GET /console/delegations/import/{id:str}/report": Act.DELEGATION_ISSUE,
    "GET /console/staff/systems": Act.MASTER_DATA,
    "POST /console/staff/systems": Act.MASTER_DATA,
    "GET /console/staff/systems/{id:str}/close": Of(Act.MASTER_DATA, id="system"),
    "POST /console/staff/systems/{id:str}/close": Of(Act.MASTER_DATA, id="system"),
    "GET /console/deviations/figures": (Act.DEVIATION_HANDLE, Act.CARE_DAYS),
    "GET /console/deviations/figures.csv": Act.DEVIATION_HANDLE,
    "GET /console/deviations/figures.xlsx": Act.DEVIATION_HANDLE,
    "GET /console/deviations/figures/report": Act.DEVIATION_HANDLE,
    "GET /console/deviations/figures/days": Act.CARE_DAYS,
    "POST /console/deviations/figures/days": Of(
        Act.CARE_DAYS, told=True, form={"unit": "<unit>", "year": "2025", "m1": "30"}
    ),
    "POST /console/deviations/figures/days/file": Act.CARE_DAYS,
    "GET /console/checks": Of(Act.CHECK_DO, query={"unit": "<unit>"}),
    "GET /console/checks/overview": Act.CHECK_OVERVIEW,
    "GET /console/checks/figures": Act.CHECK_OVERVIEW,
    "GET /console/checks/figures.csv": Act.CHECK_OVERVIEW,
    "GET /console/checks/results/{plan:str}/{unit:str}/{day:str}": Of(Act.CHECK_DO, names={"plan": "check"}),
    "POST /console/checks/results/{plan:str}/{unit:str}/{day:str}": Of(Act.CHECK_DO, names={"plan": "check"}),
    "POST /console/checks/results/{plan:str}/{unit:str}/{day:str}/draft": Of(
        Act.CHECK_DO, names={"plan": "check"}
    ),
    "GET /console/checks/plans": Act.CHECK_PLAN,
    "POST /console/checks/plans/adopt": Act.CHECK_PLAN,
    "GET /console/checks/plans/new": Act.CHECK_PLAN,
    "POST /console/checks/plans/new": Act.CHECK_PLAN,
    "GET /console/checks/plans/{id:str}": Of(Act.CHECK_PLAN, id="check"),
    "POST /console/checks/plans/{id:str}": Of(Act.CHECK_PLAN, id="check"),
    "POST /console/checks/plans/{id:str}/pause": Of(Act.CHECK_PLAN, id="check"),
    "POST /console/checks/plans/{id:str}/resume": Of(Act.CHECK_PLAN, id="check"),
    "GET /console/checks/plans/{id:str}/end": Of(Act.CHECK_PLAN, id="check"),
    "POST /console/checks/plans/{id:str}/end": Of(Act.CHECK_PLAN, id="check"),
    "GET /console/forms": Act.FORM_PUBLISH,
    "GET /console/forms/new": Act.FORM_PUBLISH,
    "POST /console/forms/new": Act.FORM_PUBLISH,
    "GET /console/forms/shipped": Act.FORM_PUBLISH,
    "GET /console/forms/{id:str}": Of(Act.FORM_PUBLISH, id="form"),
    "GET /console/forms/{id:str}/file": Of(Act.FORM_PUBLISH, id="form"),
    "GET /console/forms/{id:str}/withdraw": Of(Act.FORM_PUBLISH, id="form"),
    "POST /console/forms/{id:str}/withdraw": Of(Act.FORM_PUBLISH, id="form"),
    "GET /console/routines": Act.ROUTINE_READ,
    "GET /console/routines/new": Act.ROUTINE_PUBLISH,
    "POST /console/routines/new": Act.ROUTINE_PUBLISH,
    "GET /console/routines/{id:str}": Of(Act.ROUTINE_READ, id="routine"),
    "GET /console/routines/{id:str}/edit": Of(Act.ROUTINE_PUBLISH, id="routine"),
    "POST /console/routines/{id:str}/edit": Of(Act.ROUTINE_PUBLISH, id="routine"),
    "POST /console/routines/{id:str}/review": Of(Act.ROUTINE_PUBLISH, id="routine"),
    "GET /console/routines/{id:str}/withdraw": Of(Act.ROUTINE_PUBLISH, id="routine"),
    "POST /console/routines/{id:str}/withdraw": Of(Act.ROUTINE_PUBLISH, id="routine"),
    "GET /console/keeping": Act.RECORD_EXPORT,
    "POST /console/keeping": Act.RECORD_EXPORT,
    "GET /console/keeping/persons/{id:str}": Of(Act.RECORD_EXPORT, id="person"),
    "POST /console/keeping/persons/{id:str}/export": Of(Act.RECORD_EXPORT, id="person"),
    "POST /console/keeping/persons/{id:str}/erase": Of(
        Act.RECORD_ERASE, id="person", form={"decision": "IVO 1", "what": "whole"}
    ),
    "GET /console/keeping/erasures/{id:str}": Of(Act.RECORD_ERASE, id="erasure"),
    "POST /console/keeping/erasures/{id:str}/confirm": Of(Act.RECORD_ERASE, id="erasure"),
    "POST /console/keeping/erasures/{id:str}/cancel": Of(Act.RECORD_ERASE, id="erasure"),
    "GET /console/log_control": Act.LOG_REVIEW,
    "POST /console/log_control": Of(Act.LOG_REVIEW, form={"unit": "<unit>", "month": "<month>"}),
    "POST /console/log_control/extra": Of(Act.LOG_REVIEW, form={"unit": "<unit>", "days": "30"}),
    "GET /console/log_control/{id:str}": Of(Act.LOG_REVIEW, id="log_control"),
    "GET /console/log_control/{id:str}/{number:int}": Of(
        Act.LOG_REVIEW, id="log_control", names={"number": "first"}
    ),
    "POST /console/log_control/{id:str}/{number:int}": Of(
        Act.LOG_REVIEW, id="log_control", names={"number": "first"}, form={"decision": "entitled"}
    ),
    "POST /console/log_control/{id:str}/explained": Of(Act.LOG_REVIEW, id="log_control"),
    "GET /console/log_control/{id:str}/close": Of(Act.LOG_REVIEW, id="log_control"),
    "POST /console/log_control/{id:str}/close": Of(Act.LOG_REVIEW, id="log_control"),
    "GET /console/log_control/{id:str}/protocol": Of(Act.LOG_REVIEW, id="closed_control"),
    "GET /console/log_control/{id:str}/protocol/{form:str}": Of(
        Act.LOG_REVIEW, id="closed_control", names={"form": "csv"}
    ),
    "GET /console/log_control/{id:str}/case/{number:int}": Of(
        Act.LOG_REVIEW, id="closed_control", names={"number": "first"}
    ),
    "POST /console/log_control/{id:str}/case/{number:int}": Of(
        Act.LOG_REVIEW, id="closed_control", names={"number": "first"}, form={"step": "told_mas"}
    ),
    # ---- phones
    "GET /console/phones": Act.PHONE_MANAGE,
    "POST /console/phones/codes": Of(
        Act.PHONE_MANAGE, told=True, form={"unit": "<unit>", "name": "Telefon 3"}
    ),
    "POST /console/phones/codes/{code:str}/revoke": Of(Act.PHONE_MANAGE, names={"code": "enrol_code"}),
    "GET /console/phones/{device:str}": Of(Act.PHONE_MANAGE),
    "GET /console/phones/{device:str}/report": Of(Act.PHONE_MANAGE),
    "GET /console/phones/{device:str}/close": Of(Act.PHONE_MANAGE),
    "GET /console/phones/{device:str}/lose": Of(Act.PHONE_MANAGE),
    "GET /console/phones/{device:str}/reopen": Of(Act.PHONE_MANAGE),
    "GET /console/phones/{device:str}/move": Of(Act.PHONE_MANAGE),
    "GET /console/phones/{device:str}/key": Of(Act.PHONE_MANAGE),
    "POST /console/phones/{device:str}/close": Of(Act.PHONE_MANAGE),
    "POST /console/phones/{device:str}/lose": Of(Act.PHONE_MANAGE),
    "POST /console/phones/{device:str}/reopen": Of(Act.PHONE_MANAGE),
    "POST /console/phones/{device:str}/move": Of(Act.PHONE_MANAGE, form={"unit": "<unit>"}),
    "POST /console/phones/{device:str}/key": Of(Act.PHONE_MANAGE),
    "GET /console/enrol": "public",
}
