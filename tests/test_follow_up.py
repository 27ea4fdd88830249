"""What is looked at after a fall: planned once, due day by day, done or not."""

from datetime import timedelta

from care.documents import fold
from care.facts import Body, Ref
from care.follow_up import (
    FollowUpCorrected,
    FollowUpDocument,
    FollowUpDone,
    FollowUpEnded,
    FollowUpPlanned,
    after_fall,
    due_day,
    missed_days,
    task_id,
)
from tests.statements import NOON, fact, new_id

DAY = NOON.date()
REPORT = new_id()


def day(n: int) -> object:
    return DAY + timedelta(days=n)


def task(*bodies: Body) -> FollowUpDocument:
    of = Ref("task", new_id())
    facts = [fact(body, of, rank=n, at=NOON + timedelta(minutes=n)) for n, body in enumerate(bodies, 1)]
    found = fold("task", of.id, facts)
    assert isinstance(found, FollowUpDocument)
    return found


def test_a_fall_without_danger_plans_nothing_and_one_with_a_blow_to_the_head_a_month() -> None:
    assert after_fall(REPORT, [], False, DAY) == []
    assert [one.what for one in after_fall(REPORT, ["fall.newPain"], False, DAY)] == ["after_fall"]
    next_day, watch = after_fall(REPORT, ["fall.headHit", "fall.bloodThinner"], True, DAY)
    assert (next_day.first, next_day.last) == (day(1), day(1))
    assert (watch.what, watch.first, watch.last) == ("head_watch", day(1), day(30))


def test_the_same_report_plans_the_same_tasks_however_often_it_is_saved() -> None:
    assert task_id(REPORT, "head_watch") == task_id(REPORT, "head_watch") != task_id(REPORT, "after_fall")


def test_the_day_after_is_asked_for_until_it_is_done_but_not_for_ever() -> None:
    planned = FollowUpPlanned(what="after_fall", first=day(1), last=day(1))
    open_task = task(planned)
    assert [due_day(open_task, day(n)) for n in (0, 1, 2, 4, 5)] == [None, day(1), day(1), day(1), None]
    assert due_day(task(planned, FollowUpDone(day=day(1), found="as_usual")), day(2)) is None


def test_a_watch_is_due_each_day_anew_and_what_was_not_looked_at_is_known() -> None:
    planned = FollowUpPlanned(what="head_watch", first=day(1), last=day(30))
    done = FollowUpDone(day=day(2), found="changed", text="Trött")
    watch = task(planned, done)
    assert [due_day(watch, day(n)) for n in (1, 2, 3, 30, 31)] == [day(1), None, day(3), day(30), None]
    assert missed_days(watch, day(4)) == [day(1), day(3)]
    assert missed_days(watch, day(1)) == []


def test_what_was_done_can_be_taken_back_and_a_task_ended() -> None:
    planned = FollowUpPlanned(what="head_watch", first=day(1), last=day(30))
    done = task(planned, FollowUpDone(day=day(1), found="as_usual"))
    of = Ref("task", done.id)
    facts = [
        fact(planned, of, at=NOON),
        said := fact(FollowUpDone(day=day(1), found="as_usual"), of, rank=2, at=NOON),
        fact(FollowUpCorrected(corrects=said.id), of, rank=3, at=NOON),
    ]
    taken_back = fold("task", of.id, facts)
    assert isinstance(taken_back, FollowUpDocument)
    assert due_day(taken_back, day(1)) == day(1)
    assert due_day(task(planned, FollowUpEnded(why="nurse")), day(1)) is None
