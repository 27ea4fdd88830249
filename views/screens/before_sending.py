"""What stands above *Spara* of a report: who will read it, and gentle hints about what was written."""

import flet as ft

from care.free_text import names_in, personnummer_in
from care.person import PersonDocument
from care.proposing import propose
from care.rights import may
from care.staff import StaffDocument
from care.streams import CASE_READERS, READ_ACT
from care.unit import UnitDocument
from views.components import Option, button, choices, info_line
from views.forms.asking import Asking
from views.model import filling as fillings
from views.model import reading, reporting
from views.model.filling import CATEGORY_CODES, Filling
from views.model.phone import DEVIATION
from views.model.shift import Shift
from views.theme import Look, Space

NAMED = 2
"""How many of each are named; the rest are counted."""
CLOSEST = "deviation.closest"
MARK = "instead"


def named(look: Look, readers: frozenset[str]) -> str:
    """Enhetschef, sjuksköterska och MAS."""
    *all, last = [look.t(f"fill.reader.{one}") for one in CASE_READERS if one in readers]
    return look.t("common.and", all=", ".join(all), last=last) if all else last


def who_reads(look: Look, shift: Shift, filling: Filling) -> ft.Control:
    """Each kind of reader with those who are one here today, and the way to choose MAS or SAS instead."""
    t = look.t
    readers = reporting.readers(filling)
    people = _people(shift, filling.unit or shift.me.unit) if shift.unlocked else {}
    lines = [
        look.text(_line(look, t(f"fill.reader.{of}"), people.get(of, [])), "body")
        for of in CASE_READERS
        if of in readers
    ]
    inside: list[ft.Control] = [
        ft.Semantics(header=True, heading_level=2, content=look.text(t("fill.readers"), "strong")),
        *lines,
        *([] if filling.amends else _instead(look, shift, filling)),
    ]
    return ft.Column(inside, spacing=Space.XS, tight=True)


def _line(look: Look, kind: str, names: list[str]) -> str:
    kind = kind[:1].upper() + kind[1:]
    if not names:
        return kind
    shown = ", ".join(names[:NAMED])
    more = len(names) - NAMED
    return f"{kind}: {look.t('fill.readers_more', names=shown, count=more) if more > 0 else shown}"


def _people(shift: Shift, here: str) -> dict[str, list[str]]:
    """Who reads each class of stream of a unit today, by name, as far as the phone knows them."""
    day = shift.phone.now().date()
    units = {one.id: one.provider for one in reading.all_of(shift, UnitDocument)}
    same = [one for one, provider in units.items() if provider == units.get(here)]
    staff = sorted(reading.all_of(shift, StaffDocument), key=lambda one: one.name)
    roles = [(one.name, one.roles_in(here, day), one.roles_among([here, *same], day)) for one in staff]
    return {
        of: [name for name, there, anywhere in roles if may(READ_ACT[of], there, anywhere)]
        for of in CASE_READERS
    }


def _instead(look: Look, shift: Shift, filling: Filling) -> list[ft.Control]:
    t = look.t

    def open_it() -> None:
        filling.opened.add(MARK)
        shift.changed()

    async def choose(value: str) -> None:
        filling.instead = value  # type: ignore[assignment]
        shift.changed()
        await fillings.keep(shift, filling.key)

    if MARK not in filling.opened and not filling.instead:
        ask = t("fill.instead_ask")
        return [
            button(
                look, ask, open_it, kind="quiet", icon=ft.Icons.SHIELD_ROUNDED, start=True, identifier=MARK
            )
        ]
    options = [Option(key, t(f"fill.instead_{key or 'usual'}")) for key in ("", "mas", "sas")]
    return [
        look.text(t("fill.instead_help"), "small", look.palette.ink2),
        choices(
            look, options, filling.instead, choose, question=t("fill.instead_ask"), shape="row", columns=1
        ),
    ]


def hints(look: Look, shift: Shift, filling: Filling) -> list[ft.Control]:
    """What had better not stand in the texts. It may be left: whoever writes knows best."""
    t = look.t
    written = [one for one in filling.form.walk() if one.type in ("text", "string")]
    whole = "\n".join(
        str(value)
        for item in written
        if item.link_id not in filling.started
        for value in filling.answers.get(item.link_id, [])
    )
    found: list[ft.Control] = []
    if numbers := personnummer_in(whole):
        found.append(_hint(look, t("fill.hint_number"), ", ".join(numbers)))
    names = names_in(whole, _colleagues(shift), _whose(shift, filling))
    if names:
        found.append(_hint(look, t("fill.hint_name"), ", ".join(names)))
    return found


def _hint(look: Look, title: str, words: str) -> ft.Control:
    detail = look.t("fill.hint_detail", words=words)
    return info_line(look, title, detail, icon=ft.Icons.LIGHTBULB_ROUNDED, tone="accent")


def _colleagues(shift: Shift) -> list[str]:
    return [one.name for one in reading.all_of(shift, StaffDocument)] if shift.unlocked else []


def _whose(shift: Shift, filling: Filling) -> str:
    person: PersonDocument | None = reading.person(shift, filling.person) if shift.unlocked else None
    return person.name if person else ""


def proposal(look: Look, asking: Asking) -> list[ft.Control]:
    """Where it is asked what *Annat* is closest to: what the words sound like, and one press to take it."""
    filling, t = asking.filling, look.t
    item = filling.form.item(CLOSEST)
    if filling.form_name != DEVIATION or item not in fillings.questions(filling, asking.page):
        return []
    found = propose(str(filling.value("deviation.what") or ""))
    option = item.option(CATEGORY_CODES[found.category]) if found and item else None
    if found is None or item is None or option is None or filling.value(CLOSEST):
        return []

    async def take() -> None:
        await asking.choose(item, option.value)

    kind = asking.words.option(option)
    words = ", ".join(f"”{word}”" for word in found.words[:4])
    line = info_line(
        look,
        t("fill.sounds_like", kind=kind),
        t("fill.because", words=words),
        icon=ft.Icons.LIGHTBULB_ROUNDED,
        tone="accent",
    )
    press = button(
        look,
        t("fill.take_proposal", kind=kind),
        take,
        kind="outlined",
        icon=ft.Icons.CHECK_ROUNDED,
        identifier="take-proposal",
    )
    return [ft.Column([line, press], spacing=Space.S, tight=True)]
