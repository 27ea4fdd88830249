"""Files that formats of the store leave behind, in tests/fixtures: `store-vN.db`, its secret, what it holds.

Made once per version of the schema, by the code of that version and through its public calls alone, before
the next version is written: ``python -m tests.released``. What is made is never made anew.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from care.facts import Clock, Ref
from care.viewing import PersonViewed
from storage import Statement, Store
from storage.schema import MIGRATIONS
from tests.store_case import (
    ANNA,
    BERTIL,
    NOON,
    OTHER_UNIT,
    PERSON,
    UNIT,
    asked,
    deliver,
    elsewhere,
    fallen,
    given,
    new_id,
    page,
    phone,
    receipt,
    sign_in,
)
from tests.test_fold import BODIES
from wire.messages import PushResult

FIXTURES = Path(__file__).parent / "fixtures"


def make(version: int) -> None:
    """Fill a file and keep it, with what it holds."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        with phone(folder) as store:
            held = _fill(store)
        copyfile(folder / "rapp.db", FIXTURES / f"store-v{version}.db")
        copyfile(folder / "secret", FIXTURES / f"store-v{version}.secret")
    (FIXTURES / f"store-v{version}.json").write_text(json.dumps(held, indent=1) + "\n")


def _fill(store: Store) -> dict[str, object]:
    anna, bertil = sign_in(store), sign_in(store, BERTIL, "Bertil")
    store.note_contact(NOON, Clock(1500, 0))
    refs = {kind: Ref(kind, new_id()) for kind in BODIES}
    refs["unit"], refs["staff"] = Ref("unit", UNIT), Ref("staff", ANNA)
    facts = [
        elsewhere(body, refs[kind], rank) for kind in BODIES for rank, body in enumerate(BODIES[kind], 1)
    ]
    store.take_page(page(f"unit:{UNIT}", facts), anna)
    both, theirs = elsewhere(given().body, Ref("dose", new_id())), asked()
    store.take_page(page(f"unit:{UNIT}", [both], after=len(facts)), anna)
    store.take_page(
        page(f"unit:{OTHER_UNIT}", [both, elsewhere(given().body, both.fact().aggregate, 2)]), anna
    )
    store.take_page(page(f"nurse:{UNIT}", [elsewhere(theirs.body, theirs.aggregate)]), bertil)
    sent, refused = given(), asked()
    anna.save(sent)
    deliver(store)
    [fact] = anna.save(refused)
    answer = PushResult(id=fact.id, status="quarantined", reason="malformed")
    store.take_receipt(receipt(store, answer), [fact.id])
    dose = new_id()
    anna.save(given(dose), given(), draft="sbar:gone")
    bertil.save(given(dose, "8 enheter"))
    anna.state_reading(Statement(PersonViewed(what="sign"), Ref("view", new_id()), UNIT, PERSON))
    store.report(fallen(claimed="Kim"), Ref("deviation", new_id()), UNIT, PERSON)
    anna.save_draft("sbar:1", b"half of it")
    bertil.save_draft("deviation:1", b"words")
    anna.remember("seen", b"1")
    anna.renewed(NOON + timedelta(days=60), NOON + timedelta(days=90))
    people = {ANNA: anna, BERTIL: bertil}
    return {
        "documents": {
            staff: sorted(
                [kind, one.id, one.person, one.facts] for kind in BODIES for one in who.documents(kind)
            )
            for staff, who in people.items()
        },
        "drafts": {staff: [key for key, _ in who.drafts()] for staff, who in people.items()},
        "waiting": [sealed.id for sealed in store.waiting()],
        "aside": [one.id for one in store.set_aside()],
        "cursors": {
            f"{kind}:{unit}": [store.cursor(f"{kind}:{unit}", who) for who in people.values()]
            for kind, unit in (("unit", UNIT), ("unit", OTHER_UNIT), ("nurse", UNIT))
        },
        "lock_info": store.lock_info.unit_name if store.lock_info else "",
    }


if __name__ == "__main__":
    make(int(sys.argv[1]) if len(sys.argv) > 1 else len(MIGRATIONS))
