"""The times of an order as slots: re-timing keeps a slot's id, so that one dose never becomes two."""

from collections.abc import Iterable, Sequence

from care.order import Slot


def slots_at(times: Iterable[str], before: int, after: int, earlier: Sequence[Slot] = ()) -> tuple[Slot, ...]:
    """The slots for local times "HH:MM", in order of the day.

    A time that was there keeps its slot. What is left is paired by what is nearest: those are the same doses
    at new times. Only what then has no partner is new, or dropped.
    """
    wanted = sorted(set(times))
    kept = {slot.time: slot for slot in earlier if slot.time in wanted}
    new = [time for time in wanted if time not in kept]
    free = sorted((slot for slot in earlier if slot.time not in kept), key=lambda slot: slot.time)
    kept |= dict(_nearest(new, free))
    taken = {slot.id for slot in (*earlier, *kept.values())}
    made: list[Slot] = []
    for time in wanted:
        was = kept.get(time)
        id = was.id if was else _fresh(time, taken)
        taken.add(id)
        amount, quantity = (was.amount, was.quantity) if was else ("", 0)
        made.append(Slot(id, time, before, after, amount, quantity))
    return tuple(made)


def _nearest(times: Sequence[str], slots: Sequence[Slot]) -> Iterable[tuple[str, Slot]]:
    """Pairs of times and slots, the nearest ones first, each once."""
    pairs = sorted(
        ((abs(_minutes(time) - _minutes(slot.time)), time, slot) for time in times for slot in slots),
        key=lambda pair: (pair[0], pair[1], pair[2].id),
    )
    given: set[str] = set()
    used: set[str] = set()
    for _, time, slot in pairs:
        if time not in given and slot.id not in used:
            given.add(time)
            used.add(slot.id)
            yield time, slot


def _fresh(time: str, taken: set[str]) -> str:
    id = time.replace(":", "")
    number = 2
    while id in taken:
        id = f"{time.replace(':', '')}-{number}"
        number += 1
    return id


def _minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])
