"""Who may do what: one table of role x act x scope, each row with the law that it rests on.

The endpoint enforces it at every call; the phone mirrors it so that nobody is offered what they may not
do. What has already happened is recorded all the same: a right that is missing flags, it never silences.
"""

from enum import StrEnum
from typing import Literal

from msgspec import Struct

Scope = Literal["unit", "self", "provider"]
"""unit: in a unit where the role is held · self: what concerns oneself · provider: the whole vårdgivare."""


class Role(StrEnum):
    CARER = "carer"
    """Omsorgspersonal: undersköterska, vårdbiträde, boendestödjare."""
    NURSE = "nurse"
    PHYSIOTHERAPIST = "physiotherapist"
    OCCUPATIONAL_THERAPIST = "occupational_therapist"
    UNIT_MANAGER = "unit_manager"
    """Enhetschef."""
    MAS = "mas"
    """Medicinskt ansvarig sjuksköterska."""
    MAR = "mar"
    """Medicinskt ansvarig för rehabilitering."""
    SAS = "sas"
    """Socialt ansvarig samordnare."""
    SAFETY_REPRESENTATIVE = "safety_representative"
    """Skyddsombud."""
    ADMINISTRATOR = "administrator"
    """Systemförvaltare."""


class Act(StrEnum):
    UNIT_READ = "unit.read"
    NURSE_INBOX_READ = "nurse.read"
    CHIEF_INBOX_READ = "chief.read"
    MAS_READ = "mas.read"
    SAS_READ = "sas.read"
    SAFETY_READ = "safety.read"
    OWN_READ = "staff.read"
    DOSE_SIGN = "dose.sign"
    SBAR_RECORD = "sbar.record"
    SBAR_ANSWER = "sbar.answer"
    SBAR_READ_BACK = "sbar.read_back"
    DEVIATION_REPORT = "deviation.report"
    DEVIATION_HANDLE = "deviation.handle"
    LEX_MARIA_DECIDE = "lex_maria.decide"
    LEX_SARAH_DECIDE = "lex_sarah.decide"
    COMPLAINT_RECEIVE = "complaint.receive"
    """Taking a complaint or a view down for a care recipient or a relative."""
    COMPLAINT_HANDLE = "complaint.handle"
    DELEGATION_ISSUE = "delegation.issue"
    DELEGATION_ACCEPT = "delegation.accept"
    DELEGATION_REVOKE = "delegation.revoke"
    DELEGATION_READ = "delegation.read"
    """The register of delegations, and what each one rests on."""
    ORDER_PLACE = "order.place"
    MACHINE_READ = "machine.read"
    """What locks and dispensers have seen, held against the doses."""
    STOCK_ADJUST = "stock.adjust"
    """Changing the balance of a narcotics ledger, with a reason."""
    PERSON_SCALE2 = "person.scale2"
    PERSON_PLAN = "person.plan"
    """Saying what is to be done for a person instead of the usual advice, such as a palliative plan."""
    MASTER_DATA = "master.write"
    """Units, staff and their roles, persons. Stated on the console alone."""
    PERSON_NURSE = "person.nurse"
    """Naming the nurse who is responsible for a person."""
    PERSON_PROTECT = "person.protect"
    """Saying that a person's data are protected (skyddade personuppgifter)."""
    PERSON_BEYOND = "person.beyond"
    """Aktivt val: seeing a person of a unit where one does not work now, with a reason."""
    OFFICE_PHONE = "office.phone"
    """Having a code on a phone of an office (kansli), which takes cases and nothing of care."""
    PHONE_MANAGE = "phone.manage"
    """Enrolling, moving and closing phones."""
    LOG_REVIEW = "log.review"
    LOG_OVERVIEW = "log.overview"
    """Seeing which units have done their log control."""
    LOG_EXPORT = "log.export"
    """Who has seen a record, for the person whose it is."""
    RECORD_EXPORT = "record.export"
    RECORD_ERASE = "record.erase"
    CARE_DAYS = "days.set"
    """Vårddygn per unit and month, for rates of deviations."""
    CHECK_PLAN = "check.plan"
    """Egenkontroll: what is checked, how often, by whom."""
    CHECK_DO = "check.do"
    CHECK_OVERVIEW = "check.overview"
    RISK_ANALYSE = "risk.analyse"
    """Risk analysis before a change."""
    RISK_LIMITS = "risk.limits"
    """Setting the limits of the risk matrix."""
    COUNCIL_HOLD = "council.hold"
    """Kvalitetsråd: its agenda, minutes and decisions."""
    ROUTINE_PUBLISH = "routine.publish"
    ROUTINE_READ = "routine.read"
    FORM_PUBLISH = "form.publish"
    """Forms that phones and console use: SBAR, reports, check lists."""


