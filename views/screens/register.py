"""Which screen shows which place."""

from collections.abc import Callable
from typing import Any

from views import places
from views.screens.already import already, already_as_needed
from views.screens.as_needed import as_needed
from views.screens.blank_script import blank_script
from views.screens.case import case
from views.screens.choose import choose_person, choose_report
from views.screens.closed import closed
from views.screens.code import change_code
from views.screens.correct import correct
from views.screens.count_breaths import count_breaths
from views.screens.delegating import issue_delegation
from views.screens.delegations import (
    decline_delegation,
    delegation,
    delegation_register,
    my_delegations,
    revoke_delegation,
)
from views.screens.details import details
from views.screens.effect import ask_effect
from views.screens.end_shift import end_shift, handovers
from views.screens.enrolling import enrol, sign_in
from views.screens.enter_stock import enter_stock
from views.screens.fill import fill
from views.screens.finger import allow_finger
from views.screens.follow_up import follow_up
from views.screens.give_needed import give_needed
from views.screens.inbox import inbox
from views.screens.inbox_case import inbox_case
from views.screens.inbox_deviation import inbox_deviation
from views.screens.ledger import ledger_of, ledgers_list
from views.screens.lock import lock
from views.screens.menu import menu
from views.screens.my_reports import my_reports
from views.screens.read_back import read_back
from views.screens.report import report
from views.screens.review import review
from views.screens.routines import routine, routines
from views.screens.sbars import sbars
from views.screens.script import script_screen
from views.screens.sign import sign
from views.screens.today import today
from views.screens.waiting import waiting
from views.screens.withhold import other_outcome, withhold
from views.screens.witness import witness

SCREENS: dict[type[places.Place], Callable[..., Any]] = {
    places.Lock: lock,
    places.PhoneClosed: closed,
    places.SignIn: sign_in,
    places.Enrol: enrol,
    places.Today: today,
    places.Menu: menu,
    places.ChangeCode: change_code,
    places.AllowFinger: allow_finger,
    places.Waiting: waiting,
    places.Sign: sign,
    places.Withhold: withhold,
    places.OtherOutcome: other_outcome,
    places.AlreadyGiven: already,
    places.Details: details,
    places.Correct: correct,
    places.Witness: witness,
    places.GiveAsNeeded: give_needed,
    places.AlreadyAsNeeded: already_as_needed,
    places.AskEffect: ask_effect,
    places.EndShift: end_shift,
    places.Handovers: handovers,
    places.Ledgers: ledgers_list,
    places.LedgerOf: ledger_of,
    places.EnterStock: enter_stock,
    places.ChoosePerson: choose_person,
    places.ChooseReport: choose_report,
    places.Fill: fill,
    places.Review: review,
    places.CountBreaths: count_breaths,
    places.Script: script_screen,
    places.BlankScript: blank_script,
    places.AsNeededList: as_needed,
    places.Inbox: inbox,
    places.InboxCase: inbox_case,
    places.InboxDeviation: inbox_deviation,
    places.Sbars: sbars,
    places.Case: case,
    places.ReadBack: read_back,
    places.MyReports: my_reports,
    places.MyDelegations: my_delegations,
    places.Delegation: delegation,
    places.DeclineDelegation: decline_delegation,
    places.DelegationRegister: delegation_register,
    places.IssueDelegation: issue_delegation,
    places.RevokeDelegation: revoke_delegation,
    places.Report: report,
    places.FollowUp: follow_up,
    places.Routines: routines,
    places.Routine: routine,
}
