"""What to say: the advice, then the score, then the script. Calling saves first, so that nothing is lost, and
calls all the same when it could not."""

import flet as ft

from care.forms import Answers, Questionnaire
from care.news2 import Score
from care.person import PersonDocument
from care.script import Caller, Part, script
from care.unit import OnCall, UnitDocument
from views.components import (
    Action,
    button,
    card,
    colleague_row,
    colleagues_card,
    frame,
    info_line,
    score_card,
    script_card,
    thumb_bar,
    value_row,
)
from views.components import Part as BarPart
from views.forms.numbers import shown_of
from views.model import filling as fillings
from views.model import handing_in, reading
from views.model.assessing import Assessment, assess
from views.model.dial import dial
from views.model.filling import Filling
from views.model.shift import Shift
from views.places import Script
from views.screens.case_parts import plan_line
from views.screens.fill import gone
from views.screens.parts import back_bar, local
from views.texts import Texts
from views.theme import Look, Tone, use_look

TONES: dict[str, Tone] = {
    "emergency": "danger",
    "high": "danger",
    "medium": "late",
    "low_medium": "late",
    "incomplete": "late",
    "low": "accent",
    "zero": "accent",
}


def script_screen(shift: Shift, place: Script) -> ft.Control:
    look = use_look()
    if not fillings.has(shift, place.draft):
        return gone(look, shift)
    t = look.t
    filling = fillings.of(shift, place.draft)
    assessment = assess(shift, filling)
    nurse = reading.nurse(shift)
    body: list[ft.Control] = []
    person = reading.person(shift, filling.person)
    body += advice(look, filling, assessment, person)
    body += no_coverage(look, shift)
    body.append(script_card(look, lettered(parts(shift, filling, assessment))))

    async def call_nurse() -> None:
        """Saved first; but a phone that cannot save can still call."""
        try:
            await handing_in.finish_sbar(shift, filling.key, nurse)
        finally:
            if nurse:
                await dial(look, nurse.phone)()

    async def save_only() -> None:
        await handing_in.finish_sbar(shift, filling.key)

    async def call_112() -> None:
        """Saved first; the form stays open, since the nurse is called next."""
        try:
            await handing_in.record_112(shift, filling.key)
        finally:
            if look.call_112:
                await look.call_112()

    quiet = button(look, t("sbar.save_only"), save_only, kind="quiet", identifier="save-only")
    planned = bool(person and person.plan)
    bar = _bar(look, assessment, planned, nurse, call_nurse, call_112, save_only)
    if nurse:
        body.append(quiet)
    return frame(look, back_bar(look, shift, t("sbar.step_r")), body, bar)


def _bar(
    look: Look,
    assessment: Assessment,
    planned: bool,
    nurse: OnCall | None,
    call_nurse: object,
    call_112: object,
    save: object,
) -> BarPart:
    """From 7, or an answer that calls for it: 112 filled, the nurse outlined. Otherwise the nurse filled.

    Where a plan of the person's own stands instead of the advice, the nurse is first and 112 stays at hand.
    """
    t = look.t
    if nurse:
        to_nurse = Action(
            t("sbar.call_nurse", name=nurse.name),
            call_nurse,  # type: ignore[arg-type]
            ft.Icons.SUPPORT_AGENT_ROUNDED,
            identifier="call-nurse",
        )
    else:
        to_nurse = Action(t("common.save"), save, ft.Icons.CHECK_ROUNDED, identifier="save-only")  # type: ignore[arg-type]
    if not assessment.calls_112:
        return thumb_bar(look, to_nurse)
    emergency = Action(
        t("common.call_112"), call_112, ft.Icons.CALL_ROUNDED, "danger", identifier="script-112"
    )  # type: ignore[arg-type]
    if planned:
        return thumb_bar(look, to_nurse, [emergency._replace(kind="outlined")])
    return thumb_bar(look, emergency, [to_nurse])


def parts(shift: Shift, filling: Filling, assessment: Assessment) -> list[Part]:
    """The script of an SBAR in hand, always in Swedish."""
    person = reading.person(shift, filling.person)
    return spoken(shift, filling.form, filling.answers, person, assessment.score)


