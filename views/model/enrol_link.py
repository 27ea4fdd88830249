"""The link in an enrolment's QR code: address, code and name in one, to be pasted in place of the code."""

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

_PAGE = "/console/enrol"


class EnrolLink(NamedTuple):
    address: str
    code: str
    name: str


def spelled_out(address: str) -> str:
    """An address as it was typed, which mostly is without its https://."""
    address = address.strip()
    return address if not address or "://" in address else f"https://{address}"


def enrol_link(text: str) -> EnrolLink | None:
    """What a pasted link says; None: it is no such link, and perhaps the code itself."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return None
    if parts.scheme not in ("https", "http") or not parts.netloc or not parts.fragment:
        return None
    code, _, name = parts.fragment.partition("/")
    before = parts.path.removesuffix("/").removesuffix(_PAGE)
    return EnrolLink(f"{parts.scheme}://{parts.netloc}{before}", unquote(code), unquote(name))
