"""From what a provider knows somebody by to who they are in the register of staff."""

from sqlalchemy import Connection

from care.staff import StaffDocument
from endpoint import documents
from endpoint.identity.errors import NotValid, Unknown
from endpoint.identity.openid_settings import OpenId
from endpoint.identity.tokens import Claims, lacking


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


def by_identity(connection: Connection, identity: str) -> StaffDocument:
    """The one with this identity, capitals or not (HSA-id is written both ways). Raises Unknown."""
    wanted = identity.casefold()
    found = [
        one
        for one in documents.all_of(connection, StaffDocument)
        if one.identity.strip().casefold() == wanted
    ]
    if len(found) != 1:
        raise Unknown("two have this identity" if found else "no member of staff has this identity", identity)
    return found[0]