CARE = frozenset({Role.CARER, Role.NURSE, Role.PHYSIOTHERAPIST, Role.OCCUPATIONAL_THERAPIST})
LICENSED = frozenset({Role.NURSE, Role.PHYSIOTHERAPIST, Role.OCCUPATIONAL_THERAPIST})
"""Legitimerad personal: no delegation needed for tasks of their own profession (PSL 2010:659, 4 kap.)."""
OVERSIGHT = frozenset({Role.MAS, Role.MAR, Role.SAS})
"""Those who answer for the quality of a whole vårdgivare."""
EMPLOYED = frozenset(Role)
OWN_TASKS: dict[Role, frozenset[str]] = {
    Role.PHYSIOTHERAPIST: frozenset({"training"}),
    Role.OCCUPATIONAL_THERAPIST: frozenset({"training"}),
}
"""Task types of professions other than the nurse, whose are all of them (p): for the MAS to approve."""


class Right(Struct, frozen=True):
    act: Act
    roles: frozenset[Role]
    scope: Scope
    law: str


TABLE: tuple[Right, ...] = (
    Right(Act.UNIT_READ, CARE | {Role.UNIT_MANAGER}, "unit", "PDL 4:1, HSLF-FS 2016:40; SoL 2025:400"),
    Right(Act.NURSE_INBOX_READ, LICENSED, "unit", "PDL 4:1 (HSL 2017:30)"),
    Right(
        Act.CHIEF_INBOX_READ, frozenset({Role.UNIT_MANAGER}), "unit", "SOSFS 2011:9, PSL 3 kap., SoL 2025:400"
    ),
    Right(Act.MAS_READ, frozenset({Role.MAS, Role.MAR}), "provider", "HSL 11:4, PSL 3:5"),
    Right(Act.SAS_READ, frozenset({Role.SAS}), "provider", "SoL 2025:400 (lex Sarah)"),
    Right(Act.SAFETY_READ, frozenset({Role.SAFETY_REPRESENTATIVE}), "unit", "AML 1977:1160 6:6"),
    Right(Act.OWN_READ, EMPLOYED, "self", "PSL 3 kap. (återkoppling), SOSFS 2011:9"),
    Right(Act.DOSE_SIGN, CARE, "unit", "HSLF-FS 2017:37, SOSFS 1997:14"),
    Right(Act.SBAR_RECORD, EMPLOYED, "unit", "HSL 2017:30, PSL 6:1"),
    Right(Act.SBAR_ANSWER, frozenset({Role.NURSE}), "unit", "PDL 3:1, PSL 6:1"),
    Right(Act.SBAR_READ_BACK, EMPLOYED, "unit", "PSL 6:1"),
    Right(Act.DEVIATION_REPORT, EMPLOYED, "provider", "PSL 3 kap., SoL 2025:400, AML 3:1a"),
    Right(
        Act.DEVIATION_HANDLE,
        LICENSED | {Role.UNIT_MANAGER},
        "unit",
        "SOSFS 2011:9 5 kap., PSL 3:3",
    ),
    Right(
        Act.DEVIATION_HANDLE, frozenset({Role.MAS, Role.MAR, Role.SAS}), "provider", "HSL 11:4, PSL 3:5, SoL"
    ),
    Right(Act.COMPLAINT_HANDLE, frozenset({Role.UNIT_MANAGER}), "unit", "SOSFS 2011:9 5:3, PSL 3:8 a"),
    Right(Act.COMPLAINT_HANDLE, OVERSIGHT, "provider", "SOSFS 2011:9 5:3, PSL 3:8 a"),
    Right(Act.LEX_MARIA_DECIDE, frozenset({Role.MAS, Role.MAR}), "provider", "PSL 3:5, HSLF-FS 2017:41"),
    Right(Act.LEX_SARAH_DECIDE, frozenset({Role.SAS}), "provider", "SoL 2025:400, LSS 24 a-g §§ (lex Sarah)"),
    Right(Act.COMPLAINT_RECEIVE, EMPLOYED, "provider", "SOSFS 2011:9 5:3, PSL 3:8 a"),
    Right(Act.CARE_DAYS, frozenset({Role.UNIT_MANAGER}), "unit", "SOSFS 2011:9 5 kap."),
    Right(Act.CARE_DAYS, OVERSIGHT | {Role.ADMINISTRATOR}, "provider", "SOSFS 2011:9 5 kap."),
    Right(Act.DELEGATION_ISSUE, LICENSED, "unit", "PSL 6:3, SOSFS 1997:14"),
    Right(Act.DELEGATION_ACCEPT, CARE, "self", "SOSFS 1997:14"),
    Right(Act.DELEGATION_REVOKE, LICENSED, "unit", "PSL 6:3, SOSFS 1997:14"),
    Right(Act.DELEGATION_REVOKE, frozenset({Role.MAS, Role.MAR}), "provider", "HSF 2017:80 4:6"),
    Right(Act.DELEGATION_READ, LICENSED | {Role.UNIT_MANAGER}, "unit", "SOSFS 1997:14, HSLF-FS 2017:37"),
    Right(Act.DELEGATION_READ, frozenset({Role.MAS, Role.MAR}), "provider", "HSF 2017:80 4:6"),
    Right(Act.ORDER_PLACE, LICENSED, "unit", "HSLF-FS 2017:37"),
    Right(Act.MACHINE_READ, LICENSED | {Role.UNIT_MANAGER}, "unit", "HSLF-FS 2017:37, SOSFS 2011:9 5 kap."),
    Right(Act.STOCK_ADJUST, frozenset({Role.NURSE}), "unit", "HSLF-FS 2017:37"),
    Right(Act.PERSON_SCALE2, LICENSED, "unit", "RCP 2017 (NEWS2), on a doctor's order"),
    Right(Act.PERSON_PLAN, LICENSED, "unit", "PDL 3:1, HSL 2017:30"),
    Right(Act.MASTER_DATA, frozenset({Role.ADMINISTRATOR}), "provider", "PDL 4:2, HSLF-FS 2016:40 4 kap."),
    Right(Act.PERSON_NURSE, frozenset({Role.NURSE, Role.UNIT_MANAGER}), "unit", "HSL 2017:30 4:1"),
    Right(Act.PERSON_NURSE, frozenset({Role.ADMINISTRATOR}), "provider", "HSL 2017:30 4:1"),
    Right(Act.PERSON_PROTECT, frozenset({Role.NURSE, Role.UNIT_MANAGER}), "unit", "OSL 2009:400 22:1, 26:1"),
    Right(Act.PERSON_PROTECT, frozenset({Role.ADMINISTRATOR}), "provider", "OSL 2009:400 22:1, 26:1"),
    Right(Act.PERSON_BEYOND, CARE, "provider", "PDL 4:1, HSLF-FS 2016:40 4 kap. (aktivt val)"),
    Right(
        Act.OFFICE_PHONE,
        OVERSIGHT | {Role.SAFETY_REPRESENTATIVE},
        "provider",
        "HSL 11:4, PSL 3:5; SoL 2025:400 (lex Sarah); AML 1977:1160 6:6",
    ),
    Right(Act.PHONE_MANAGE, frozenset({Role.UNIT_MANAGER}), "unit", "HSLF-FS 2016:40 3 kap."),
    Right(Act.PHONE_MANAGE, frozenset({Role.ADMINISTRATOR}), "provider", "HSLF-FS 2016:40 3 kap."),
    Right(Act.LOG_REVIEW, frozenset({Role.UNIT_MANAGER}), "unit", "PDL 4:3, HSLF-FS 2016:40 4:9"),
    Right(Act.LOG_REVIEW, OVERSIGHT, "provider", "PDL 4:3, HSLF-FS 2016:40 4:9"),
    Right(Act.LOG_OVERVIEW, OVERSIGHT, "provider", "PDL 4:3, HSLF-FS 2016:40 4:9"),
    Right(Act.LOG_EXPORT, frozenset({Role.UNIT_MANAGER}), "unit", "PDL 8:5"),
    Right(Act.LOG_EXPORT, OVERSIGHT, "provider", "PDL 8:5"),
    Right(Act.RECORD_EXPORT, OVERSIGHT, "provider", "PDL 8:2, GDPR art. 15"),
    Right(Act.RECORD_ERASE, OVERSIGHT, "provider", "PDL 8:4"),
    Right(Act.CHECK_PLAN, OVERSIGHT, "provider", "SOSFS 2011:9 5:2"),
    Right(Act.CHECK_PLAN, frozenset({Role.UNIT_MANAGER}), "unit", "SOSFS 2011:9 5:2"),
    Right(Act.CHECK_DO, LICENSED | {Role.UNIT_MANAGER}, "unit", "SOSFS 2011:9 5:2"),
    Right(Act.CHECK_DO, OVERSIGHT, "provider", "SOSFS 2011:9 5:2"),
    Right(Act.CHECK_OVERVIEW, OVERSIGHT, "provider", "SOSFS 2011:9 5:2, PSL 3:10"),
    Right(Act.RISK_ANALYSE, LICENSED | {Role.UNIT_MANAGER}, "unit", "SOSFS 2011:9 5:1"),
    Right(Act.RISK_ANALYSE, OVERSIGHT, "provider", "SOSFS 2011:9 5:1"),
    Right(Act.RISK_LIMITS, OVERSIGHT, "provider", "SOSFS 2011:9 4 kap., 5:1"),
    Right(Act.COUNCIL_HOLD, LICENSED | {Role.UNIT_MANAGER}, "unit", "SOSFS 2011:9 5:6"),
    Right(Act.COUNCIL_HOLD, OVERSIGHT, "provider", "SOSFS 2011:9 5:6"),
    Right(Act.ROUTINE_PUBLISH, frozenset({Role.UNIT_MANAGER}), "unit", "SOSFS 2011:9 4 kap."),
    Right(Act.ROUTINE_PUBLISH, OVERSIGHT, "provider", "SOSFS 2011:9 4 kap."),
    Right(Act.FORM_PUBLISH, OVERSIGHT | {Role.ADMINISTRATOR}, "provider", "SOSFS 2011:9 4 kap."),
    Right(Act.ROUTINE_READ, EMPLOYED, "provider", "SOSFS 2011:9 4 kap."),
)


