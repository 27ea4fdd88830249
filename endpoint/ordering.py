"""Placing and changing orders: what the console's editor, imports and FHIR all go through."""

import os
import time
from datetime import datetime

from care.facts import Ref
from care.ids import uuid7
from care.order import OrderChanged, OrderDocument, OrderPlaced, Plan
from care.order_check import OrderFault, faults
from endpoint.statements import Statement


def place(
    plan: Plan, person: str, unit: str, effective: datetime, id: str | None = None
) -> Statement | list[OrderFault]:
    """A new order as a statement, or what keeps it from being one. ``id``: its own, such as one of an import
    that may be run again; None: a new one."""
    wrong = faults(plan)
    ref = Ref("order", id or uuid7(time.time_ns() // 1_000_000, os.urandom(10)))
    return wrong or Statement(OrderPlaced(plan=plan, effective=effective), ref, unit, person)


def change(
    order: OrderDocument, plan: Plan, effective: datetime, what_changed: str = ""
) -> Statement | list[OrderFault]:
    """A new version as a statement, or what keeps it from being one.

    The slots of the plan keep the ids of those that they re-time (care/order_times.py).
    """
    body = OrderChanged(plan=plan, effective=effective, what_changed=what_changed)
    return faults(plan) or Statement(body, Ref("order", order.id), order.unit, order.person)