def lettered(said: list[Part]) -> list[tuple[str, str]]:
    return [(part.letter, part.text) for part in said]


def spoken(
    shift: Shift, form: Questionnaire, answers: Answers, person: PersonDocument | None, score: Score | None
) -> list[Part]:
    """The script of any SBAR, always in Swedish."""
    swedish = Texts.load("sv")
    unit = reading.unit(shift)
    caller = Caller(
        name=shift.me.name,
        title=swedish.within(f"title.{shift.me.title}"),
        unit=unit.name if unit else "",
    )
    return script(form, answers, person, caller, swedish, score)


def advice(
    look: Look, filling: Filling, assessment: Assessment, person: PersonDocument | None
) -> list[ft.Control]:
    """The advice first. Red only from 7, or for an answer that calls for 112. A person's plan replaces it."""
    t = look.t
    if person and person.plan:
        return [plan_line(look, person)]
    if assessment.advice == "off":
        return []
    if assessment.advice == "values":
        rows = [
            value_row(
                look, item.short, f"{shown_of(item, filling.answers[item.link_id])} {item.unit}".strip()
            )
            for item in filling.form.walk()
            if item.link_id in filling.answers and item.type in ("integer", "decimal")
        ]
        return [card(look, [look.text(t("news2.values"), "label", look.palette.accent), *rows])]
    found = assessment.score
    if found is None:
        return [
            info_line(
                look,
                t(f"news2.{assessment.advice}"),
                t(f"news2.{assessment.advice}_do"),
                tone="danger",
                icon=ft.Icons.WARNING_ROUNDED,
            )
        ]
    return [
        score_card(
            look,
            name=t("news2.name"),
            score=str(found.total) if found.complete else "–",
            title=_title(look, assessment),
            advice=t(f"news2.{assessment.advice}_do"),
            detail=_detail(look, assessment),
            tone=TONES[assessment.advice],
        )
    ]


def _title(look: Look, assessment: Assessment) -> str:
    """*Hög risk*. What was not measured is said first: *Ofullständig. Minst medelhög risk*."""
    found = assessment.score
    incomplete = found is not None and not found.complete
    if not incomplete or assessment.advice in ("emergency", "incomplete"):
        return look.t(f"news2.{assessment.advice}")
    return look.t(f"news2.at_least_{assessment.advice}")


def _detail(look: Look, assessment: Assessment) -> str:
    """*Andning 3, syre 2, puls 1*, and what is missing."""
    t, found = look.t, assessment.score
    if found is None:
        return ""
    points = [f"{t(f'news2.part.{name}')} {value}" for name, value in found.parts.items() if value]
    missing = [t(f"news2.part.{name}") for name, value in found.parts.items() if value is None]
    lines = [", ".join(points)]
    if missing:
        lines.append(t("news2.missing", what=", ".join(missing)))
    said = ". ".join(line for line in lines if line)
    return said[:1].upper() + said[1:] or t("news2.all_normal")


def no_coverage(look: Look, shift: Shift) -> list[ft.Control]:
    """Without a network all is saved all the same, and there are other ways to the nurse."""
    if shift.phone.sync.state.phase != "offline":
        return []
    t = look.t
    rows: list[ft.Control] = [
        info_line(
            look,
            t("sbar.no_coverage"),
            t("sbar.no_coverage_do"),
            icon=ft.Icons.CLOUD_OFF_ROUNDED,
            tone="offline",
        )
    ]
    return [*rows, *others(look, shift)]


def others(look: Look, shift: Shift) -> list[ft.Control]:
    """Who else to call at this hour, each with a button."""
    found = fallback(shift)
    rows = [colleague_row(look, one.name, one.phone, dial(look, one.phone)) for one in found]
    return [colleagues_card(look, rows)] if rows else []


def fallback(shift: Shift) -> list[OnCall]:
    """Who else to try at this hour: the neighbouring unit, a fixed telephone, the chief on call."""
    unit = reading.unit(shift) if shift.unlocked else None
    info = shift.phone.store.lock_info
    known = unit.fallback if unit else list(info.fallback) if info else []
    at = local(shift.phone.now()).strftime("%H:%M")
    return [one for one in known if UnitDocument(id="", nurse=[one]).on_call(at)]
