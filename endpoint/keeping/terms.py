"""For how long what is kept, and by which law: one table. A setting may lengthen a term, never shorten it."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from endpoint.errors import SettingError

SETTING = "RAPP_KEEP"
"""Such as ``record=12 deviation=15``: years."""


class Term(Struct, frozen=True):
    """The least time. ``counted``: from when. ``what``: which kinds of aggregates, or which rows."""

    name: str
    years: int
    counted: str
    what: str
    law: str


TERMS: tuple[Term, ...] = (
    Term(
        "record",
        10,
        "the last entry about the person",
        "everything about a care recipient but deviations and complaints: person, orders, doses, SBAR cases",
        "PDL 2008:355 3:17",
    ),
    Term(
        "deviation",
        10,
        "the last entry in the case",
        "deviation cases, complaints, and what their reporters were told",
        "Arkivlagen 1990:782 10 §: the municipality's own decision (p); no act gives a shorter one",
    ),
    Term(
        "delegation",
        3,
        "the day when it ended, was revoked or declined",
        "delegations",
        "SOSFS 1997:14",
    ),
    Term(
        "staff",
        10,
        "the last day of the last role, and only once nothing that they have stated is held",
        "staff who left: name, roles, keys",
        "PDL 2008:355 3:6 (who made an entry), 3:17",
    ),
    Term(
        "log",
        5,
        "the day of the row",
        "the log of who has read and written, active choices, what was decided of phones and systems",
        "HSLF-FS 2016:40 4:9",
    ),
    Term(
        "set_aside",
        10,
        "its arrival",
        "sealed facts that could not be taken in: each is somebody's record",
        "PDL 2008:355 3:17",
    ),
)
"""What is not here is kept until it is decided on: units, forms, routines, and that something was erased."""

SHORT_DAYS = 1
"""Days after they have ended that sessions, sign-ins, nonces and enrolment codes stay: they prove nothing."""
SENT_DAYS = 30
"""Days (p) that a message of the watch stays, with the number or address that it was for."""
DRAFT_DAYS = 365
"""Days (p) after it was last saved that what somebody has begun on the console, and not signed, stays."""

PIECES_DAYS = 30
"""Days (p) that the pieces of a photo that never came whole stay: the phone still has all of them."""

_SHORT, _STAYS = "short", "stays"
TABLES: dict[str, str] = {
    "facts": "record deviation delegation staff log",
    "documents": "record deviation delegation staff",
    "photos": "deviation",
    "photo_pieces": _SHORT,
    "quarantine": "set_aside",
    "audit": "log",
    "audit_chains": "log",
    "audit_heads": f"{_STAYS}: that there was a log of so many rows; of nobody",
    "beyond": "log",
    "device_events": "log",
    "log_controls": f"{_STAYS}: the protocol, without names; what the draw knew of staff goes by log",
    "log_control_rows": "log",
    "log_control_steps": "log",
    "erasures": f"{_STAYS}: that something was erased, by whom, by which decision",
    "past_deviations": "deviation",
    "past_units": f"{_STAYS}: names of units",
    "past_keys": f"{_STAYS}: a row for each vårdgivare, under the master key",
    "care_days": f"{_STAYS}: numbers; who set them goes by nothing that is of care",
    "slot_keys": "staff",
    "scim_deleted": "staff",
    "scim_tokens": "log",
    "fhir_keys": "log",
    "sessions": _SHORT,
    "console_sessions": _SHORT,
    "nonces": _SHORT,
    "sign_ins": _SHORT,
    "authorizations": _SHORT,
    "logout_tokens": _SHORT,
    "enrol_codes": _SHORT,
    "staff_lists": _SHORT,
    "import_lists": _SHORT,
    "outgoing": _SHORT,
    "console_drafts": _SHORT,
    "devices": f"{_STAYS}: whose key signed the facts that are held; of a phone, not of a person",
    "device_keys": f"{_STAYS}: as devices",
    "noted_keys": f"{_STAYS}: public halves of the endpoint's own keys",
    "chain": f"{_STAYS}: one row",
    "chains": f"{_STAYS}: numbers and hashes, one row for each phone",
    "streams": f"{_STAYS}: numbers",
    "placed": f"{_STAYS}: numbers, and ids of facts",
    "jobs_done": f"{_STAYS}: one row for each job",
}
"""Every table, and the terms by which its rows or their content go; or why they stay."""


class Keep(Struct, frozen=True):
    """The terms as they are set here, in years."""

    years: Mapping[str, int]

    def limit(self, term: str, now: datetime) -> datetime:
        """What was last of a moment before this may go."""
        return years_before(now, self.years[term])


def keep(setting: str = "") -> Keep:
    """The terms with a setting's. Raises SettingError for an unknown term, and for one that is too short."""
    years = {term.name: term.years for term in TERMS}
    for part in setting.replace(",", " ").split():
        name, _, given = part.partition("=")
        if name not in years:
            raise SettingError(SETTING, f"{name}: not one of {', '.join(years)}")
        if not given.isdecimal() or int(given) > 1000:
            raise SettingError(SETTING, f"{part}: a number of years")
        if int(given) < years[name]:
            raise SettingError(SETTING, f"{part}: at least {years[name]} years, whatever is set")
        years[name] = int(given)
    return Keep(years)


def years_before(now: datetime, years: int) -> datetime:
    """The same moment so many years ago; the day before, where that year has no 29 February."""
    leap = now.month == 2 and now.day == 29
    return now.replace(year=now.year - years, day=28 if leap else now.day)
