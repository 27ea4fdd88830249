"""Rapp's components: functions of a `Look`, plain values and callbacks. They know nothing of storage or care."""

from views.components.app_bar import Part, app_bar_back, app_bar_locked, app_bar_person, title_row
from views.components.buttons import button, call_button, small_button
from views.components.frame import frame
from views.components.press import OnPress, pressable
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
from views.components.sync_chip import SyncState, sync_chip
from views.components.task_card import section_title, task_card
from views.components.thumb_bar import Action, thumb_bar
