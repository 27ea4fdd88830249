"""Staff: who they are, which roles they hold where and when, and which keys speak for them."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from care.documents import Document, documents
from care.facts import ENDPOINT, Body, Fact, states
from care.rights import LICENSED, Role

CLOCK_SLACK = timedelta(minutes=5)
"""How far a corrected time may lie outside a certificate and still be taken to be within it."""


class RoleInUnit(Struct, frozen=True, omit_defaults=True):
    """A role held in one named unit, from a date to and including a date (none: until further notice)."""

    role: Role
    unit: str
    start: date
    end: date | None = None

    def holds(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)


class StaffKey(Struct, frozen=True):
    """A signing key on one device, certified by the endpoint at an online sign-in."""

    device: str
    public: bytes
    """Ed25519 public key, 32 bytes."""
    start: datetime
    end: datetime


@states("staff.set")
class StaffSet(Body, frozen=True, kw_only=True):
    """The whole of what is known of a member of staff, anew."""

    name: str
    title: str
    """Yrkestitel as a key of the texts, such as "assistant_nurse" (undersköterska)."""
    phone: str = ""
    language: str = "sv"
    roles: tuple[RoleInUnit, ...] = ()
    identity: str = ""
    """What the identity provider knows them by: HSA-id, or the organisation's employee id. Empty: none."""
    email: str = ""
    """Work address that the watch writes to (care/watch.py)."""
    source: str = ""
    """Where it was taken from: "file" (an import), "scim:<name>" (another system); empty: typed in."""


@states("staff.certified")
class StaffCertified(Body, frozen=True, kw_only=True):
    """The endpoint vouches that this key, on this device, is this person's. Only the endpoint says so."""

    key: StaffKey


@states("staff.key_ended")
class StaffKeyEnded(Body, frozen=True, kw_only=True):
    """The endpoint no longer vouches for this person's keys on a device: it is lost, or was closed."""

    device: str
    reason: str = ""
    """"lost", "closed" or "moved"."""


@documents("staff")
class StaffDocument(Document):
    name: str = ""
    title: str = ""
    phone: str = ""
    language: str = "sv"
    roles: list[RoleInUnit] = field(default_factory=list)
    identity: str = ""
    email: str = ""
    keys: list[StaffKey] = field(default_factory=list)

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case StaffSet():
                self.name, self.title, self.phone = body.name, body.title, body.phone
                self.language, self.roles, self.identity = body.language, list(body.roles), body.identity
                self.email = body.email
            case StaffCertified() if fact.author == ENDPOINT:
                self.keys.append(body.key)
            case StaffKeyEnded() if fact.device == ENDPOINT:
                self.keys = [_ended(key, fact.time, body.device) for key in self.keys]
            case _:
                self.unreadable += 1

    @property
    def as_set(self) -> StaffSet:
        """What would have to be stated for the person to be as they are."""
        return StaffSet(
            name=self.name,
            title=self.title,
            phone=self.phone,
            language=self.language,
            roles=tuple(self.roles),
            identity=self.identity,
            email=self.email,
        )

    def roles_in(self, unit: str, day: date) -> frozenset[Role]:
        """The roles held in a unit on a day."""
        return frozenset(held.role for held in self.roles if held.unit == unit and held.holds(day))

    def roles_among(self, units: Collection[str], day: date) -> frozenset[Role]:
        """The roles held in any of some units on a day, such as those of one vårdgivare."""
        return frozenset(held.role for held in self.roles if held.unit in units and held.holds(day))

    def units(self, day: date) -> list[str]:
        """The units in which any role is held on a day, in the order they were given."""
        return list(dict.fromkeys(held.unit for held in self.roles if held.holds(day)))

    def licensed_in(self, unit: str, day: date) -> bool:
        """Whether they work in the unit as legitimerad personal, who need no delegation."""
        return not LICENSED.isdisjoint(self.roles_in(unit, day))

    def certified_at(self, device: str, time: datetime) -> bool:
        """Whether the endpoint vouched for a key of theirs on a device at a time (corrected by the clock).

        A fact signed outside it is flagged, never refused: what happened has happened.
        """
        return any(
            key.start - CLOCK_SLACK <= time < key.end + CLOCK_SLACK
            for key in self.keys
            if key.device == device
        )

    def outside_certificate(self, device: str, time: datetime) -> bool:
        """Whether something was signed on a phone when none of their keys there was vouched for any more."""
        return device not in ("", ENDPOINT) and not self.certified_at(device, time)

    def signed_in_at(self, device: str, public: bytes) -> datetime | None:
        """When a key was first certified: at the sign-in. Its later certificates are renewals."""
        starts = [key.start for key in self.keys if key.device == device and key.public == public]
        return min(starts, default=None)

    def works_from(self, unit: str, roles: Collection[Role], day: date) -> bool:
        """Whether any of the roles is held in a unit on a day, or will be."""
        return any(
            held.unit == unit and held.role in roles and (held.end is None or day <= held.end)
            for held in self.roles
        )


def _ended(key: StaffKey, at: datetime, device: str) -> StaffKey:
    return replace(key, end=max(key.start, at)) if key.device == device and at < key.end else key
