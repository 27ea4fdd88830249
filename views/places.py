"""Where in the app somebody is: one small value for each screen, kept in a stack by the shift."""

from msgspec import Struct


class Place(Struct, frozen=True):
    """Base of every place."""


class Lock(Place, frozen=True):
    """Vem är du? The bottom of the stack while nobody is signed in."""


class SignIn(Place, frozen=True):
    """Somebody who has no code on this phone yet, or whose code was closed."""


class Enrol(Place, frozen=True):
    """A phone that no endpoint knows yet."""


class PhoneClosed(Place, frozen=True):
    """In place of the lock screen, on a phone that is being closed or has been."""


class BlankScript(Place, frozen=True):
    """SBAR without signing in: what to check and what to say."""


class Today(Place, frozen=True):
    """Idag. The bottom of the stack while somebody is signed in."""


class Menu(Place, frozen=True):
    """Behind the name: switch user, my reports, language, lock."""


class ChangeCode(Place, frozen=True):
    """Byt kod: the old one, then a new one twice."""


class AllowFinger(Place, frozen=True):
    """Öppna med finger eller ansikte: what it means, and the code."""


class Waiting(Place, frozen=True):
    """Behind the chip: what waits, since when, try now."""


class Sign(Place, frozen=True):
    dose: str


class Withhold(Place, frozen=True):
    """Varför inte given?"""

    dose: str


class OtherOutcome(Place, frozen=True):
    """Annat: delvis given, medskickad."""

    dose: str


class PartOfNarcotic(Place, frozen=True):
    """Hur mycket gavs? Of a narcotic, as the ledger counts it, and what became of the rest."""

    dose: str


class AlreadyGiven(Place, frozen=True):
    """När gav du den? Before something is recorded that was done without a delegation."""

    dose: str


class Details(Place, frozen=True):
    """The value or the words that a task asks for, or how much of it was given."""

    dose: str
    outcome: str = "given"


class Correct(Place, frozen=True):
    """Varför rättar du? After the minute of undo. `kind` is "dose" or "prn"."""

    kind: str
    id: str
    fact: str


class Witness(Place, frozen=True):
    """Vem är med? A second person signs on the same phone, with their own code."""


class AsNeededList(Place, frozen=True):
    """Vid behov: what may be given when it is needed, and when it was last given."""


class GiveAsNeeded(Place, frozen=True):
    order: str


class AlreadyAsNeeded(Place, frozen=True):
    """När gav du den? Of what is given as needed."""

    order: str


class AskEffect(Place, frozen=True):
    """Hjälpte det? Some time after something was given as needed."""

    prn: str


class EndShift(Place, frozen=True):
    """Avsluta passet: what is unsigned and for whom, before the phone is put down."""


class Handovers(Place, frozen=True):
    """Överlämnat: what those before have left."""


class Ledgers(Place, frozen=True):
    """Narkotika: the balance of each person's preparation, and which are to be counted."""


class LedgerOf(Place, frozen=True):
    person: str
    preparation: str


class EnterStock(Place, frozen=True):
    """A number for a ledger. `what` is "count", "receive", "waste" or "adjust"."""

    person: str
    preparation: str
    what: str


class ChoosePerson(Place, frozen=True):
    """Vem gäller det? `then` is "sbar", "orders", or the url of the report's form."""

    then: str


class ChooseReport(Place, frozen=True):
    """Vad har hänt? The kinds of deviation."""


class ChooseUnit(Place, frozen=True):
    """Var hände det?, for who is in no unit. `then` is "form/category" of the report."""

    then: str


class Fill(Place, frozen=True):
    """A form being filled in. `draft` names its answers in the store; `page` is which of its pages is
    shown."""

    draft: str
    page: int = 0


class Review(Place, frozen=True):
    """What has been answered in a form, before it is saved."""

    draft: str


class Photos(Place, frozen=True):
    """The photos of a report that is being written."""

    draft: str


class TakePhoto(Place, frozen=True):
    """The camera, for a photo that goes into a draft."""

    draft: str


class CountBreaths(Place, frozen=True):
    draft: str
    link_id: str


class Script(Place, frozen=True):
    """The SBAR of a draft, to read aloud while calling."""

    draft: str


class Case(Place, frozen=True):
    """One SBAR case as its author sees it: what the nurse answered."""

    sbar: str


class ReadBack(Place, frozen=True):
    sbar: str


class MyReports(Place, frozen=True):
    pass


class Report(Place, frozen=True):
    deviation: str


class AddPhotos(Place, frozen=True):
    """Photos that are added to a report that has been saved."""

    deviation: str


class Inbox(Place, frozen=True):
    """The nurse's inbox, most urgent first."""


class InboxCase(Place, frozen=True):
    """One SBAR as the nurse sees and answers it."""

    sbar: str


class Sbars(Place, frozen=True):
    """All SBARs of a person, for the nurse."""

    person: str


class InboxDeviation(Place, frozen=True):
    deviation: str


class Cases(Place, frozen=True):
    """Deviations, for those who answer for them."""


class FollowUp(Place, frozen=True):
    """What is to be looked at after a fall."""

    task: str


class Routines(Place, frozen=True):
    """Rutiner: what has been decided about how work is done here."""


class Routine(Place, frozen=True):
    routine: str


class MyDelegations(Place, frozen=True):
    """Mina delegeringar: what I may do, until when, and what waits for my answer."""


class Delegation(Place, frozen=True):
    """One delegation: its holder answers, who is legitimerad may revoke it."""

    delegation: str


class DeclineDelegation(Place, frozen=True):
    """Varför inte?"""

    delegation: str


class DelegationRegister(Place, frozen=True):
    """The unit's delegations, for who is legitimerad."""


class AbleNow(Place, frozen=True):
    """Vem kan vad i dag, for who is legitimerad."""


class IssueDelegation(Place, frozen=True):
    pass


class RevokeDelegation(Place, frozen=True):
    delegation: str


class ReviewDelegation(Place, frozen=True):
    """Årlig uppföljning: it goes on, or it is taken back."""

    delegation: str


class Orders(Place, frozen=True):
    """Ordinationer: a person's, for who is legitimerad."""

    person: str


class Order(Place, frozen=True):
    order: str


class WriteOrder(Place, frozen=True):
    """A new order of a person, or a change of one. `sbar` is the case that it answers."""

    person: str
    order: str = ""
    sbar: str = ""


class CheckOrder(Place, frozen=True):
    """Så här blir det: an order that is written, with its next days, before it is stated."""

    person: str
    order: str = ""
    sbar: str = ""


class PauseOrder(Place, frozen=True):
    """Of one order, or of all that a person has."""

    person: str
    order: str = ""


class StopOrder(Place, frozen=True):
    order: str
