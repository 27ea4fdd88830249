"""Handling: how a case is followed to its end, the same for deviations, complaints and risk analyses.

*Vad har hänt? Varför? Hur förhindras en upprepning?*, actions that somebody answers for, and what came of
them. Everything is stated by somebody at a time, and what is stated anew leaves what was said before.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from msgspec import Struct, field

from care.facts import Body, Fact

CauseArea = Literal["communication", "competence", "surroundings", "equipment", "routine"]
"""Kommunikation och information, utbildning och kompetens, omgivning och organisation, utrustning och teknik,
procedurer, rutiner och riktlinjer: the areas of *Riskanalys och händelseanalys* (SKR). None is a person."""

CAUSE_LEVELS = 3
"""How deep a tree of causes goes (p): what led to it, what lay behind that, and what behind that again."""

Effect = Literal["good", "partly", "none"]
"""What an action led to: det hjälpte, delvis, det hjälpte inte."""


class Cause(Struct, frozen=True):
    """One cause. ``level``: 1 led to what happened; a deeper one lies behind the one above it."""

    text: str
    area: CauseArea | None = None
    level: int = 1


class Assigned(Body, frozen=True, kw_only=True):
    """Who leads the case, and who does while they are away; staff ids."""

    lead: str
    deputy: str = ""


class Begun(Body, frozen=True, kw_only=True):
    """The investigation has begun. ``due``: the day by which it is to be written. Again: another day."""

    due: date | None = None


class Analysed(Body, frozen=True, kw_only=True):
    """The whole of the investigation, anew. ``event_analysis``: done as a händelseanalys."""

    happened: str = ""
    why: str = ""
    prevent: str = ""
    causes: tuple[Cause, ...] = ()
    event_analysis: bool = False


class ActionSet(Body, frozen=True, kw_only=True):
    """An action, or the same one anew with another owner or day. ``owner``: staff id."""

    action: str
    text: str
    owner: str
    due: date


class ActionDone(Body, frozen=True, kw_only=True):
    action: str
    done: date
    text: str = ""


class ActionFollowedUp(Body, frozen=True, kw_only=True):
    """What it led to, once that can be seen."""

    action: str
    effect: Effect
    text: str = ""


class ActionDropped(Body, frozen=True, kw_only=True):
    """It is not going to be done, and why."""

    action: str
    reason: str


class Linked(Body, frozen=True, kw_only=True):
    """Another case, or the risk analysis, that this has to do with. ``kind``: of its aggregate."""

    kind: str
    to: str


class Unlinked(Body, frozen=True, kw_only=True):
    kind: str
    to: str


class FollowedUp(Body, frozen=True, kw_only=True):
    """The whole has been followed up: whether it has happened again, and whether what was done holds."""

    text: str


class CaseClosed(Body, frozen=True, kw_only=True):
    text: str = ""


class Reopened(Body, frozen=True, kw_only=True):
    reason: str


class Said(Struct, frozen=True):
    """Words in a case, by whom and when."""

    by: str
    at: datetime
    text: str = ""


class Lead(Struct, frozen=True):
    by: str
    at: datetime
    lead: str
    deputy: str = ""


class Beginning(Struct, frozen=True):
    by: str
    at: datetime
    due: date | None = None


class Analysis(Struct, frozen=True):
    by: str
    at: datetime
    body: Analysed


class Action(Struct):
    """An action as it stands. ``history``: as it was set before, oldest first."""

    id: str
    text: str
    owner: str
    due: date
    by: str
    at: datetime
    history: list[ActionSet] = field(default_factory=list)
    done: date | None = None
    done_said: Said | None = None
    effect: Effect | None = None
    effect_said: Said | None = None
    dropped: Said | None = None

    @property
    def open(self) -> bool:
        """Whether it is still to be done."""
        return self.done is None and self.dropped is None

    @property
    def unseen(self) -> bool:
        """Whether it is done and nobody has said what it led to."""
        return self.done is not None and self.effect is None and self.dropped is None


class Link(Struct, frozen=True):
    kind: str
    to: str
    by: str
    at: datetime


class Turn(Struct, frozen=True):
    """The case was closed, or opened again."""

    by: str
    at: datetime
    closed: bool
    text: str = ""


class Handling(Struct, omit_defaults=True):
    """What has been done with a case since it was received."""

    leads: list[Lead] = field(default_factory=list)
    begun: list[Beginning] = field(default_factory=list)
    analyses: list[Analysis] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    followed_up: list[Said] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)

    @property
    def lead(self) -> Lead | None:
        return self.leads[-1] if self.leads else None

    @property
    def analysis(self) -> Analysis | None:
        return self.analyses[-1] if self.analyses else None

    @property
    def closed(self) -> Turn | None:
        """When it was closed, unless it has been opened again."""
        return self.turns[-1] if self.turns and self.turns[-1].closed else None

    @property
    def standing(self) -> list[Action]:
        """The actions that have not been dropped."""
        return [one for one in self.actions if one.dropped is None]

    def action(self, id: str) -> Action | None:
        return next((one for one in self.actions if one.id == id), None)

    def take(self, fact: Fact, body: Body) -> bool:
        """Take in what a fact states. False: it is none of handling."""
        by, at = fact.author or "", fact.time
        match body:
            case Assigned():
                self.leads.append(Lead(by, at, body.lead, body.deputy))
            case Begun():
                self.begun.append(Beginning(by, at, body.due))
            case Analysed():
                self.analyses.append(Analysis(by, at, body))
            case Linked():
                self._link(Link(body.kind, body.to, by, at))
            case Unlinked():
                self.links = [one for one in self.links if (one.kind, one.to) != (body.kind, body.to)]
            case FollowedUp():
                self.followed_up.append(Said(by, at, body.text))
            case CaseClosed():
                self.turns.append(Turn(by, at, True, body.text))
            case Reopened():
                self.turns.append(Turn(by, at, False, body.reason))
            case ActionSet() | ActionDone() | ActionFollowedUp() | ActionDropped():
                self._act(by, at, body)
            case _:
                return False
        return True

    def _link(self, link: Link) -> None:
        if (link.kind, link.to) not in {(one.kind, one.to) for one in self.links}:
            self.links.append(link)

    def _act(
        self, by: str, at: datetime, body: ActionSet | ActionDone | ActionFollowedUp | ActionDropped
    ) -> None:
        found = self.action(body.action)
        if isinstance(body, ActionSet):
            self._set(found, by, at, body)
        elif found is None:
            # Said of an action that is not here: the fact that sets it has been erased.
            return
        elif isinstance(body, ActionDone):
            found.done, found.done_said = body.done, Said(by, at, body.text)
        elif isinstance(body, ActionFollowedUp):
            found.effect, found.effect_said = body.effect, Said(by, at, body.text)
        else:
            found.dropped = Said(by, at, body.reason)

    def _set(self, found: Action | None, by: str, at: datetime, body: ActionSet) -> None:
        if found is None:
            self.actions.append(Action(body.action, body.text, body.owner, body.due, by, at))
            return
        found.history.append(ActionSet(action=found.id, text=found.text, owner=found.owner, due=found.due))
        found.text, found.owner, found.due, found.by, found.at = body.text, body.owner, body.due, by, at
        # Set anew after it was done or dropped, it is to be done again.
        found.done = found.done_said = found.effect = found.effect_said = found.dropped = None


def tree(causes: Iterable[Cause]) -> list[tuple[int, Cause]]:
    """The causes with the depth at which each stands: never deeper than one below the one before it."""
    found: list[tuple[int, Cause]] = []
    depth = 0
    for cause in causes:
        depth = max(1, min(cause.level, depth + 1, CAUSE_LEVELS))
        found.append((depth, cause))
    return found
