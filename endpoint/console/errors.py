"""Every failure of the console.

ConsoleError
├── NotSignedIn     nobody is signed in: on to the sign-in page
├── SignInAgain     signed in too long ago for what cannot be taken back: on to the sign-in page
├── NotYours        signed in, but this is not theirs to see or do
├── NoSuchPage      nothing by that address
├── NotFilledIn     a form of a case in which something is missing or wrong
└── FromElsewhere   a form that was not sent from the console's own pages
"""


class ConsoleError(Exception):
    """Base of everything that the console raises. `text` is the key of what the reader is told."""

    status = 500
    text = "console.error.unexpected"


class NotSignedIn(ConsoleError):
    """Nobody is signed in, or the session is over. `back`: the page to come back to."""

    status = 401
    text = "console.error.not_signed_in"

    def __init__(self, back: str = "/console/") -> None:
        super().__init__(back)
        self.back = back


class SignInAgain(ConsoleError):
    """Signed in, but too long ago for what cannot be taken back. `back`: the page to come back to."""

    status = 403
    text = "console.error.sign_in_again"

    def __init__(self, back: str) -> None:
        super().__init__(back)
        self.back = back


class NotYours(ConsoleError):
    """The reader's roles do not give them this page or this act."""

    status = 403
    text = "console.error.not_yours"


class NoSuchPage(ConsoleError):
    """Nothing by that address, or nothing that the reader may know of."""

    status = 404
    text = "console.error.no_such_page"


class NotFilledIn(ConsoleError):
    """Something is missing or wrong in a form; `text` is the key of what the reader is told beside it."""

    status = 422

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class FromElsewhere(ConsoleError):
    """A form that another site sent through the reader's browser."""

    status = 403
    text = "console.error.from_elsewhere"
