"""The link in an enrolment's QR code: address, code, name and the endpoint's key in one, pasted for the code.

    https://rapp.example.se/console/enrol?key=<fingerprint>#ABCDE-FGHIJ/Telefon%203

The fingerprint stands where an older app passes it over; a link of an older console has none.
"""

from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

_PAGE = "/console/enrol"


class EnrolLink(NamedTuple):
    address: str
    code: str
    name: str
    key: str = ""
    """Fingerprint of the endpoint's key (`wire.anchors`); empty: the link names none."""

    def key_at(self, address: str) -> str:
        """The key that whoever answers at this address must have; empty: the link is for another one."""
        return self.key if address == self.address else ""


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
    key = parse_qs(parts.query).get("key", [""])[0]
    return EnrolLink(f"{parts.scheme}://{parts.netloc}{before}", unquote(code), unquote(name), key)
