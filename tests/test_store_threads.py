"""Several threads and several people at once: one writer, and everybody sees whole things."""

import threading
from pathlib import Path

from care.facts import Clock
from storage import Unlocked
from tests.store_case import (
    ANNA,
    BERTIL,
    NOON,
    PIN,
    UNIT,
    a_clear_chain,
    deliver,
    elsewhere,
    given,
    new_id,
    page,
    phone,
    sign_in,
)

EACH = 40


def test_saves_from_several_threads_are_one_gapless_chain(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        people = [sign_in(store), sign_in(store, BERTIL, "Bertil"), store.unlock(ANNA, PIN)]
        dose = new_id()
        failures: list[BaseException] = []

        def works(one: Unlocked) -> None:
            try:
                for _ in range(EACH):
                    one.save(given(dose), given())
                    assert one.document("dose", dose)
            except BaseException as error:
                failures.append(error)

        def sends() -> None:
            try:
                after = 0
                while after < EACH * len(people):
                    held = deliver(store)
                    if held:
                        store.take_page(page(f"unit:{UNIT}", held, after=after), people[0])
                        after += len(held)
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=works, args=(one,)) for one in people]
        threads.append(threading.Thread(target=sends))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        envelopes = [
            of for document in people[0].documents("dose") for of in people[0].envelopes("dose", document.id)
        ]
        assert len(envelopes) == 2 * EACH * len(people)
        a_clear_chain(envelopes)
        whole = people[0].document("dose", dose)
        assert whole
        assert whole.rank == EACH * len(people)
        assert people[0].damage == []


def test_whoever_is_told_may_wait_for_another_thread_that_reads(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        stuck: list[str] = []

        def reads(what: str) -> None:
            reader = threading.Thread(target=store.waiting, daemon=True)
            reader.start()
            reader.join(5)
            if reader.is_alive():
                stuck.append(what)

        doing = [""]
        store.subscribe(lambda _: reads(doing[0]))
        statement = given()
        elsewhere_too = [elsewhere(statement.body, statement.aggregate)]
        for doing[0], does in (
            ("save", lambda: anna.save(given())),
            ("report", lambda: store.report(given().body, given().aggregate, UNIT)),
            ("receipt", lambda: deliver(store)),
            ("page", lambda: store.take_page(page(f"unit:{UNIT}", elsewhere_too), anna)),
            ("drop", lambda: store.drop_stream(f"unit:{UNIT}")),
            ("contact", lambda: store.note_contact(NOON, Clock(0, 0))),
            ("unlock", lambda: store.unlock(ANNA, PIN).lock()),
        ):
            does()
        assert stuck == []
