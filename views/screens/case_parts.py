"""What the nurse's and the carer's pages of a case draw alike: its tile, its state, its orders, its words."""

from datetime import datetime

import flet as ft

from care.deviation import DeviationDocument
from care.forms import Line
from care.person import PersonDocument
from care.sbar import OUTCOMES, Call, SbarDocument, orders_of
from care.urgency import Urgency
from views import dates
from views.components import Option, banner, card, divider, info_line
from views.model import answering, reading
from views.model.answering import Case
from views.model.answers_read import Reading
from views.model.shift import Shift
from views.screens.parts import local
from views.theme import Look, Radius, Space, Tone

ORDER_ICONS: dict[str, ft.IconData] = {
    "call_112": ft.Icons.CALL_ROUNDED,
    "ambulance": ft.Icons.EMERGENCY_ROUNDED,
    "measure_again": ft.Icons.MONITOR_HEART_ROUNDED,
    "sit_up": ft.Icons.AIRLINE_SEAT_RECLINE_NORMAL_ROUNDED,
    "give_as_needed": ft.Icons.MEDICATION_ROUNDED,
    "look_in": ft.Icons.VISIBILITY_ROUNDED,
    "coming": ft.Icons.DIRECTIONS_WALK_ROUNDED,
}
LEVEL_TONES: dict[str, Tone] = {
    "emergency": "danger",
    "high": "danger",
    "medium": "late",
    "low-medium": "late",
    "low": "quiet",
}
STEPS = ("s", "b", "a", "r")


def order_options(look: Look, keys: tuple[str, ...], known: set[str]) -> list[Option]:
    """Common orders as answers; `known` are those that were said, also when this app does not know them."""
    return [
        Option(key, order_word(look, key), ORDER_ICONS.get(key, ft.Icons.EDIT_ROUNDED))
        for key in (*keys, *(key for key in orders_of(sorted(known)) if key not in keys))
    ]


def outcome_options(look: Look) -> list[Option]:
    """Better, as before, worse."""
    return [Option(one, look.t(f"sbar.outcome.{one}"), danger=one == "worse") for one in OUTCOMES]


def plan_line(look: Look, person: PersonDocument) -> ft.Control:
    """The person's own plan, as it was written."""
    return info_line(look, look.t("person.plan"), person.plan, icon=ft.Icons.ARTICLE_ROUNDED, tone="accent")


def order_word(look: Look, key: str) -> str:
    return look.t(f"order.{key}") if look.t.has(f"order.{key}") else look.t("order.unknown", key=key)


def clock_of(look: Look, shift: Shift, at: datetime | None) -> str:
    """07:12, or i går 20:10."""
    return dates.moment(local(at), shift.phone.now(), look.t) if at else ""


def first_name(shift: Shift, staff: str) -> str:
    return reading.name_of(shift, staff).split(" ", 1)[0]


def first_of(call: Call) -> str:
    """Whom the call button called: *Karin*, or *112*."""
    return call.to.split(" ", 1)[0]


def state_words(look: Look, shift: Shift, case: Case) -> tuple[str, Tone, ft.IconData]:
    """Where a case stands, as the nurse is told: *Väntar på dig, 2 min*."""
    t, document = look.t, case.document
    if case.state == "waiting":
        waited = shift.phone.now() - case.since
        stage = answering.stage_of(shift, case)
        if stage in ("instead", "chief"):
            words = t("inbox.instead", length=dates.duration(waited, t))
            return words, "danger" if case.urgency.danger else "late", ft.Icons.NOTIFICATIONS_ACTIVE_ROUNDED
        words = (
            t("inbox.waits_now")
            if waited.total_seconds() < 60
            else t("inbox.waits", length=dates.duration(waited, t))
        )
        icon = ft.Icons.NOTIFICATIONS_ACTIVE_ROUNDED if stage == "reminded" else ft.Icons.SCHEDULE_ROUNDED
        return words, "danger" if case.urgency.danger else "late", icon
    if isinstance(document, DeviationDocument):
        read = document.received[-1]
        return _by(look, shift, "inbox.read", read.by, read.at), "quiet", ft.Icons.VISIBILITY_ROUNDED
    if case.state == "acknowledged":
        words = _by(look, shift, "inbox.read", document.acknowledged_by, document.acknowledged)
        return words, "quiet", ft.Icons.VISIBILITY_ROUNDED
    if case.state == "answered":
        at = clock_of(look, shift, document.replies[-1].at)
        return t("inbox.answered", at=at), "accent", ft.Icons.REPLY_ROUNDED
    if case.state == "read_back" and document.read_back:
        said = document.read_back
        return _by(look, shift, "inbox.read_back", said.by, said.at), "done", ft.Icons.CHECK_CIRCLE_ROUNDED
    return t("inbox.closed", at=clock_of(look, shift, document.closed)), "quiet", ft.Icons.CHECK_ROUNDED


def _by(look: Look, shift: Shift, key: str, staff: str, at: datetime | None) -> str:
    name, when = first_name(shift, staff), clock_of(look, shift, at)
    return look.t(f"{key}_by", name=name, at=when) if name else look.t(key, at=when)


