"""Several threads and several people at once: one writer, and everybody sees whole things."""

import threading
from pathlib import Path

from storage import Unlocked
from tests.store_case import ANNA, BERTIL, UNIT, a_clear_chain, deliver, given, new_id, page, phone, sign_in

EACH = 40


def test_saves_from_several_threads_are_one_gapless_chain(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        people = [sign_in(store), sign_in(store, BERTIL, "Bertil"), store.unlock(ANNA, "482913")]
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
