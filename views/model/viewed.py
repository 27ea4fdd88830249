"""What somebody has opened of a care recipient, for the log. Whichever screen is gone to is noted here.

A screen that shows one person has its place in `SHOWS`; one that does not, in `NOBODY`. A place in neither
is an error, in tests and in the log alike, so no screen can forget it.
"""

import asyncio
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from care.complaint import ComplaintDocument
from care.delegation import DelegationDocument
from care.deviation import DeviationDocument, ReportDocument
from care.documents import Document
from care.dose import DoseDocument
from care.facts import Ref
from care.follow_up import FollowUpDocument
from care.ids import uuid7
from care.sbar import SbarDocument
from care.viewing import VIEW, PersonViewed
from storage import Locked, Statement, StorageError
from views import places

if TYPE_CHECKING:
    from views.model.shift import Shift

logger = logging.getLogger("rapp.viewed")

# Reading documents needs the shift, which needs this: so those modules are imported where they are used.

WINDOW = timedelta(minutes=15)
"""Opening the same of the same person again within this is one reading."""
Found = Iterable[tuple[str | None, str]]
"""Whose data a place shows, and of which unit."""


def _sbar(shift: "Shift", place: Any) -> Found:
    return _of(shift, SbarDocument, place.sbar)


def _case(shift: "Shift", place: Any) -> Found:
    kinds = (DeviationDocument, ComplaintDocument, ReportDocument)
    return next((found for kind in kinds if (found := _of(shift, kind, place.deviation))), [])


def _dose(shift: "Shift", place: Any) -> Found:
    from views.model import reading

    task = reading.task(shift, place.dose)
    return [(task.person.id, shift.me.unit)] if task else _of(shift, DoseDocument, place.dose)


def _follow_up(shift: "Shift", place: Any) -> Found:
    return _of(shift, FollowUpDocument, place.task)


def _person(shift: "Shift", place: Any) -> Found:
    return [(one.id, one.unit) for one in [shift.me.document("person", place.person)] if one]


def _draft(shift: "Shift", place: Any) -> Found:
    from views.model import filling

    return [(filling.of(shift, place.draft).person, shift.me.unit)] if filling.has(shift, place.draft) else []


def _as_needed(shift: "Shift", place: Any) -> Found:
    from views.model import needed

    return [(person.id, order.unit) for person, order in needed.orders(shift)]


def _order(shift: "Shift", place: Any) -> Found:
    return [(one.person, one.unit) for one in [shift.me.document("order", place.order)] if one]


def _delegated(shift: "Shift", place: Any) -> Found:
    found = shift.me.document("delegation", place.delegation)
    named = found.persons if isinstance(found, DelegationDocument) else []
    return [(one.id, one.unit) for id in named if (one := shift.me.document("person", id))]


def _given(shift: "Shift", place: Any) -> Found:
    return [(one.person, one.unit) for one in [shift.me.document("prn", place.prn)] if one]


def _signed(shift: "Shift", place: Any) -> Found:
    return [(one.person, one.unit) for one in [shift.me.document(place.kind, place.id)] if one]


def _witnessed(shift: "Shift", place: Any) -> Found:
    return [(shift.witnessed.person, shift.me.unit)] if shift.witnessed else []


def _of(shift: "Shift", kind: type[Document], id: str) -> list[tuple[str | None, str]]:
    found = shift.me.document(kind.kind, id)
    return [(found.person, found.unit)] if found else []


def _read_as(shift: "Shift", place: Any) -> str:
    """The class of stream by which a case is read: one reads as a nurse, another as the chief."""
    from views.model import cases

    document = shift.me.document(DeviationDocument.kind, place.deviation)
    return cases.read_as(shift, document) if isinstance(document, DeviationDocument) else ""


