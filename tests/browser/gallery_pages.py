"""The gallery's pages: invented people, in the places of the pictures that the screens are held against."""

import flet as ft

from views.components import (
    Action,
    Flag,
    app_bar_person,
    frame,
    section_title,
    sync_chip,
    task_card,
    thumb_bar,
    title_row,
)
from views.theme import use_look

I = ft.Icons


def nothing() -> None:
    """A press that does nothing."""


def idag() -> ft.Control:
    look = use_look()
    t = look.t
    return frame(
        look,
        app_bar_person(look, "Amina Yusuf", "Granen, plan 2", nothing),
        [
            title_row(look, t("today.title"), sync_chip(look, "sent", nothing, at="07:12")),
            section_title(look, t("common.late"), 1, icon=I.ALARM_ROUNDED, tone="late"),
            task_card(
                look,
                name="Siv Hedman",
                room="8",
                what="Levaxin, 1 tablett",
                icon=I.MEDICATION_ROUNDED,
                time="Sen 20 min",
                time_tone="late",
                flags=[Flag("På tom mage", I.NO_MEALS_ROUNDED)],
                on_press=nothing,
            ),
            section_title(look, t("common.now"), 2, icon=I.PLAY_CIRCLE_ROUNDED, tone="accent"),
            task_card(
                look,
                name="Aina Rask",
                room="3",
                what="Dospåse morgon, 5 tabletter",
                icon=I.MEDICATION_ROUNDED,
                time="Till 09:00",
                time_tone="accent",
                flags=[
                    Flag("Sväljer svårt", I.RESTAURANT_ROUNDED),
                    Flag("Allergi: penicillin", I.BLOCK_ROUNDED, allergy=True),
                ],
                on_press=nothing,
            ),
            task_card(
                look,
                name="Bror Lindqvist",
                room="12",
                what="Tillsyn efter fall",
                icon=I.VISIBILITY_ROUNDED,
                time="Till 08:00",
                time_tone="accent",
                flags=[
                    Flag("Blodförtunnande", I.BLOODTYPE_ROUNDED),
                    Flag("Föll i natt", I.PERSONAL_INJURY_ROUNDED),
                    Flag("Diabetes", I.WATER_DROP_ROUNDED),
                ],
                on_press=nothing,
            ),
            section_title(look, t("common.later"), 6, icon=I.SCHEDULE_ROUNDED),
        ],
        thumb_bar(
            look,
            Action(t("nurse.contact"), nothing, I.SUPPORT_AGENT_ROUNDED),
            [
                Action(t("deviation.report"), nothing, I.ASSIGNMENT_LATE_ROUNDED, "soft"),
                Action("Vid behov", nothing, I.MEDICATION_LIQUID_ROUNDED, "soft"),
            ],
        ),
        moved_at=1,
    )


PAGES = {"idag": idag}
