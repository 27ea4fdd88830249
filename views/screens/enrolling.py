"""A phone that is new, and a person who is new to the phone: both need the network once."""

import flet as ft

from sync import CaptivePortal, Insecure, OtherEndpoint, Refused, SyncError, Untrusted
from views.components import (
    Action,
    button,
    card,
    error_card,
    frame,
    text_field,
    thumb_bar,
)
from views.guard import boundary
from views.model.device import service
from views.model.enrol_link import EnrolLink, enrol_link, spelled_out
from views.model.shift import Shift
from views.places import Enrol, SignIn
from views.screens.code import CodeTwice
from views.screens.fallen import fallen
from views.screens.parts import back_bar
from views.theme import use_look
from wire.messages import SignInStarted, SignInState

_AGAIN = {
    "enrol.refused": "enrol.again_code",
    "enrol.other_endpoint": "enrol.again_link",
    "delivery.insecure": "enrol.again_address",
    "enrol.untrusted": "enrol.again_untrusted",
}
"""What to do about a fault of an enrolment."""


def enrol(shift: Shift, place: Enrol) -> ft.Control:
    """The short-lived code from the console."""
    look = use_look()
    t = look.t
    address, set_address = ft.use_state(shift.phone.endpoint_url)
    code, set_code = ft.use_state("")
    name, set_name = ft.use_state("")
    pasted, set_pasted = ft.use_state(EnrolLink("", "", ""))
    fault, set_fault = ft.use_state("")

    def written(text: str) -> None:
        # The link of the QR code has all three in it, and whose key is to answer there.
        link = enrol_link(text)
        set_code(link.code if link else text)
        if link:
            set_pasted(link)
            set_address(link.address)
            set_name(link.name or name)

    async def go() -> None:
        to = spelled_out(address)
        try:
            await shift.phone.sync.enrol(to, code.strip(), name.strip(), pasted.key_at(to))
        except OtherEndpoint:
            set_fault("enrol.other_endpoint")
        except Refused:
            set_fault("enrol.refused")
        except Untrusted:
            set_fault("enrol.untrusted")
        except (Insecure, CaptivePortal) as error:
            set_fault(error.key)
        except SyncError:
            set_fault("enrol.no_contact")
        else:
            shift.home()

    ready = bool(address.strip() and code.strip() and name.strip())
    body: list[ft.Control] = [look.heading(t("enrol.title"))]
    if fault:
        body.append(error_card(look, t(fault), t("errors.safe"), t(_AGAIN.get(fault, "enrol.again"))))
    body += [
        look.text(t("enrol.how"), "body"),
        text_field(look, t("enrol.code"), code, written),
        text_field(look, t("enrol.address"), address, set_address, keyboard=ft.KeyboardType.URL),
        text_field(look, t("enrol.name"), name, set_name),
    ]
    main = Action(t("enrol.go"), go if ready else None, ft.Icons.ADD_LINK_ROUNDED)
    return frame(look, back_bar(look, shift, t("common.back")), body, thumb_bar(look, main))


def sign_in(shift: Shift, place: SignIn) -> ft.Control:
    """Strong sign-in in the system browser; then the name is confirmed, and a code chosen for this phone."""
    look = use_look()
    t = look.t
    started, set_started = ft.use_state(None)
    state, set_state = ft.use_state(None)
    fault, set_fault = ft.use_state("")
    again, set_again = ft.use_state("")

    async def begin() -> None:
        set_fault("")
        try:
            start = await shift.phone.sync.start_sign_in()
            set_started(start)
            if look.leaving:
                look.leaving()
            await service(ft.UrlLauncher).launch_url(start.url)
            found = await shift.phone.sync.wait_for_sign_in(start)
        except SyncError:
            set_fault("signin.no_contact")
            set_again("signin.again")
            set_started(None)
            return
        if found.state == "done":
            set_state(found)
        else:
            set_fault("signin.not_done")
            set_again("signin.refused" if found.state == "refused" else "signin.expired")
            set_started(None)

    if state is not None:
        return ChooseCode(shift, started, state)
    body: list[ft.Control] = [look.heading(t("signin.title")), look.text(t("signin.how"), "body")]
    if fault:
        body.append(error_card(look, t(fault), t("errors.safe"), t(again)))
    if started is None:
        bar = thumb_bar(look, Action(t("signin.begin"), begin, ft.Icons.LOGIN_ROUNDED))
        return frame(look, back_bar(look, shift, t("common.back")), body, bar)
    body.append(
        card(
            look,
            [look.text(t("signin.number"), "label", look.palette.ink2), look.text(started.number, "numeral")],
        )
    )
    body.append(look.text(t("signin.same_number"), "body"))
    open_again = lambda: service(ft.UrlLauncher).launch_url(started.url)  # noqa: E731
    body.append(
        button(look, t("signin.open"), open_again, kind="outlined", icon=ft.Icons.OPEN_IN_NEW_ROUNDED)
    )
    return frame(look, back_bar(look, shift, t("common.back")), body)


def choose_code(shift: Shift, started: SignInStarted, found: SignInState) -> ft.Control:
    """Is it you? Then a code, twice."""
    look = use_look()
    t = look.t
    confirmed, confirm = ft.use_state(False)

    async def chosen(code: str) -> str:
        try:
            shift.opened(await shift.phone.sync.certify(started, found, code))
        except SyncError:
            return "signin.no_contact"
        return ""

    if confirmed:
        return CodeTwice(shift, chosen, "signin.code", key="code")
    body: list[ft.Control] = [
        look.heading(t("signin.is_it_you", name=found.name)),
        look.text(t(f"title.{found.title}"), "body", look.palette.ink2),
    ]
    bar = thumb_bar(
        look,
        Action(t("signin.yes", name=found.name.split()[0]), lambda: confirm(True), ft.Icons.CHECK_ROUNDED),
        [Action(t("signin.no"), shift.back, ft.Icons.CLOSE_ROUNDED)],
    )
    return frame(look, back_bar(look, shift, t("common.back")), body, bar)


ChooseCode = boundary(choose_code, page=fallen)
"""A component of its own, with its own boundary: it has its own state."""
