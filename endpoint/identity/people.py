"""From what a provider knows somebody by to who they are in the register of staff."""

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select

from care.staff import StaffDocument
from endpoint import documents
from endpoint.identity.errors import NotValid, Unknown
from endpoint.identity.openid_settings import OpenId
from endpoint.identity.tokens import Claims, lacking
from endpoint.schema import documents as table


def identity_of(claims: Claims, settings: OpenId) -> str:
    """The value of the claim that was agreed. Raises NotValid; Unknown without a required one."""
    value = claims.get(settings.identity_claim)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str) or not value.strip():
        raise NotValid(f"the claim {settings.identity_claim} is missing, or more than one")
    if missing := lacking(claims, settings.required):
        raise Unknown(f"the claim {missing} is needed, and not there")
    return value.strip()


class _Named(Struct):
    """The part of a member of staff that a search reads: decoding all of everybody takes too long."""

    id: str
    identity: str = ""


def by_identity(connection: Connection, identity: str) -> StaffDocument:
    """The one with this identity, capitals or not (HSA-id is written both ways). Raises Unknown."""
    wanted = identity.casefold()
    query = select(table.c.document).where(table.c.kind == StaffDocument.kind, table.c.document.is_not(None))
    everybody = (_reader.decode(data) for data in connection.scalars(query))
    found = [one.id for one in everybody if one.identity.strip().casefold() == wanted]
    if len(found) > 1:
        raise Unknown("two have this identity", identity)
    staff = documents.one(connection, StaffDocument, found[0]) if found else None
    if staff is None:
        raise Unknown("no member of staff has this identity", identity)
    return staff


_reader = msgspec.json.Decoder(_Named)
