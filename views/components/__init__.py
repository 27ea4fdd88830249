"""Rapp's components: functions of a `Look`, plain values and callbacks. They know nothing of storage or
care."""

from views.components.app_bar import (
    Part,
    app_bar_back,
    app_bar_locked,
    app_bar_person,
    title_block,
    title_row,
)
from views.components.banner import BannerKind, banner
from views.components.buttons import button, call_button, small_button
from views.components.cards import (
    card,
    colleague_row,
    colleagues_card,
    divider,
    dose_card,
    feedback_card,
    info_line,
    note,
    reason_card,
    saved_row,
    says,
    value_row,
    worded_row,
)
from views.components.choice import Option, Shape, choice, choices, confirm_box, question
from views.components.drop_down import drop_down
from views.components.error_card import error_card
from views.components.field import text_field
from views.components.fold import fold
from views.components.frame import frame
from views.components.number_pad import number_pad, pin_dots
from views.components.people import people
from views.components.person_header import case_header, person_header, person_line
from views.components.person_tasks import TaskLine, person_tasks
from views.components.press import OnPress, pressable
from views.components.progress import Step, progress_bars, progress_title, sbar_stepper, timeline
from views.components.receipt import Receipt, receipt
from views.components.script import say_card, score_card, script_card
from views.components.signs import (
    Flag,
    avatar,
    call_112,
    flag_row,
    flag_sign,
    icon_block,
    initials,
    room_block,
    sign,
    time_sign,
)
from views.components.states import empty, error_page, failure_banner, loading
from views.components.sync_chip import SyncState, sync_chip
from views.components.task_card import section_title, task_card
from views.components.thumb_bar import Action, thumb_bar
from views.components.value_field import value_field

__all__ = [
    "Action",
    "BannerKind",
    "Flag",
    "OnPress",
    "Option",
    "Part",
    "Receipt",
    "Shape",
    "Step",
    "SyncState",
    "TaskLine",
    "app_bar_back",
    "app_bar_locked",
    "app_bar_person",
    "avatar",
    "banner",
    "button",
    "call_112",
    "call_button",
    "card",
    "case_header",
    "choice",
    "choices",
    "colleague_row",
    "colleagues_card",
    "confirm_box",
    "divider",
    "dose_card",
    "drop_down",
    "empty",
    "error_card",
    "error_page",
    "failure_banner",
    "feedback_card",
    "flag_row",
    "flag_sign",
    "fold",
    "frame",
    "icon_block",
    "info_line",
    "initials",
    "loading",
    "note",
    "number_pad",
    "people",
    "person_header",
    "person_line",
    "person_tasks",
    "pin_dots",
    "pressable",
    "progress_bars",
    "progress_title",
    "question",
    "reason_card",
    "receipt",
    "room_block",
    "saved_row",
    "say_card",
    "says",
    "sbar_stepper",
    "score_card",
    "script_card",
    "section_title",
    "sign",
    "small_button",
    "sync_chip",
    "task_card",
    "text_field",
    "thumb_bar",
    "time_sign",
    "timeline",
    "title_block",
    "title_row",
    "value_field",
    "value_row",
    "worded_row",
]
