"""Delegations for one occasion at the endpoint: what has used each up, from the documents as they are now."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from care import occasion
from care.delegation import DelegationDocument
from care.dose import DoseDocument
from care.order import OrderDocument
from care.prn import PrnDocument
from care.signing import Used
from care.staff import StaffDocument
from endpoint import documents
from endpoint.schema import documents as table


def used(
    connection: Connection, delegations: Iterable[DelegationDocument], around: datetime | None = None
) -> Used:
    """What has used up those of some delegations that are for one occasion; `around`: those near a moment.

    `delegations`: with the lasting ones of the same holders, since what these cover uses none.
    """
    known = list(delegations)
    once = occasion.for_one(known, around)
    if not once:
        return {}
    units = sorted({unit for one in once for unit in one.units})
    orders = [order for unit in units for order in documents.in_unit(connection, OrderDocument, unit)]
    found = occasion.rested(once, orders)
    doses = documents.some(connection, DoseDocument, found.doses)
    holders = {one.holder for one in once}
    staff = {one.id: one for one in documents.some(connection, StaffDocument, holders)}
    lasting = [one for one in known if not one.once and one.holder in holders]
    return occasion.used(
        [*once, *lasting], occasion.done(found, doses, _given(connection, found.needed.values())), staff
    )


def used_by(connection: Connection, one: DelegationDocument) -> Used:
    """The same for one delegation, however long ago it was."""
    if not one.once:
        return {}
    theirs = [
        other for other in documents.all_of(connection, DelegationDocument) if other.holder == one.holder
    ]
    return used(connection, theirs, one.start)


def _given(connection: Connection, orders: Iterable[OrderDocument]) -> list[PrnDocument]:
    """What was given as needed to those whom the orders are for."""
    persons = {order.person for order in orders if order.person}
    if not persons:
        return []
    query = select(table.c.id).where(table.c.kind == PrnDocument.kind, table.c.person.in_(persons))
    return documents.some(connection, PrnDocument, connection.scalars(query))
