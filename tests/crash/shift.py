"""A shift on a shared phone, from its first start to its end as a phone of this unit.

``python -m tests.crash.shift FOLDER`` works it in a folder, and prints one line for each act once the store
has returned from it. ``--carelessly HOW`` makes the store worse on purpose (careless.py).
"""

import argparse
import os
import random
import sys
import traceback
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from pathlib import Path
from typing import NoReturn

from msgspec.structs import replace

from care.deviation import DeviationReported
from care.dose import DoseCorrected, DoseGiven
from care.facts import Ref
from care.sbar import SbarAcknowledged, SbarAnswered, SbarCalled, SbarReadBack, SbarRecorded
from storage import Statement
from storage.closing import LastWord
from storage.state import LockInfo
from tests.crash import careless
from tests.crash.acts import (
    Act,
    Phone,
    call,
    close_and_start,
    corrects,
    enrol,
    reads,
    reports,
    saves,
    start,
    types,
)
from tests.crash.delivery import delivers, elsewhere, erases, fetches, hears, purges, sends_again, takes
from tests.crash.held import Held
from tests.crash.people import (
    changes_pin,
    ends,
    exchanges,
    locks,
    mistypes,
    signs_in,
    takes_keys,
    unlocks,
)
from tests.store_case import ANNA, BERTIL, NOON, ORDER, OTHER_UNIT, PERSON, UNIT, answered, fallen

WORD = LastWord(what="moved", url="https://rapp.example.se", data=b"x", signature=b"y")
INFO = LockInfo(unit_name="Granen", phone_name="Granen 2")
PINS = ("482913", "593047")
WRONG_PIN = "111222"
UNIT_STREAM, ANNAS, BERTILS = f"unit:{UNIT}", f"staff:{ANNA}", f"staff:{BERTIL}"
STREAMS = (UNIT_STREAM, ANNAS, BERTILS)
KINDS = ("dose", "sbar", "deviation")
FORM = "Ingegerd andas tungt."


def numbered(kind: str, number: int) -> Ref:
    return Ref(kind, f"0192ffff-0000-7000-8000-{number:012d}")


def dose(number: int, unit: str = UNIT) -> Statement:
    body = DoseGiven(order=ORDER, planned=NOON, performed=NOON, amount="5 tabletter", order_fact=ORDER)
    return Statement(body, numbered("dose", number), unit, PERSON)


def sbar(number: int, words: str = FORM) -> Statement:
    return Statement(SbarRecorded(answers=answered(words)), numbered("sbar", number), UNIT, PERSON)


def deviation(number: int, words: str = "fallit") -> Statement:
    body = DeviationReported(category="fall", answers=answered(words))
    return Statement(body, numbered("deviation", number), UNIT, PERSON)


def said(number: int, body: SbarCalled | SbarReadBack) -> Statement:
    return Statement(body, numbered("sbar", number), UNIT, PERSON)


def _others(first: int, last: int) -> list[Act]:
    """Doses that were given on another phone."""
    of = [
        elsewhere(dose(n).body, numbered("dose", n), n, UNIT, person=PERSON, rank=1)
        for n in range(first, last)
    ]
    return [takes(ANNA, UNIT_STREAM, of, first - 1)]


def _morning() -> Iterable[Act]:
    yield start()
    yield enrol(UNIT)
    yield call("numbers of help", lambda phone: phone.store.set_lock_info(INFO))
    yield reports(fallen("golvet", "Kim"), numbered("deviation", 1), UNIT)
    yield signs_in(ANNA, PINS[0])
    yield from _others(1, 13)
    yield from types(ANNA, "sbar", FORM)
    yield locks(ANNA)
    yield signs_in(BERTIL, PINS[0])
    yield saves(BERTIL, dose(101))
    yield hears()
    yield delivers()
    yield locks(BERTIL)
    yield close_and_start()
    yield reports(fallen("badrummet", "Kim"), numbered("deviation", 2), UNIT)
    yield mistypes(ANNA, WRONG_PIN)
    yield unlocks(ANNA, PINS[0])
    yield saves(ANNA, sbar(201), draft="sbar", name="save of a draft")
    yield saves(ANNA, said(201, SbarCalled(to="nurse", number="0701740605")))


def _noon() -> Iterable[Act]:
    yield start()
    yield unlocks(ANNA, PINS[0])
    answer = [SbarAcknowledged(), SbarAnswered(orders=("sit_up",), text="Jag kommer.")]
    of = [elsewhere(one, numbered("sbar", 201), n, UNIT, person=PERSON) for n, one in enumerate(answer, 3)]
    yield takes(ANNA, ANNAS, of)
    yield saves(ANNA, said(201, SbarReadBack(nurse=BERTIL, orders=("sit_up",))))
    yield reads(ANNA, dose(150))
    for number in range(102, 112):
        yield saves(ANNA, dose(number), deviation(number), name="save of two")
        yield from types(ANNA, "note", str(number))
    yield corrects(ANNA, numbered("dose", 104), UNIT, lambda fact: DoseCorrected(corrects=fact))
    yield unlocks(BERTIL, PINS[0])
    yield from types(BERTIL, "deviation", "golvet var hal")
    yield saves(BERTIL, deviation(301), draft="deviation", name="save of a draft")
    yield delivers(refused=12)
    yield sends_again()
    yield delivers()
    yield purges(ANNA, numbered("dose", 104), numbered("sbar", 201))
    yield fetches(ANNA, UNIT_STREAM, numbered("dose", 104))
    yield changes_pin(ANNA, *PINS)
    yield saves(ANNA, dose(104))


