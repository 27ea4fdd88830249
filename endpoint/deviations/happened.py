"""The reports of a period as they are counted: those that were written here, and those of before."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, select

from care.deviation import DeviationDocument, ReportDocument
from care.deviation_figures import HARMS, SUBCATEGORY, UNKNOWN, Acted, Happened, minutes_between
from care.documents import Document
from care.published import Answered
from care.schedule import STOCKHOLM
from care.signing import local_day
from care.staff import StaffDocument
from endpoint import documents as reading
from endpoint.deviations.schema import past_deviations
from endpoint.deviations.scope import Scope
from endpoint.deviations.words import OTHER_PROFESSION
from endpoint.people.words import TITLES
from endpoint.schema import documents

DocumentT = TypeVar("DocumentT", bound=Document)
_AT_A_TIME = 500


def happened(connection: Connection, scope: Scope, first: date | None, last: date | None) -> list[Happened]:
    """Every report that is counted on a day from `first` to and including `last`; None: from ever, to now."""
    since, until = (first or date.min).isoformat(), (last or date.max).isoformat()
    found: list[Happened] = []
    for units in _pieces(sorted(scope.places)):
        found += _here(connection, scope, units, since, until)
        found += _before(connection, scope, units, since, until)
    return found


def _before(
    connection: Connection, scope: Scope, units: Sequence[str], since: str, until: str
) -> Iterator[Happened]:
    c = past_deviations.c
    query = select(
        c.unit, c.unit_type, c.category, c.subcategory, c.harm, c.profession, c.day, c.hour, c.minutes,
        c.person.is_not(None),
    ).where(c.unit.in_(units), c.day.between(since, until))  # fmt: skip
    sees: dict[tuple[Any, ...], bool] = {}
    for *told, concerns in connection.execute(query):
        kind = (told[0], told[2], concerns)
        if kind not in sees:
            sees[kind] = scope.sees(*kind)
        if sees[kind]:
            yield Happened(*told, imported=True)  # type: ignore[misc]


def _here(
    connection: Connection, scope: Scope, units: Sequence[str], since: str, until: str
) -> list[Happened]:
    query = select(documents.c.document).where(
        documents.c.kind == DeviationDocument.kind,
        documents.c.unit.in_(units),
        documents.c.document.is_not(None),
    )
    cases = [
        case
        for data in connection.scalars(query)
        if (case := msgspec.json.decode(data, type=DeviationDocument)).answers is not None
        and since <= _day(case).isoformat() <= until
        and scope.opens(case)
    ]
    told = _some(connection, ReportDocument, (case.id for case in cases))
    staff = _some(connection, StaffDocument, (case.reporter for case in cases))
    return [_of(case, scope, told.get(case.id), staff.get(case.reporter)) for case in cases]


def _of(
    case: DeviationDocument, scope: Scope, told: ReportDocument | None, reporter: StaffDocument | None
) -> Happened:
    answers = coded(case.answers) if case.answers else {}
    harm = next((codes[0] for link, codes in answers.items() if link.endswith(".harm")), UNKNOWN)
    title = reporter.title if reporter else UNKNOWN
    both = case.occurred is not None and case.reported is not None
    return Happened(
        unit=case.unit,
        unit_type=scope.places[case.unit].kind,
        category=case.category,
        subcategory=next(iter(answers.get(SUBCATEGORY.get(case.category, ""), ())), ""),
        harm=harm if harm in HARMS else UNKNOWN,
        profession=title if title in (*TITLES, UNKNOWN) else OTHER_PROFESSION,
        day=_day(case).isoformat(),
        hour=case.occurred.astimezone(STOCKHOLM).hour if case.occurred else None,
        minutes=minutes_between(case.occurred, case.reported) if both else None,  # type: ignore[arg-type]
        steps=_steps(case, told),
        answers=answers,
        form=(case.answers.form, case.answers.form_version) if case.answers else ("", ""),
        acted=_acted(case),
    )


def _acted(case: DeviationDocument) -> Acted:
    standing = case.handling.standing
    done = [one for one in standing if one.done]
    return Acted(
        planned=len(standing),
        done=len(done),
        in_time=sum(one.done <= one.due for one in done if one.done),
        helped=sum(one.effect == "good" for one in done),
    )


def _day(case: DeviationDocument) -> date:
    """The local day of occurrence; of the report, where it does not say."""
    at = case.occurred or case.reported or case.created
    return local_day(at) if at else date.min


def _steps(case: DeviationDocument, told: ReportDocument | None) -> dict[str, int]:
    """Minutes from the report to the first of each step, as the case or what the reporter was told has it."""
    firsts: dict[str, datetime] = {}
    handling = case.handling
    at: list[tuple[str, datetime]] = [("received", note.at) for note in case.received]
    at += [("assessed", one.at) for one in case.assessments]
    at += [("investigated", one.at) for one in handling.begun]
    at += [("investigated", one.at) for one in handling.analyses]
    at += [("action", one.at) for one in handling.standing]
    at += [("followed_up", one.at) for one in handling.followed_up]
    at += [("closed", one.at) for one in handling.turns if one.closed]
    at += [(step.step, step.at) for step in told.steps] if told else []
    for step, when in at:
        firsts[step] = min(when, firsts.get(step, when))
    reported = case.reported
    return {step: minutes_between(reported, when) for step, when in firsts.items()} if reported else {}


def coded(answered: Answered) -> dict[str, tuple[str, ...]]:
    """The codes that were chosen, by linkId, on whatever form it was; yes and no are "true" and "false"."""
    found: dict[str, tuple[str, ...]] = {}
    try:
        response = answered.read()
    except (ValueError, msgspec.DecodeError):
        return found
    for item in _items(response):
        codes = tuple(code for one in _objects(item.get("answer")) if (code := _code(one)))
        if codes:
            link = str(item.get("linkId", ""))
            found[link] = found.get(link, ()) + codes  # a group that repeats has it several times
    return found


def _code(answer: dict[str, Any]) -> str:
    chosen, said = answer.get("valueCoding"), answer.get("valueBoolean")
    if isinstance(said, bool):
        return str(said).lower()
    return str(chosen.get("code", "")) if isinstance(chosen, dict) else ""


def _items(within: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in _objects(within.get("item")):
        yield item
        yield from _items(item)
        for answer in _objects(item.get("answer")):
            yield from _items(answer)


def _objects(raw: Any) -> list[dict[str, Any]]:
    return [one for one in raw if isinstance(one, dict)] if isinstance(raw, list) else []


def _some(connection: Connection, kind: type[DocumentT], ids: Iterable[str]) -> dict[str, DocumentT]:
    found: dict[str, DocumentT] = {}
    for some in _pieces(sorted({id for id in ids if id})):
        found |= {one.id: one for one in reading.some(connection, kind, some)}
    return found


def _pieces(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(ids), _AT_A_TIME):
        yield ids[at : at + _AT_A_TIME]