def urgency_tile(look: Look, case: Case) -> ft.Control:
    """NEWS2 and its band; a warning where an answer is the danger; a dash where too little was measured."""
    t, urgency = look.t, case.urgency
    score = urgency.score
    word = t("inbox.band_incomplete")
    mark: ft.Control
    ground, ink, edge = _tile_colours(look, urgency)
    if not case.is_sbar or (urgency.dangers and not (score and score.complete and score.band == "high")):
        word = t("inbox.fall" if isinstance(case.document, DeviationDocument) else "inbox.danger")
        if isinstance(case.document, DeviationDocument) and case.document.category != "fall":
            word = t("inbox.danger")
        mark = look.icon(ft.Icons.WARNING_ROUNDED, ink, 28)
    elif score and score.complete:
        word = t(f"inbox.band_{(score.band or 'low').replace('-', '_')}")
        mark = look.text(str(score.total), "h2big", ink)
    elif score:
        mark = look.text("–", "h2big", ink)
        if score.band:
            band = score.band.replace("-", "_")
            word = f"{word} {t(f'inbox.tile_at_least_{band}')}"
    else:
        word, mark = t("inbox.question"), look.icon(ft.Icons.SUPPORT_AGENT_ROUNDED, ink, 28)
    return ft.Container(
        ft.Column(
            [mark, look.text(word, "tiny", ink, text_align=ft.TextAlign.CENTER)],
            spacing=0,
            tight=True,
            alignment=ft.MainAxisAlignment.CENTER,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        bgcolor=ground,
        border=ft.Border.all(1.5, edge) if edge else None,
        border_radius=Radius.CHIP,
        padding=ft.Padding.symmetric(horizontal=Space.S if look.large else 4, vertical=6),
        width=None if look.large else 68,
    )


def _tile_colours(look: Look, urgency: Urgency) -> tuple[str | None, str, str | None]:
    p = look.palette
    if urgency.danger:
        return p.danger_fill, p.on_danger_fill, None
    if urgency.level == "unknown" and urgency.score:
        return None, p.ink, p.edge
    shade = look.tone(LEVEL_TONES.get(urgency.level, "quiet"))
    return shade.soft, p.ink if urgency.level in ("low", "unknown") else shade.on_soft, None


def danger_lines(case: Case) -> list[str]:
    """The answers that call for the nurse, as they were read: *Slog i huvudet: Ja*."""
    found = [case.reading.line(key) for key in case.urgency.dangers]
    return [f"{line.label}: {line.text}" for line in found if line]


def danger_banner(look: Look, case: Case) -> list[ft.Control]:
    lines = danger_lines(case)
    if not lines:
        return []
    key = "inbox.danger_112" if case.urgency.emergencies else "inbox.danger_now"
    return [banner(look, "danger", look.t(key), ". ".join(lines))]


def summary_card(look: Look, found: Reading, left_out: frozenset[str] = frozenset()) -> ft.Control:
    """S B A R as it was answered, in Swedish. `left_out` are those that stand elsewhere on the page."""
    parts: list[ft.Control] = []
    for letter in STEPS:
        lines = [line for line in found.under(letter) if line.link_id not in left_out]
        if lines:
            parts.append(_letter(look, letter.upper(), lines))
    rest = [line for line in found.lines if line.link_id.partition(".")[0] not in STEPS]
    if rest:
        parts += [answer_line(look, line) for line in rest]
    return card(look, parts, spacing=Space.M)


def lines_card(look: Look, lines: list[Line]) -> ft.Control:
    """Any other form as it was answered, in Swedish."""
    parts: list[ft.Control] = []
    for line in lines:
        parts.extend([divider(look), answer_line(look, line)] if parts else [answer_line(look, line)])
    return card(look, parts, spacing=Space.S)


def _letter(look: Look, letter: str, lines: list[Line]) -> ft.Control:
    p = look.palette
    side = round(32 * min(look.scale, 1.4))
    block = ft.Container(
        look.text(letter, "initials", p.on_accent_soft),
        width=side,
        height=side,
        bgcolor=p.accent_soft,
        border_radius=Radius.SIGN,
        alignment=ft.Alignment.CENTER,
    )
    words = ft.Column([answer_line(look, line) for line in lines], spacing=6, tight=True, expand=1)
    return ft.Row([block, words], spacing=Space.M, vertical_alignment=ft.CrossAxisAlignment.START)


def answer_line(look: Look, line: Line) -> ft.Control:
    """*Problem: Andas sämre*."""
    words = f"\u2066{line.text}\u2069" if look.rtl else line.text
    answer = ft.TextSpan(words, style=look.style("strong"))
    return look.text(f"{line.label}: ", "reading", look.palette.ink2, spans=[answer])


def orders_text(look: Look, orders: tuple[str, ...], text: str) -> str:
    """*Ring 112. Låt sitta upp. Stanna hos Ingegerd.*"""
    words = [f"{order_word(look, key)}." for key in orders_of(orders)]
    return " ".join([*words, *([text] if text else [])])


def problem_words(look: Look, case: Case) -> str:
    """What a case is about in one line: the problem, or the answers that are a danger."""
    if not case.is_sbar:
        return ". ".join(danger_lines(case)) or category_word(look, case.document)
    about = case.reading.text("s.problem") or case.reading.text("s.words") or look.t("inbox.no_problem")
    return ". ".join([about, *danger_lines(case)])


def category_word(look: Look, document: SbarDocument | DeviationDocument) -> str:
    return look.t(f"category.{document.category}") if isinstance(document, DeviationDocument) else ""
