"""Streams: who reads what. Each stream names the law under which its readers read.

An aggregate is published to streams; that is the one mechanism behind new facts, moves between units,
added readers and first sync. What the streams of an aggregate are follows from its document alone.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType

from msgspec import Struct

from care.cabinet import CabinetDocument, DispenserDocument
from care.check import CheckDocument, CheckResultDocument
from care.complaint import ComplaintDocument
from care.council import CouncilDocument
from care.delegation import DelegationDocument
from care.deviation import DeviationDocument, Instead, ReportDocument, Side
from care.documents import Document
from care.notice import NoticeDocument
from care.published import FormDocument
from care.rights import Act, laws, may
from care.risk_analysis import RiskAnalysisDocument
from care.risk_limits import RiskLimitsDocument
from care.routine import RoutineDocument
from care.sbar import SbarDocument
from care.staff import StaffDocument
from care.unit import UnitDocument
from care.viewing import ViewDocument


class Stream(Struct, frozen=True, order=True):
    """A stream's name: its class, and the unit or person it is of. Written ``unit:<id>``."""

    of: str
    id: str = ""

    def __str__(self) -> str:
        return f"{self.of}:{self.id}" if self.id else self.of

    @staticmethod
    def parse(name: str) -> "Stream":
        of, _, of_id = name.partition(":")
        return Stream(of, of_id)

    @property
    def personal(self) -> bool:
        """Whether it is kept under a person's own key on a shared phone: all but ``unit:U``."""
        return self.of != "unit"


READ_ACT = {
    "unit": Act.UNIT_READ,
    "nurse": Act.NURSE_INBOX_READ,
    "chief": Act.CHIEF_INBOX_READ,
    "mas": Act.MAS_READ,
    "sas": Act.SAS_READ,
    "safety": Act.SAFETY_READ,
    "staff": Act.OWN_READ,
}


QUALITY = ("mas", "sas", "safety")
"""Classes of stream of those who answer for how care is given and are no part of it. What is known of a unit
beside its care (its name, who works there, its forms) stands in them too: a case names all of that."""

ON_OFFICE_PHONES = frozenset({*QUALITY, "staff"})
"""Classes of stream that a phone of an office (kansli) takes, whoever has it: cases, and one's own."""

CASE_READERS = ("chief", "nurse", "mas", "sas", "safety")
"""Classes of stream in which a case may stand, in the order in which they are named."""


def readers_of(case: DeviationDocument | ComplaintDocument) -> tuple[str, ...]:
    """The classes of stream in which a case is read, in that order."""
    found = {stream.of for stream in streams_of(case)}
    return tuple(of for of in CASE_READERS if of in found)


def law_of(stream: Stream) -> str:
    """The law under which a stream is read."""
    return laws(READ_ACT[stream.of])


def unit_stream(unit: str) -> Stream:
    return Stream("unit", unit)


def streams_of(document: Document) -> frozenset[Stream]:
    """Every stream that an aggregate belongs in, from its document alone."""
    rule = _rules.get(type(document))
    return rule(document) if rule else frozenset({unit_stream(document.unit)})


def granted(
    staff: StaffDocument, day: date, providers: Mapping[str, str] = MappingProxyType({})
) -> list[Stream]:
    """The streams that a member of staff may read on a day, in a stable order.

    ``providers``: the vårdgivare of each unit, by id. Without them, a role that reads the whole of a
    vårdgivare reads the units where it is held.
    """
    held = staff.units(day)
    anywhere = staff.roles_among(held, day)
    found = {Stream("staff", staff.id)} if may(Act.OWN_READ, frozenset(), anywhere, own=True) else set()
    for unit in {*held, *providers}:
        here = staff.roles_in(unit, day)
        same = staff.roles_among(_same_provider(unit, held, providers), day)
        found |= {Stream(of, unit) for of, act in READ_ACT.items() if of != "staff" and may(act, here, same)}
    return sorted(found)


def _same_provider(unit: str, held: list[str], providers: Mapping[str, str]) -> list[str]:
    """Of the units where roles are held, those of the same vårdgivare as a unit."""
    provider = providers.get(unit)
    return [one for one in held if one == unit or (provider is not None and providers.get(one) == provider)]


def _sbar(document: Document) -> frozenset[Stream]:
    """The nurses of the unit, and whoever asked them."""
    assert isinstance(document, SbarDocument)
    asked = {Stream("staff", author) for author in document.askers}
    return frozenset({Stream("nurse", document.unit), *asked})


def _deviation(document: Document) -> frozenset[Stream]:
    """Nobody's before the report itself is here: only it says who reads it."""
    assert isinstance(document, DeviationDocument)
    if document.answers is None:
        return frozenset()
    concerns = bool(document.person or document.endangers)
    to = deviation_streams(document.unit, document.sides, concerns, document.instead)
    return to | {Stream(READER_OF[side], document.unit) for side in document.track_sides}


def deviation_streams(
    unit: str, sides: Iterable[Side], concerns: bool, instead: Instead = ""
) -> frozenset[Stream]:
    """The unit's chief; its nurses too when a care recipient is concerned or in danger; colleagues never.

    MAS reads what is health care (HSL), SAS what is social care (SoL), the skyddsombud what has befallen
    staff (AML); what is that alone is nothing for the nurses. `instead`: it concerns the chief or the nurse,
    and MAS or SAS alone reads it.
    """
    if instead:
        return frozenset({Stream(instead, unit)})
    of_law = set(sides)
    nurses = ("nurse",) if concerns and of_law != {"aml"} else ()
    return frozenset(Stream(of, unit) for of in ("chief", *nurses, *(READER_OF[side] for side in of_law)))


