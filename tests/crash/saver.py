"""The child of the crash test: a phone that saves and saves, and says what it has saved.

``python -m tests.crash.saver FOLDER`` reads a line for each life to begin, and answers with the process id
of a fork that opens the store, unlocks, says ``ready``, then prints the id of each fact once `save` returned.
Forking saves the seconds that a hundred starts of Python would take, and stretching the PIN once those of
scrypt; each life opens the file anew.
"""

import os
import sys
from collections.abc import Callable
from functools import cache
from itertools import cycle
from pathlib import Path

from care.facts import Ref
from storage import Statement, keys
from tests.store_case import ANNA, PIN, UNIT, fallen, given, open_store, phone

DOSES = [f"0192ffff-0000-7000-8000-{n:012d}" for n in range(200)]


def live(folder: Path, say: Callable[[str], None]) -> None:
    store = open_store(folder)
    anna = store.unlock(ANNA, PIN)
    say("ready")
    for number, dose in enumerate(cycle(DOSES[os.getpid() % 50 :])):
        draft = f"draft {number % 3}"
        anna.save_draft(draft, dose.encode())
        facts = anna.save(given(dose), given(), draft=draft)
        for fact in facts:
            say(f"saved {fact.id}")
        if number % 5 == 0:
            # As the locked phone would, beside the one that is unlocked.
            report = Statement(fallen(), Ref("deviation", facts[1].aggregate.id), UNIT)
            say(f"saved {store.report(report.body, report.aggregate, report.unit).id}")


def main(folder: Path) -> None:
    def say(line: str) -> None:
        os.write(1, line.encode() + b"\n")

    keys._kek = cache(keys._kek)
    with phone(folder) as store:
        store.unlock(ANNA, PIN)
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            live(folder, say)
        say(f"pid {child}")
        os.waitpid(child, 0)
        say("gone")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
