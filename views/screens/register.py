"""Which screen shows which place."""

from collections.abc import Callable
from typing import Any

from views import places
from views.screens.choose import choose_person, choose_report
from views.screens.enrolling import enrol, sign_in
from views.screens.lock import lock
from views.screens.menu import menu
from views.screens.sign import sign
from views.screens.today import today
from views.screens.waiting import waiting
from views.screens.withhold import other_outcome, withhold

SCREENS: dict[type[places.Place], Callable[..., Any]] = {
    places.Lock: lock,
    places.SignIn: sign_in,
    places.Enrol: enrol,
    places.Today: today,
    places.Menu: menu,
    places.Waiting: waiting,
    places.Sign: sign,
    places.Withhold: withhold,
    places.OtherOutcome: other_outcome,
    places.ChoosePerson: choose_person,
    places.ChooseReport: choose_report,
}