READER_OF: dict[Side, str] = {"hsl": "mas", "sol": "sas", "aml": "safety"}


def _complaint(document: Document) -> frozenset[Stream]:
    """The unit's chief and who answers for that side of the law. A nurse may be whom it is about."""
    assert isinstance(document, ComplaintDocument)
    if document.answers is None:
        return frozenset()
    return deviation_streams(document.unit, document.sides, False, document.instead)


def _check(document: Document) -> frozenset[Stream]:
    """Every unit that it is planned for: its chief, those who answer for the side of the law, its nurses."""
    assert isinstance(document, CheckDocument)
    return frozenset(one for unit in document.units for one in _quality(unit, document.sides))


def _check_result(document: Document) -> frozenset[Stream]:
    assert isinstance(document, CheckResultDocument)
    return _quality(document.unit, document.sides)


def _quality(unit: str, sides: Iterable[Side]) -> frozenset[Stream]:
    """Who reads the self-checks of a unit. Health care (HSL) is its nurses' too."""
    to = {Stream("chief", unit)} | {Stream(READER_OF[side], unit) for side in sides}
    return frozenset(to | ({Stream("nurse", unit)} if "hsl" in sides else set()))


def _risk_limits(document: Document) -> frozenset[Stream]:
    """Of those who set them; every assessment names the limits of its time."""
    return frozenset({Stream("mas", document.unit), Stream("sas", document.unit)})


def _risk_analysis(document: Document) -> frozenset[Stream]:
    """Those who answer for the units that it is for."""
    assert isinstance(document, RiskAnalysisDocument)
    return frozenset(one for unit in document.units for one in _quality(unit, document.sides))


def _council(document: Document) -> frozenset[Stream]:
    """Those who follow the units' cases, of both sides of the law."""
    assert isinstance(document, CouncilDocument)
    return frozenset(one for unit in document.units for one in _quality(unit, ("hsl", "sol")))


def _routine(document: Document) -> frozenset[Stream]:
    """Every unit that it is or was for: the phones there have it offline, and learn that it has changed."""
    assert isinstance(document, RoutineDocument)
    return frozenset({unit_stream(unit) for unit in document.units or {document.unit}})


def _form(document: Document) -> frozenset[Stream]:
    """Every unit that uses it or has used it: what was answered there is read by it."""
    assert isinstance(document, FormDocument)
    return known_of(document.units or {document.unit})


def _unit(document: Document) -> frozenset[Stream]:
    return known_of({document.unit})


def known_of(units: Iterable[str]) -> frozenset[Stream]:
    """What is no care of anybody's: for whoever works in the units, and whoever answers for their quality."""
    return frozenset(Stream(of, unit) for unit in units for of in ("unit", *QUALITY))


def _delegation(document: Document) -> frozenset[Stream]:
    """Every unit that it is for: the phones there must know who may. And its holder, wherever they are."""
    assert isinstance(document, DelegationDocument)
    holder = {Stream("staff", document.holder)} if document.holder else set()
    return frozenset({unit_stream(unit) for unit in [document.unit, *document.units]} | holder)


def _machine(document: Document) -> frozenset[Stream]:
    """The nurses of the unit and its chief: who opened a cabinet is no colleague's to follow."""
    return frozenset({Stream("nurse", document.unit), Stream("chief", document.unit)})


def _report(document: Document) -> frozenset[Stream]:
    """Whoever reported, and who handles the case: by what its steps say, so that none is let in by a name."""
    assert isinstance(document, ReportDocument)
    handles = {Stream(of, document.unit) for of in document.readers if of in CASE_READERS}
    return frozenset({Stream("staff", document.reporter), *handles}) if document.reporter else frozenset()


def _staff(document: Document) -> frozenset[Stream]:
    """Every unit where a role was ever held: signatures of those who left must stay readable."""
    assert isinstance(document, StaffDocument)
    return known_of({held.unit for held in document.roles} or {document.unit})


def _notice(document: Document) -> frozenset[Stream]:
    """Those who were told."""
    assert isinstance(document, NoticeDocument)
    return frozenset(Stream(telling.to, document.unit) for telling in document.tellings)


def _view(document: Document) -> frozenset[Stream]:
    """Nobody's: it is for the log alone."""
    return frozenset()


_rules: dict[type[Document], Callable[[Document], frozenset[Stream]]] = {
    SbarDocument: _sbar,
    DeviationDocument: _deviation,
    ComplaintDocument: _complaint,
    DelegationDocument: _delegation,
    ReportDocument: _report,
    StaffDocument: _staff,
    UnitDocument: _unit,
    ViewDocument: _view,
    CheckDocument: _check,
    CheckResultDocument: _check_result,
    RoutineDocument: _routine,
    RiskAnalysisDocument: _risk_analysis,
    RiskLimitsDocument: _risk_limits,
    CouncilDocument: _council,
    CabinetDocument: _machine,
    DispenserDocument: _machine,
    NoticeDocument: _notice,
    FormDocument: _form,
}