ACT_OF_FACT: dict[str, Act] = {
    "unit.set": Act.MASTER_DATA,
    "staff.set": Act.MASTER_DATA,
    "staff.certified": Act.MASTER_DATA,
    "person.set": Act.MASTER_DATA,
    "form.published": Act.FORM_PUBLISH,
    "form.withdrawn": Act.FORM_PUBLISH,
    "risk-limits.set": Act.RISK_LIMITS,
    "person.scale2_set": Act.PERSON_SCALE2,
    "person.plan_set": Act.PERSON_PLAN,
    "person.nurse_set": Act.PERSON_NURSE,
    "person.protected_set": Act.PERSON_PROTECT,
    "stock.adjusted": Act.STOCK_ADJUST,
    "order.placed": Act.ORDER_PLACE,
    "order.changed": Act.ORDER_PLACE,
    "order.paused": Act.ORDER_PLACE,
    "order.resumed": Act.ORDER_PLACE,
    "order.stopped": Act.ORDER_PLACE,
    "delegation.issued": Act.DELEGATION_ISSUE,
    "delegation.reviewed": Act.DELEGATION_ISSUE,
    "delegation.revoked": Act.DELEGATION_REVOKE,
    "deviation.lex_maria_decided": Act.LEX_MARIA_DECIDE,
    "deviation.lex_sarah_decided": Act.LEX_SARAH_DECIDE,
    **dict.fromkeys(
        (
            "deviation.assessed",
            "deviation.reclassified",
            "deviation.escalated",
            "deviation.ivo_text",
            "deviation.assigned",
            "deviation.begun",
            "deviation.analysed",
            "deviation.action_set",
            "deviation.action_done",
            "deviation.action_followed_up",
            "deviation.action_dropped",
            "deviation.linked",
            "deviation.unlinked",
            "deviation.followed_up",
            "deviation.closed",
            "deviation.reopened",
        ),
        Act.DEVIATION_HANDLE,
    ),
    **dict.fromkeys(
        (
            "complaint.acknowledged",
            "complaint.answered",
            "complaint.assigned",
            "complaint.begun",
            "complaint.analysed",
            "complaint.action_set",
            "complaint.action_done",
            "complaint.action_followed_up",
            "complaint.action_dropped",
            "complaint.linked",
            "complaint.unlinked",
            "complaint.followed_up",
            "complaint.closed",
            "complaint.reopened",
        ),
        Act.COMPLAINT_HANDLE,
    ),
}
"""Facts that say who may do what, or what is to be done. They count only from those who may state them: taken
from anybody, a phone could give itself rights. What merely tells of something that happened is never here."""


def scopes(act: Act, roles: frozenset[Role]) -> frozenset[Scope]:
    """The scopes in which somebody with these roles may do the act; empty when they may not."""
    return frozenset(right.scope for right in TABLE if right.act is act and not right.roles.isdisjoint(roles))


def may(act: Act, roles_here: frozenset[Role], roles_anywhere: frozenset[Role], own: bool = False) -> bool:
    """Whether the act is allowed on a thing of one unit.

    `roles_here` are the roles held in that unit today, `roles_anywhere` those held today in any unit of the
    vårdgivare whose unit it is, `own` whether the thing concerns the actor.
    """
    if "unit" in scopes(act, roles_here) or "provider" in scopes(act, roles_anywhere):
        return True
    return own and "self" in scopes(act, roles_anywhere)


def laws(act: Act) -> str:
    """The law under which an act is done, for audit rows and documentation."""
    return "; ".join(dict.fromkeys(right.law for right in TABLE if right.act is act))


if __name__ == "__main__":
    import sys

    from care.rights_printed import printed

    sys.stdout.write(printed())
