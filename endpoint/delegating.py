"""Issuing delegations: what the console and imports both go through."""

import os
import time
from datetime import date

from care.delegation import DelegationIssued
from care.delegation_check import DelegationFault, faults
from care.facts import Ref
from care.ids import uuid7
from care.staff import StaffDocument
from endpoint.statements import Statement


def issue(
    issued: DelegationIssued,
    issuer: StaffDocument,
    holder: StaffDocument | None,
    day: date,
    id: str | None = None,
) -> Statement | list[DelegationFault]:
    """A delegation as a statement of its issuer's, or what keeps it from being issued.

    ``id``: its own, such as one of an import that may be run again; None: a new one. Its home is the first of
    its units.
    """
    wrong = faults(issued, issuer, holder, day)
    ref = Ref("delegation", id or uuid7(time.time_ns() // 1_000_000, os.urandom(10)))
    return wrong or Statement(issued, ref, issued.units[0])
