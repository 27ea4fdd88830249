"""A ward's phones in a browser, with a clock that stands where a test puts it.

Run: python -m tests.browser.signing_ward PORT FOLDER. Each phone is a page (/amina, /lena, /karin). The
buttons on /beside set the clock, or bring everything to everybody.
"""

import sys
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path

import flet as ft

from care.delegation import DelegationAccepted, DelegationIssued
from care.facts import Ref
from care.ids import stock_id
from care.ledger import month_of, name_of
from care.order import Narcotic, OrderPlaced, Plan, Slot
from care.prn import PrnGiven
from care.schedule import STOCKHOLM
from care.stock import StockReceived
from tests import store_case
from tests.statements import new_id
from tests.ward import AMINA, BROR, INGEGERD, KARIN, LENA, PIN, START, VERA, Ward, as_needed
from views.app import App, dress
from views.model.shift import Shift
from views.places import Today

ASSETS = Path(__file__).parents[2] / "assets"
LONG_AGO = datetime(2026, 1, 1, tzinfo=STOCKHOLM)
DELIVER = "deliver"
DEEDS = (
    DELIVER,
    "2026-03-13T23:50",
    "2026-03-14T08:00",
    "2026-03-14T08:20",
    "2026-03-14T08:30",
    "2026-03-14T09:00",
    "2026-03-14T10:00",
)
"""What can happen beside the phones."""
OXYNORM = Narcotic("Oxynorm 5 mg", "kapslar")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


def order(ward: Ward, person: str, what: str, clock: str, **more: object) -> None:
    values: dict[str, object] = {
        "what": what,
        "form": "pouch",
        "amount": "2 tabletter",
        "slots": (Slot("one", clock),),
        "start": date(2026, 1, 1),
    }
    plan = Plan(**(values | more))  # type: ignore[arg-type]
    ward.say(OrderPlaced(plan=plan, effective=LONG_AGO), Ref("order", new_id()), person, KARIN)


def delegated(ward: Ward, holder: str, task: str, end: datetime) -> None:
    ref = Ref("delegation", new_id())
    issued = DelegationIssued(holder=holder, tasks=(task,), units=(store_case.UNIT,), start=LONG_AGO, end=end)
    ward.say(issued, ref, author=KARIN)
    ward.say(DelegationAccepted(), ref, author=holder)


def filled(folder: Path) -> Ward:
    ward = Ward(folder)
    # What is told is told at a time; nobody's phone is ahead of it.
    ward.now = START - timedelta(days=2)
    order(ward, INGEGERD, "Dospåse morgon", "08:00", requires="medicine_pouch")
    order(ward, BROR, "Dospåse natt", "23:45", requires="medicine_pouch")
    order(ward, BROR, "Salva natt", "23:40", requires="medicine_pouch")
    order(ward, VERA, "Ögondroppar", "08:15", form="drops", amount="1 droppe")
    alvedon = new_id()
    ward.say(as_needed(), Ref("order", alvedon), VERA, KARIN)
    for clock in ("09:00", "15:00", "21:00"):
        given = PrnGiven(
            order=alvedon,
            performed=local(f"2026-03-13T{clock}"),
            amount="2 tabletter",
            quantity=1000,
            unit="mg",
            order_fact="f",
        )
        ward.say(given, Ref("prn", new_id()), VERA, LENA)
    order(
        ward, BROR, "Oxynorm 5 mg", "09:00", form="tablet", amount="1 kapsel", narcotic=OXYNORM, witness=True
    )
    month = month_of(ward.now)
    ledger = Ref("stock", stock_id(BROR, name_of(OXYNORM.preparation), month))
    came = StockReceived(preparation=OXYNORM.preparation, unit="kapslar", month=month, at=ward.now, amount=18)
    ward.say(came, ledger, BROR, KARIN)
    delegated(ward, AMINA, "medicine_pouch", START + timedelta(days=90))
    delegated(ward, AMINA, "medicine_as_needed", START + timedelta(days=90))
    delegated(ward, LENA, "medicine_pouch", local("2026-03-13T23:59:59"))
    return ward


class Phones:
    """The ward's phones by name. Lena has a code on Amina's too."""

    def __init__(self, folder: Path) -> None:
        self.ward = filled(folder)
        people = {"amina": AMINA, "lena": LENA, "karin": KARIN}
        self.shifts = {name: self.ward.phone(name, staff) for name, staff in people.items()}
        shared = self.shifts["amina"].phone.store
        shared.set_slot(
            LENA,
            "Lena Bäcklund",
            "assistant_nurse",
            "sv",
            PIN,
            b"L" * 32,
            store_case.PHONE_KEY,
            b"l" * 32,
            START + timedelta(days=30),
        ).lock()

    def main(self, page: ft.Page) -> None:
        name = page.route.strip("/")
        if name == "beside":
            self._beside(page)
            return
        dress(page)
        held = self.shifts[name]
        shift = Shift(held.phone)
        shift.unlocked, shift.stack = held.unlocked, [Today()]
        page.render_views(App, shift)

    def _beside(self, page: ft.Page) -> None:
        """A button for each of `DEEDS`; *Klart*, and how many times it has been."""
        done, times = ft.Text(""), count(1)

        def do(deed: str) -> None:
            if deed == DELIVER:
                self.ward.deliver()
            else:
                self.ward.set_clock(seconds=(local(deed) - self.ward.now).total_seconds())
            done.value = f"Klart {next(times)}"
            page.update()

        page.add(done, *(ft.Button(deed, on_click=lambda _, deed=deed: do(deed)) for deed in DEEDS))


if __name__ == "__main__":
    phones = Phones(Path(sys.argv[2]))
    ft.run(
        phones.main, host="127.0.0.1", port=int(sys.argv[1]), view=None, no_cdn=True, assets_dir=str(ASSETS)
    )
