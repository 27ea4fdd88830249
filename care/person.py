"""Care recipients: what must be known beside the bed."""

from datetime import date
from typing import Literal

from msgspec import Struct, field

from care.documents import Document, documents
from care.facts import Body, Fact, states

FlagKind = Literal["allergy", "condition", "blood_thinner", "swallowing", "fall_risk", "infection", "note"]


class Flag(Struct, frozen=True, omit_defaults=True):
    """Something that changes how care is given. ``text`` is shown as it was written, in Swedish."""

    kind: FlagKind
    text: str


@states("person.set")
class PersonSet(Body, frozen=True, kw_only=True):
    """The whole of what is known of a person, anew. The master is most often another system."""

    name: str
    personnummer: str
    born: date
    room: str = ""
    floor: str = ""
    street: str = ""
    phone: str = ""
    flags: tuple[Flag, ...] = ()


@states("person.scale2_set")
class Scale2Set(Body, frozen=True, kw_only=True):
    """NEWS2 SpO2 scale 2, on a doctor's order (RCP 2017). Set by legitimerad personal, never by measurer."""

    on: bool
    ordered_by: str = ""


@states("person.nurse_set")
class NurseSet(Body, frozen=True, kw_only=True):
    """Who is the person's responsible nurse (patientansvarig sjuksköterska): a staff id; "": nobody."""

    nurse: str = ""


@states("person.protected_set")
class ProtectedSet(Body, frozen=True, kw_only=True):
    """Whether the person's data are protected (skyddade personuppgifter: OSL 2009:400 22:1, 26:1).

    A fact of its own: an import that knows nothing of it does not take it away.
    """

    on: bool


@states("person.plan_set")
class PlanSet(Body, frozen=True, kw_only=True):
    """An individual plan, such as a palliative one: what is to be done instead of the usual advice.

    Set by legitimerad personal, never by whoever measures. ``text`` is shown as it was written; "": none.
    """

    text: str
    decided_by: str = ""


@documents("person")
class PersonDocument(Document):
    name: str = ""
    personnummer: str = ""
    born: date | None = None
    room: str = ""
    floor: str = ""
    street: str = ""
    phone: str = ""
    flags: list[Flag] = field(default_factory=list)
    scale2: bool = False
    plan: str = ""
    """The individual plan that stands instead of the advice; "": none."""
    plan_by: str = ""
    nurse: str = ""
    protected: bool = False

    @property
    def room_number(self) -> int:
        """For the order of rooms; those that are no number, such as 5² or "Norra", come last."""
        return int(self.room) if self.room.isdecimal() and len(self.room) < 7 else 10**6

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case PersonSet():
                self.name, self.personnummer, self.born = body.name, body.personnummer, body.born
                self.room, self.floor = body.room, body.floor
                self.street, self.phone = body.street, body.phone
                self.flags = list(body.flags)
            case Scale2Set():
                self.scale2 = body.on
            case PlanSet():
                self.plan, self.plan_by = body.text, body.decided_by
            case NurseSet():
                self.nurse = body.nurse
            case ProtectedSet():
                self.protected = body.on
            case _:
                self.unreadable += 1

    @property
    def first_name(self) -> str:
        return self.name.split(" ", 1)[0]

    @property
    def initials(self) -> str:
        return " ".join(f"{part[0]}." for part in self.name.split())

    @property
    def listed(self) -> str:
        """The name as it stands in lists, where others may look over a shoulder: initials when protected.

        Where something is done for the person the whole name is shown: nobody may be mistaken for another.
        """
        return self.initials if self.protected else self.name

    @property
    def listed_first_name(self) -> str:
        return self.initials if self.protected else self.first_name

    @property
    def listed_street(self) -> str:
        """The address as it stands in lists; none when protected."""
        return "" if self.protected else self.street

    def texts_of(self, kind: FlagKind) -> list[str]:
        """The texts of the flags of one kind."""
        return [flag.text for flag in self.flags if flag.kind == kind]

    @property
    def flags_in_order(self) -> list[Flag]:
        """Allergies first: the only ones that may harm today."""
        return sorted(self.flags, key=lambda flag: flag.kind != "allergy")
