"""Where a sign-in goes when it is done."""


def ours(back: str, otherwise: str = "/") -> str:
    """A path of this endpoint, or another that is: a link must not lead a signed-in person elsewhere."""
    local = back.startswith("/") and not back.startswith("//")
    return back if local and back.isascii() and back.isprintable() and "\\" not in back else otherwise
