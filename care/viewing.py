"""The fact of reading: who opened what of a care recipient on a phone. It is logged, and folded by nobody."""

from care.documents import Document, documents
from care.facts import Body, Fact, states

VIEW = "view"
"""The kind of aggregate of one reading: of no stream, never pulled, and it leaves the phone once sent."""

UNFOLDED = frozenset({VIEW})
"""Kinds whose facts are kept as evidence and make no document at the endpoint."""


@states("person.viewed")
class PersonViewed(Body, frozen=True, kw_only=True):
    """Something of one person was opened. The fact's time is the first time in a quarter of an hour."""

    what: str
    """The screen, such as "sign"."""
    under: str = "unit"
    """The class of stream that it was read by, which has its law (`care.streams.READ_ACT`)."""


@documents(VIEW)
class ViewDocument(Document):
    what: str = ""
    under: str = ""

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case PersonViewed():
                self.what, self.under = body.what, body.under
            case _:
                self.unreadable += 1
