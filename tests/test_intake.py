"""What phones send while a group is under way is the next group."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from endpoint.arrival import Sent
from endpoint.intake import Intake
from endpoint.sessions import Caller
from wire.messages import PUSH_MOST, Receipt
from wire.seal import Sealed

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def sent(phone: str, facts: int = 1, left: int | None = None) -> Sent:
    caller = Caller(device=phone, unit="u", public=b"", staff=None)
    return Sent(caller, [Sealed(f"{phone}-{n}", b"", b"") for n in range(facts)], left)


def receipt(of: Sent) -> Receipt:
    return Receipt(device=of.caller.device, received=NOW, results=())


class Endpoint:
    """Takes groups in when it is let."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.sent: list[Sent] = []
        self.may = asyncio.Event()
        self.under_way = self.most = 0
        self.refused: dict[str, Exception] = {}

    async def together(self, group: Sequence[Sent]) -> list[Receipt]:
        self.groups.append([one.caller.device for one in group])
        self.sent += group
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.may.wait()
        for _ in range(3):
            await asyncio.sleep(0)
        self.under_way -= 1
        for one in group:
            if error := self.refused.get(one.caller.device):
                raise error
        return [receipt(one) for one in group]


async def begun(intake: Intake, endpoint: Endpoint, *batches: Sent) -> list[asyncio.Task[Receipt]]:
    """Sent one after the other, while two groups are under way already."""
    tasks = []
    for one in batches:
        tasks.append(asyncio.create_task(intake.take(one, endpoint.together)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    return tasks


async def test_nobody_is_waited_for_and_what_comes_meanwhile_goes_together() -> None:
    intake, endpoint = Intake(), Endpoint()
    tasks = await begun(intake, endpoint, *(sent(name) for name in "abcdef"))
    assert endpoint.groups == [["a"], ["b"]]
    endpoint.may.set()
    assert [one.device for one in await asyncio.gather(*tasks)] == list("abcdef")
    assert endpoint.groups == [["a"], ["b"], ["c", "d", "e", "f"]]
    assert endpoint.most == 2


async def test_a_group_is_no_larger_than_what_one_phone_may_send() -> None:
    intake, endpoint = Intake(), Endpoint()
    most = sent("large", PUSH_MOST)
    rest = [sent("c", PUSH_MOST - 1), sent("d"), sent("e"), most, sent("f")]
    tasks = await begun(intake, endpoint, sent("a"), sent("b"), *rest)
    endpoint.may.set()
    await asyncio.gather(*tasks)
    assert endpoint.groups == [["a"], ["b"], ["c", "d"], ["e"], ["large"], ["f"]]


async def test_what_a_phone_sends_twice_is_taken_in_one_after_the_other() -> None:
    intake, endpoint = Intake(), Endpoint()
    tasks = await begun(
        intake, endpoint, sent("a"), sent("b"), sent("c", left=1), sent("d"), sent("c", left=2)
    )
    endpoint.may.set()
    await asyncio.gather(*tasks)
    assert endpoint.groups == [["a"], ["b"], ["c", "d"], ["c"]]
    assert [one.left for one in endpoint.sent if one.caller.device == "c"] == [1, 2]


async def test_what_a_phone_sends_again_and_again_takes_nobodys_place() -> None:
    intake, endpoint = Intake(), Endpoint()
    many = [sent("c", 100, left=n) for n in range(30)]
    tasks = await begun(intake, endpoint, sent("a"), sent("b"), *many, sent("d"), sent("e"))
    endpoint.may.set()
    await asyncio.gather(*tasks)
    assert endpoint.groups[2] == ["c", "d", "e"]


async def test_of_a_group_that_is_answered_in_part_each_is_tried_alone() -> None:
    intake, endpoint = Intake(), Endpoint()

    async def too_few(group: Sequence[Sent]) -> list[Receipt]:
        return [receipt(one) for one in group[: max(1, len(group) - 1)]]

    first = await begun(intake, endpoint, sent("a"), sent("b"))
    tasks = [asyncio.create_task(intake.take(sent(name), too_few)) for name in "cd"]
    endpoint.may.set()
    said = await asyncio.wait_for(asyncio.gather(*first, *tasks), 5)
    assert [one.device for one in said] == list("abcd")


async def test_what_breaks_one_breaks_no_other_and_nobody_waits_for_those_behind() -> None:
    intake, endpoint = Intake(), Endpoint()
    endpoint.refused["d"] = ValueError("nobody foresaw this")
    tasks = await begun(intake, endpoint, *(sent(name) for name in "abcde"))
    told: list[str] = []
    for name, task in zip("cde", tasks[2:], strict=True):
        task.add_done_callback(lambda _, name=name: told.append(f"{name} of {len(endpoint.groups)}"))  # type: ignore[misc]
    endpoint.may.set()
    said = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(one, Receipt) for one in said] == [True, True, True, False, True]
    assert said[3] is endpoint.refused["d"]
    assert endpoint.groups == [["a"], ["b"], ["c", "d", "e"], ["c"], ["d"], ["e"]]
    assert sorted(told)[0] < "c of 6", "it had its answer before the last was tried"


async def test_where_the_database_is_away_nobody_is_tried_again() -> None:
    intake, endpoint = Intake(), Endpoint()
    endpoint.refused |= {"d": ValueError("nobody foresaw this"), "e": PoolTimeout()}
    tasks = await begun(intake, endpoint, *(sent(name) for name in "abcdefg"))
    endpoint.may.set()
    said = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in said[2:]] == [Receipt, ValueError, PoolTimeout, PoolTimeout, PoolTimeout]
    assert endpoint.groups == [["a"], ["b"], ["c", "d", "e", "f", "g"], ["c"], ["d"], ["e"]]


