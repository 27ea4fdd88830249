"""Whether a delegation may be issued: what the issuer is told before it is stated."""

from collections.abc import Iterator
from datetime import date, timedelta

from msgspec import Struct

from care.delegation import LONGEST_DAYS, ONCE, DelegationIssued
from care.rights import CARE, Act, may
from care.staff import StaffDocument
from care.tasks import beyond, own_task

TEXT_MOST = 500


class DelegationFault(Struct, frozen=True):
    """What is wrong with one field. ``why`` is a key of the texts: ``delegation.fault.<why>``."""

    field: str
    why: str


def faults(
    issued: DelegationIssued, issuer: StaffDocument, holder: StaffDocument | None, day: date
) -> list[DelegationFault]:
    """Everything that keeps it from being issued on a day; empty when it can be.

    Competence is the issuer's to vouch for (SOSFS 1997:14): both knowledge and practice are asked for.
    """
    return [*_who(issued, issuer, holder, day), *_what(issued, issuer, day), *_when(issued), *_known(issued)]


def _who(
    issued: DelegationIssued, issuer: StaffDocument, holder: StaffDocument | None, day: date
) -> Iterator[DelegationFault]:
    if holder is None:
        yield DelegationFault("holder", "holder")
        return
    if holder.id == issuer.id:
        yield DelegationFault("holder", "oneself")
    if any(not CARE & holder.roles_in(unit, day) for unit in issued.units):
        yield DelegationFault("holder", "not_there")
    elif (
        issued.units
        and issued.tasks
        and all(own_task(holder.roles_in(unit, day), task) for unit in issued.units for task in issued.tasks)
    ):
        yield DelegationFault("holder", "needs_none")


def _what(issued: DelegationIssued, issuer: StaffDocument, day: date) -> Iterator[DelegationFault]:
    if not issued.tasks:
        yield DelegationFault("tasks", "tasks")
    if not issued.units:
        yield DelegationFault("units", "units")
    for unit in issued.units:
        roles = issuer.roles_in(unit, day)
        if not may(Act.DELEGATION_ISSUE, roles, frozenset()):
            yield DelegationFault("units", "not_yours")
        elif beyond(issued.tasks, roles):
            yield DelegationFault("tasks", "beyond")


def _when(issued: DelegationIssued) -> Iterator[DelegationFault]:
    if issued.end <= issued.start:
        yield DelegationFault("end", "before_start")
    elif issued.once and issued.end - issued.start > ONCE:
        yield DelegationFault("end", "once")
    elif issued.end - issued.start > timedelta(days=LONGEST_DAYS):
        yield DelegationFault("end", "year")


def _known(issued: DelegationIssued) -> Iterator[DelegationFault]:
    if not issued.knowledge_tested:
        yield DelegationFault("knowledge", "knowledge")
    if not issued.practice_seen:
        yield DelegationFault("practice", "practice")
    texts = {"note": issued.note, "knowledge": issued.knowledge_result}
    yield from (DelegationFault(name, "long") for name, text in texts.items() if len(text) > TEXT_MOST)
