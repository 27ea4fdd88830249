"""Which screen shows which place. One is imported when it is first asked for."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from views import places

SCREENS: dict[type[places.Place], str] = {
    places.Lock: "lock.lock",
    places.PhoneClosed: "closed.closed",
    places.SignIn: "enrolling.sign_in",
    places.Enrol: "enrolling.enrol",
    places.Today: "today.today",
    places.Menu: "menu.menu",
    places.ChangeCode: "code.change_code",
    places.AllowFinger: "finger.allow_finger",
    places.Waiting: "waiting.waiting",
    places.Sign: "sign.sign",
    places.Withhold: "withhold.withhold",
    places.OtherOutcome: "withhold.other_outcome",
    places.PartOfNarcotic: "part_of_narcotic.part_of_narcotic",
    places.AlreadyGiven: "already.already",
    places.Details: "details.details",
    places.Correct: "correct.correct",
    places.Witness: "witness.witness",
    places.GiveAsNeeded: "give_needed.give_needed",
    places.AlreadyAsNeeded: "already.already_as_needed",
    places.AskEffect: "effect.ask_effect",
    places.EndShift: "end_shift.end_shift",
    places.Handovers: "end_shift.handovers",
    places.Ledgers: "ledger.ledgers_list",
    places.LedgerOf: "ledger.ledger_of",
    places.EnterStock: "enter_stock.enter_stock",
    places.ChoosePerson: "choose.choose_person",
    places.ChooseReport: "choose.choose_report",
    places.ChooseUnit: "choose_unit.choose_unit",
    places.Fill: "fill.fill",
    places.Review: "review.review",
    places.Photos: "photos.photos",
    places.AddPhotos: "photos.add_photos",
    places.TakePhoto: "take_photo.take_photo",
    places.CountBreaths: "count_breaths.count_breaths",
    places.Script: "script.script_screen",
    places.BlankScript: "blank_script.blank_script",
    places.AsNeededList: "as_needed.as_needed",
    places.Inbox: "inbox.inbox",
    places.InboxCase: "inbox_case.inbox_case",
    places.InboxDeviation: "inbox_deviation.inbox_deviation",
    places.Sbars: "sbars.sbars",
    places.Case: "case.case",
    places.ReadBack: "read_back.read_back",
    places.MyReports: "my_reports.my_reports",
    places.MyDelegations: "delegations.my_delegations",
    places.Delegation: "delegations.delegation",
    places.DeclineDelegation: "delegations.decline_delegation",
    places.DelegationRegister: "delegations.delegation_register",
    places.AbleNow: "able_now.able_now",
    places.IssueDelegation: "delegating.issue_delegation",
    places.RevokeDelegation: "delegations.revoke_delegation",
    places.ReviewDelegation: "delegation_review.review_delegation",
    places.Orders: "orders.orders",
    places.Order: "order.order",
    places.WriteOrder: "write_order.write_order",
    places.CheckOrder: "check_order.check_order",
    places.PauseOrder: "stop_order.pause_order",
    places.StopOrder: "stop_order.stop_order",
    places.Report: "report.report",
    places.FollowUp: "follow_up.follow_up",
    places.Cases: "cases.case_list",
    places.Routines: "routines.routines",
    places.Routine: "routines.routine",
}
"""Module and function, under `views.screens`."""


def screen(kind: type[places.Place]) -> Callable[..., Any]:
    """The screen of a place."""
    module, _, name = SCREENS[kind].partition(".")
    found: Callable[..., Any] = getattr(import_module(f"views.screens.{module}"), name)
    return found


def load_all() -> None:
    """Import what has not been yet, so that no first tap waits for it."""
    for kind in SCREENS:
        screen(kind)
