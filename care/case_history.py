"""All that was said in a case, in the order of time: read on the console, and on the phone of its readers."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from care.complaint import ComplaintDocument
from care.deviation import DeviationDocument
from care.handling import Action, Handling


class Entry(Struct, frozen=True):
    """One line of what was done: ``key`` of the text, ``values`` in it, and the words that were written."""

    at: datetime
    by: str
    key: str
    values: dict[str, object] = {}
    words: str = ""


def of_deviation(case: DeviationDocument) -> list[Entry]:
    """Of a deviation, but for the words to the reporter."""
    return sorted(_of_deviation(case), key=lambda one: one.at)


def of_complaint(case: ComplaintDocument) -> list[Entry]:
    """Of a complaint."""
    return sorted(_of_complaint(case), key=lambda one: one.at)


def _of_deviation(case: DeviationDocument) -> Iterator[Entry]:
    for note in case.amendments:
        yield Entry(note.at, note.by, "handling.said.amended", words=note.text)
    for at, _, _ in case.amended:
        yield Entry(at, case.reporter, "handling.said.answers")
    for photo in case.photos:
        yield Entry(photo.at, photo.by, "handling.said.photographed")
    for note in case.received:
        yield Entry(note.at, note.by, "handling.said.received", words=note.text)
    for given in case.assessments:
        values: dict[str, object] = {"severity": given.severity, "probability": given.probability}
        yield Entry(given.at, given.by, "handling.said.assessed", values, given.reason)
    for change in case.reclassified:
        yield Entry(
            change.at,
            change.by,
            "handling.said.category",
            {"was": change.was, "category": change.category},
            change.reason,
        )
    for brought in case.escalations:
        yield Entry(brought.at, brought.by, f"handling.said.escalated.{brought.track}", words=brought.text)
    for decision in case.decisions:
        yield Entry(
            decision.at, decision.by, f"handling.said.decided.{decision.track}", words=decision.reason
        )
    for text in case.prepared:
        yield Entry(text.at, text.by, f"handling.said.ivo.{text.track}")
    yield from of_handling(case.handling)


def _of_complaint(case: ComplaintDocument) -> Iterator[Entry]:
    for note in case.amendments:
        yield Entry(note.at, note.by, "handling.said.amended", words=note.text)
    for reached in case.acknowledged:
        yield Entry(reached.at, reached.by, "handling.said.acknowledged", words=reached.text)
    for reached in case.answered:
        yield Entry(reached.at, reached.by, "handling.said.answered", words=reached.text)
    yield from of_handling(case.handling)


def of_handling(handling: Handling) -> Iterator[Entry]:
    """What was said in the handling of any case."""
    for lead in handling.leads:
        yield Entry(lead.at, lead.by, "handling.said.lead", {"lead": lead.lead, "deputy": lead.deputy})
    for begun in handling.begun:
        yield Entry(begun.at, begun.by, "handling.said.begun", {"due": begun.due})
    for analysis in handling.analyses:
        yield Entry(analysis.at, analysis.by, "handling.said.investigation")
    for action in handling.actions:
        yield from _of_action(action)
    for said in handling.followed_up:
        yield Entry(said.at, said.by, "handling.said.followed_up", words=said.text)
    for turn in handling.turns:
        yield Entry(
            turn.at,
            turn.by,
            "handling.said.closed" if turn.closed else "handling.said.reopened",
            words=turn.text,
        )


def _of_action(action: Action) -> Iterator[Entry]:
    said: dict[str, object] = {"text": action.text}
    yield Entry(action.at, action.by, "handling.said.action", said)
    if action.done_said:
        yield Entry(
            action.done_said.at, action.done_said.by, "handling.said.action_done", said, action.done_said.text
        )
    if action.effect_said:
        effect = {**said, "effect": action.effect}
        yield Entry(
            action.effect_said.at,
            action.effect_said.by,
            "handling.said.effect",
            effect,
            action.effect_said.text,
        )
    if action.dropped:
        yield Entry(action.dropped.at, action.dropped.by, "handling.said.dropped", said, action.dropped.text)
