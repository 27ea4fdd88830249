"""How an order as needed was used over some time, and how it helped. Never a figure of an employee."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from care.as_needed import ROLLING, Given, givings, over, plan_at, total
from care.dose import Signature
from care.order import OrderDocument
from care.prn import Effect, Help, PrnDocument


class Use(Struct, frozen=True):
    """One giving that stands, beside those before it."""

    prn: str
    at: datetime
    signature: Signature
    effects: tuple[Effect, ...]
    since: timedelta | None
    """From the giving before it; None: none is known."""
    total: float
    """What was given in the 24 hours until then, with this one, in the limit's unit."""
    share: int | None
    """That, in percent of the most in 24 hours at that time; None: the order said none."""
    over: bool
    """Whether it was too much or too soon, with all that is known now."""

    @property
    def effect(self) -> Effect | None:
        """How it helped, as it was last said."""
        return max(self.effects, key=lambda one: (one.at, one.fact)) if self.effects else None


class UseFigures(Struct, frozen=True):
    """Givings of an order over some time. ``helped``: how often each effect; ``unsaid``: none said yet."""

    times: int
    helped: Mapping[Help, int]
    unsaid: int
    over: int
    share: int | None
    """The highest share of the most in 24 hours, in percent; None: nothing was given, or no most said."""


def uses(order: OrderDocument, known: Iterable[PrnDocument], start: datetime, end: datetime) -> list[Use]:
    """The givings of an order performed from `start` until before `end`, by time."""
    documents = {one.id: one for one in known if one.order == order.id}
    given = givings(order, documents.values())
    beyond = {(one.prn, one.at) for one in over(order, _near(order, documents.values(), given, start))}
    return [
        _use(order, documents[one.prn], given, place, (one.prn, one.at) in beyond)
        for place, one in enumerate(given)
        if start <= one.at < end
    ]


def use_figures(found: Sequence[Use]) -> UseFigures:
    """The figures of some givings of one order together."""
    helped: dict[Help, int] = {}
    for one in found:
        if one.effect is not None:
            helped[one.effect.help] = helped.get(one.effect.help, 0) + 1
    return UseFigures(
        times=len(found),
        helped=helped,
        unsaid=sum(one.effect is None for one in found),
        over=sum(one.over for one in found),
        share=max((one.share for one in found if one.share is not None), default=None),
    )


def _use(
    order: OrderDocument, document: PrnDocument, given: Sequence[Given], place: int, beyond: bool
) -> Use:
    one = given[place]
    signature = next(each for each in document.done if each.performed == one.at)
    plan = plan_at(order, one.at) or order.plan
    limit = plan.as_needed if plan else None
    so_far = total(given[: place + 1], one.at)
    most = limit.max_per_24h if limit and limit.dose > 0 else 0
    return Use(
        prn=one.prn,
        at=one.at,
        signature=signature,
        effects=tuple(document.effects),
        since=one.at - given[place - 1].at if place else None,
        total=so_far,
        share=round(100 * so_far / most) if most > 0 else None,
        over=beyond,
    )


def _near(
    order: OrderDocument, known: Iterable[PrnDocument], given: Sequence[Given], start: datetime
) -> list[PrnDocument]:
    """The givings that a judgement of those from `start` on rests on: of the interval and 24 hours before."""
    limit = order.plan.as_needed if order.plan else None
    reach = start - max(ROLLING, timedelta(hours=limit.min_hours if limit else 0))
    wanted = {one.prn for one in given if one.at >= reach}
    return [one for one in known if one.id in wanted]