def _evening() -> Iterable[Act]:
    yield start()
    yield unlocks(ANNA, PINS[1])
    yield unlocks(BERTIL, PINS[0])
    yield locks(BERTIL)
    yield takes_keys(ANNA)
    yield saves(ANNA, dose(191), deviation(191), name="save of two")
    yield exchanges(ANNA)
    yield unlocks(BERTIL, PINS[0])
    for number in range(112, 190):
        yield saves(ANNA if number % 2 else BERTIL, dose(number))
        if number % 10 == 0:
            yield hears()
            yield delivers()
    # Long ones, on pages of their own. Among them SQLite folds its log into the file, and begins it anew.
    for number in range(211, 221):
        yield saves(ANNA, sbar(number, "Hon vill inte äta. " * 500), name="save of much")
    sent = elsewhere(sbar(401).body, numbered("sbar", 401), 7, UNIT, person=PERSON)
    yield takes(BERTIL, BERTILS, [sent])
    yield call("drop stream", lambda phone: phone.store.drop_stream(BERTILS, phone.me[BERTIL]), _dropped)
    yield from types(ANNA, "sbar", "Hon fryser")
    yield erases(ANNA, UNIT_STREAM, numbered("dose", 104), 12, 1, UNIT)
    yield ends(BERTIL)
    yield reports(fallen("hallen", "Kim"), numbered("deviation", 3), UNIT)
    yield delivers()
    yield call("move", lambda phone: phone.store.keeper.move(OTHER_UNIT, INFO, [ANNA], WORD), _moved)
    yield signs_in(ANNA, PINS[0], secrets=2)
    yield saves(ANNA, dose(501, OTHER_UNIT), draft="sbar", name="save of a draft")
    yield call("begin closing", lambda phone: phone.store.keeper.begin_closing(), _closing)
    yield delivers()
    yield call("close for ever", lambda phone: phone.store.keeper.destroy(WORD), lambda _: Held(closed=True))
    yield call("endpoint has heard", lambda phone: phone.store.keeper.heard())
    yield enrol(UNIT)
    yield reports(fallen("köket", "Kim"), numbered("deviation", 4), UNIT)


def _dropped(held: Held) -> Held:
    readable = {
        key: facts for key, facts in held.readable.items() if key[1] != f"sbar/{numbered('', 401).id}"
    }
    return replace(held, readable=readable, cursors={k: at for k, at in held.cursors.items() if k != BERTILS})


def _moved(held: Held) -> Held:
    drafts = {key: words for key, words in held.drafts.items() if key[0] == ANNA}
    return Held(unit=OTHER_UNIT, made=held.made, drafts=drafts)


def _closing(held: Held) -> Held:
    return replace(held, closing=True)


LIVES = tuple(_morning()), tuple(_noon()), tuple(_evening())
"""What each process does: it ends without a word to the store, and the next one opens what it left."""
SHIFT: tuple[Act, ...] = tuple(chain(*LIVES))


def expected() -> list[tuple[Held, ...]]:
    """For each number of acts that were confirmed: what may be held. First what is promised, then what each
    transaction of the next act makes of it."""
    after = list(accumulate(SHIFT, lambda held, act: _through(held, act)[-1], initial=Held()))
    return [_through(held, act) for held, act in zip(after, SHIFT, strict=False)] + [(after[-1],)]


def _through(held: Held, act: Act) -> tuple[Held, ...]:
    return tuple(accumulate(act.then, lambda one, then: then(one), initial=held))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.crash.shift", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--carelessly", choices=careless.WAYS)
    asked = parser.parse_args()
    if asked.carelessly:
        careless.WAYS[asked.carelessly]()
    said = 0
    for number, life in enumerate(LIVES):
        if child := os.fork():
            _, status = os.waitpid(child, 0)
            if os.WIFSIGNALED(status):
                os.kill(os.getpid(), os.WTERMSIG(status))
            if status:
                sys.exit(1)
        else:
            live(asked.folder, life, number, said)
        said += len(life)


def live(folder: Path, life: Sequence[Act], number: int, said: int) -> NoReturn:
    """One process of the shift; `said` acts were done before it."""
    # Each run draws the same ids, keys and nonces: a point of one recording is the same point in the next.
    os.urandom = random.Random(number).randbytes
    phone = Phone(folder)
    phone.time.pass_(60 * said)
    try:
        for line, act in enumerate(life, said + 1):
            phone.time.pass_(60)
            act.do(phone)
            os.write(1, f"{line} {act.name}\n".encode())
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
