"""Where in the app somebody is: one small value for each screen, kept in a stack by the shift."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Base of every place."""


@dataclass(frozen=True, slots=True)
class Lock(Place):
    """Vem är du? The bottom of the stack while nobody is signed in."""


@dataclass(frozen=True, slots=True)
class SignIn(Place):
    """Somebody who has no code on this phone yet, or whose code was closed."""


@dataclass(frozen=True, slots=True)
class Enrol(Place):
    """A phone that no endpoint knows yet."""


@dataclass(frozen=True, slots=True)
class PhoneClosed(Place):
    """In place of the lock screen, on a phone that is being closed or has been."""


@dataclass(frozen=True, slots=True)
class BlankScript(Place):
    """SBAR without signing in: what to check and what to say."""


@dataclass(frozen=True, slots=True)
class Today(Place):
    """Idag. The bottom of the stack while somebody is signed in."""


@dataclass(frozen=True, slots=True)
class Menu(Place):
    """Behind the name: switch user, my reports, language, lock."""


@dataclass(frozen=True, slots=True)
class ChangeCode(Place):
    """Byt kod: the old one, then a new one twice."""


@dataclass(frozen=True, slots=True)
class AllowFinger(Place):
    """Öppna med finger eller ansikte: what it means, and the code."""


@dataclass(frozen=True, slots=True)
class Waiting(Place):
    """Behind the chip: what waits, since when, try now."""


@dataclass(frozen=True, slots=True)
class Sign(Place):
    dose: str


@dataclass(frozen=True, slots=True)
class Withhold(Place):
    """Varför inte given?"""

    dose: str


@dataclass(frozen=True, slots=True)
class OtherOutcome(Place):
    """Annat: delvis given, medskickad."""

    dose: str


@dataclass(frozen=True, slots=True)
class AlreadyGiven(Place):
    """När gav du den? Before something is recorded that was done without a delegation."""

    dose: str


@dataclass(frozen=True, slots=True)
class Details(Place):
    """The value or the words that a task asks for, or how much of it was given."""

    dose: str
    outcome: str = "given"


@dataclass(frozen=True, slots=True)
class Correct(Place):
    """Varför rättar du? After the minute of undo. `kind` is "dose" or "prn"."""

    kind: str
    id: str
    fact: str


@dataclass(frozen=True, slots=True)
class Witness(Place):
    """Vem är med? A second person signs on the same phone, with their own code."""


@dataclass(frozen=True, slots=True)
class AsNeededList(Place):
    """Vid behov: what may be given when it is needed, and when it was last given."""


@dataclass(frozen=True, slots=True)
class GiveAsNeeded(Place):
    order: str


@dataclass(frozen=True, slots=True)
class AlreadyAsNeeded(Place):
    """När gav du den? Of what is given as needed."""

    order: str


@dataclass(frozen=True, slots=True)
class AskEffect(Place):
    """Hjälpte det? Some time after something was given as needed."""

    prn: str


@dataclass(frozen=True, slots=True)
class EndShift(Place):
    """Avsluta passet: what is unsigned and for whom, before the phone is put down."""


@dataclass(frozen=True, slots=True)
class Handovers(Place):
    """Överlämnat: what those before have left."""


@dataclass(frozen=True, slots=True)
class Ledgers(Place):
    """Narkotika: the balance of each person's preparation, and which are to be counted."""


@dataclass(frozen=True, slots=True)
class LedgerOf(Place):
    person: str
    preparation: str


@dataclass(frozen=True, slots=True)
class EnterStock(Place):
    """A number for a ledger. `what` is "count", "receive", "waste" or "adjust"."""

    person: str
    preparation: str
    what: str


@dataclass(frozen=True, slots=True)
class ChoosePerson(Place):
    """Vem gäller det? `then` is "sbar", or the url of the report's form."""

    then: str


@dataclass(frozen=True, slots=True)
class ChooseReport(Place):
    """Vad har hänt? The kinds of deviation."""


@dataclass(frozen=True, slots=True)
class Fill(Place):
    """A form being filled in. `draft` names its answers in the store; `page` is which of its pages is
    shown."""

    draft: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class Review(Place):
    """What has been answered in a form, before it is saved."""

    draft: str


@dataclass(frozen=True, slots=True)
class CountBreaths(Place):
    draft: str
    link_id: str


@dataclass(frozen=True, slots=True)
class Script(Place):
    """The SBAR of a draft, to read aloud while calling."""

    draft: str


@dataclass(frozen=True, slots=True)
class Case(Place):
    """One SBAR case as its author sees it: what the nurse answered."""

    sbar: str


@dataclass(frozen=True, slots=True)
class ReadBack(Place):
    sbar: str


@dataclass(frozen=True, slots=True)
class MyReports(Place):
    pass


@dataclass(frozen=True, slots=True)
class Report(Place):
    deviation: str


@dataclass(frozen=True, slots=True)
class Inbox(Place):
    """The nurse's inbox, most urgent first."""


@dataclass(frozen=True, slots=True)
class InboxCase(Place):
    """One SBAR as the nurse sees and answers it."""

    sbar: str


@dataclass(frozen=True, slots=True)
class Sbars(Place):
    """All SBARs of a person, for the nurse."""

    person: str


@dataclass(frozen=True, slots=True)
class InboxDeviation(Place):
    deviation: str


@dataclass(frozen=True, slots=True)
class FollowUp(Place):
    """What is to be looked at after a fall."""

    task: str


@dataclass(frozen=True, slots=True)
class Routines(Place):
    """Rutiner: what has been decided about how work is done here."""


@dataclass(frozen=True, slots=True)
class Routine(Place):
    routine: str


@dataclass(frozen=True, slots=True)
class MyDelegations(Place):
    """Mina delegeringar: what I may do, until when, and what waits for my answer."""


@dataclass(frozen=True, slots=True)
class Delegation(Place):
    """One delegation: its holder answers, who is legitimerad may revoke it."""

    delegation: str


@dataclass(frozen=True, slots=True)
class DeclineDelegation(Place):
    """Varför inte?"""

    delegation: str


@dataclass(frozen=True, slots=True)
class DelegationRegister(Place):
    """The unit's delegations, for who is legitimerad."""


@dataclass(frozen=True, slots=True)
class IssueDelegation(Place):
    pass


@dataclass(frozen=True, slots=True)
class RevokeDelegation(Place):
    delegation: str