Under = str | Callable[["Shift", Any], str]
SHOWS: dict[type[places.Place], tuple[str, Under, Callable[["Shift", Any], Found]]] = {
    places.Sign: ("sign", "unit", _dose),
    places.Withhold: ("sign", "unit", _dose),
    places.OtherOutcome: ("sign", "unit", _dose),
    places.PartOfNarcotic: ("sign", "unit", _dose),
    places.AlreadyGiven: ("sign", "unit", _dose),
    places.Details: ("sign", "unit", _dose),
    places.Correct: ("sign", "unit", _signed),
    places.Witness: ("sign", "unit", _witnessed),
    places.AsNeededList: ("as_needed", "unit", _as_needed),
    places.GiveAsNeeded: ("as_needed", "unit", _order),
    places.AlreadyAsNeeded: ("as_needed", "unit", _order),
    places.AskEffect: ("as_needed", "unit", _given),
    places.LedgerOf: ("sign", "unit", _person),
    places.EnterStock: ("sign", "unit", _person),
    places.Delegation: ("delegation", "unit", _delegated),
    places.Orders: ("orders", "unit", _person),
    places.Order: ("orders", "unit", _order),
    places.WriteOrder: ("orders", "unit", _person),
    places.CheckOrder: ("orders", "unit", _person),
    places.PauseOrder: ("orders", "unit", _person),
    places.StopOrder: ("orders", "unit", _order),
    places.Fill: ("form", "unit", _draft),
    places.Review: ("form", "unit", _draft),
    places.Photos: ("form", "unit", _draft),
    places.CountBreaths: ("form", "unit", _draft),
    places.Script: ("form", "unit", _draft),
    places.Case: ("sbar", "staff", _sbar),
    places.ReadBack: ("sbar", "staff", _sbar),
    places.Report: ("report", "staff", _case),
    places.AddPhotos: ("report", "staff", _case),
    places.FollowUp: ("follow_up", "unit", _follow_up),
    places.InboxCase: ("sbar", "nurse", _sbar),
    places.InboxDeviation: ("deviation", _read_as, _case),
    places.Sbars: ("sbar", "nurse", _person),
}
"""What each place is called in the log, the class of stream it is read by, and whom it shows."""

NOBODY: frozenset[type[places.Place]] = frozenset(
    {
        places.Lock,
        places.PhoneClosed,
        places.SignIn,
        places.Enrol,
        places.BlankScript,
        places.TakePhoto,
        places.Today,
        places.Menu,
        places.ChangeCode,
        places.AllowFinger,
        places.Waiting,
        places.EndShift,
        places.Handovers,
        places.Ledgers,
        places.ChoosePerson,
        places.ChooseReport,
        places.ChooseUnit,
        places.MyReports,
        places.Cases,
        places.MyDelegations,
        places.DelegationRegister,
        places.AbleNow,
        places.IssueDelegation,
        places.DeclineDelegation,
        places.RevokeDelegation,
        places.ReviewDelegation,
        places.Inbox,
        places.Routines,
        places.Routine,
    }
)
"""Places that show nobody, or a list of many."""


class Viewed:
    """What has been opened on one phone by whoever has it, and what of it is still to be saved."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], datetime] = {}
        self._unsaved: deque[Statement] = deque()
        self._turn = threading.Lock()
        self._saving: set[asyncio.Task[None]] = set()

    def opened(self, shift: "Shift", place: places.Place) -> None:
        """Note whom a place shows. It keeps nobody from opening it: that could cost somebody their care."""
        if shift.unlocked is None:
            return
        try:
            self._note(shift, place)
        except Locked:
            return
        except Exception:
            logger.exception("what %s shows could not be logged", type(place).__name__)
        self._save_soon(shift)

    def save(self, shift: "Shift") -> None:
        """Save what is not saved yet; at the latest when the phone is put down."""
        # One at a time, so that nothing of the one who had the phone is left for the one who takes it.
        with self._turn:
            waiting = [self._unsaved.popleft() for _ in range(len(self._unsaved))]
            if not waiting or shift.unlocked is None:
                return
            try:
                shift.unlocked.state_reading(*waiting)
            except StorageError:
                # Such as a full phone: tried again when the next thing is opened.
                self._unsaved.extendleft(reversed(waiting))
                logger.exception("%d readings could not be saved yet", len(waiting))

    def put_down(self, shift: "Shift") -> None:
        """Whoever had the phone lets go of it."""
        self.save(shift)
        self._last.clear()
        self._unsaved.clear()

    def _note(self, shift: "Shift", place: places.Place) -> None:
        if type(place) in NOBODY:
            return
        what, under, shown = SHOWS[type(place)]
        now = shift.phone.now()
        for person, unit in dict(shown(shift, place)).items():
            last = self._last.get((person, what)) if person else None
            if person and (last is None or not last <= now < last + WINDOW):
                self._last[person, what] = now
                id = uuid7(int(now.timestamp() * 1000), os.urandom(10))
                of = under if isinstance(under, str) else under(shift, place)
                body = PersonViewed(what=what, under=of or "staff")
                self._unsaved.append(Statement(body, Ref(VIEW, id), unit or shift.me.unit, person))

    def _save_soon(self, shift: "Shift") -> None:
        """Beside the loop where there is one: the screen is not to wait for a disk."""
        if not self._unsaved:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.save(shift)
            return
        task = loop.create_task(asyncio.to_thread(self.save, shift))
        self._saving.add(task)
        task.add_done_callback(self._saving.discard)