async def test_groups_that_wait_for_something_keep_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("endpoint.intake._LONG_S", 0.05)
    intake, stuck, endpoint = Intake(), Endpoint(), Endpoint()
    endpoint.may.set()
    slow = await begun(intake, stuck, sent("a"), sent("b"))
    quick = await begun(intake, endpoint, *(sent(name) for name in "cde"))
    assert [one.device for one in await asyncio.wait_for(asyncio.gather(*quick), 5)] == list("cde")
    assert (await asyncio.wait_for(intake.take(sent("f"), endpoint.together), 5)).device == "f"
    assert endpoint.most == 1, "no more at once than before"
    stuck.may.set()
    await asyncio.gather(*slow)
    endpoint.may.clear()
    tasks = await begun(intake, endpoint, *(sent(name) for name in "ghijk"))
    assert endpoint.under_way == 2
    endpoint.may.set()
    await asyncio.gather(*tasks)


async def test_there_is_an_end_to_how_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("endpoint.intake._LONG_S", 0.01)
    intake, stuck = Intake(), Endpoint()
    tasks = await begun(intake, stuck, sent("a"), sent("b"))
    for n in range(12):
        tasks += await begun(intake, stuck, sent(f"c{n}"))
        await asyncio.sleep(0.03)
    assert len(stuck.groups) == 6
    stuck.may.set()
    assert len(await asyncio.gather(*tasks)) == 14


async def test_whoever_has_gone_leaves_the_others_theirs() -> None:
    intake, endpoint = Intake(), Endpoint()
    tasks = await begun(intake, endpoint, *(sent(name) for name in "abcd"))
    for gone in (0, 2):
        tasks[gone].cancel()
    endpoint.may.set()
    said = await asyncio.gather(*tasks, return_exceptions=True)
    assert [one.device for one in said if isinstance(one, Receipt)] == ["b", "d"]
    # What it had sent has come all the same.
    assert endpoint.groups == [["a"], ["b"], ["c", "d"]]


async def test_where_a_group_breaks_all_hear_of_it_and_the_next_is_taken_in() -> None:
    intake, endpoint = Intake(), Endpoint()

    async def broken(_: Sequence[Sent]) -> list[Receipt]:
        raise RuntimeError("nobody foresaw this")

    with pytest.raises(RuntimeError):
        await intake.take(sent("a"), broken)
    with pytest.raises(RuntimeError):
        await intake.take(sent("b"), broken)
    endpoint.may.set()
    for name in "cdef":
        assert (await asyncio.wait_for(intake.take(sent(name), endpoint.together), 5)).device == name


async def test_whoever_comes_as_the_last_group_ends_is_taken_in() -> None:
    """There is no moment in which nobody takes what has come."""
    intake = Intake()

    async def at_once(group: Sequence[Sent]) -> list[Receipt]:
        return [receipt(one) for one in group]

    async def again(name: str) -> None:
        for _ in range(50):
            await asyncio.wait_for(intake.take(sent(name), at_once), 5)

    await asyncio.gather(*(again(name) for name in "abcdefgh"))
