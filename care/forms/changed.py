"""What differs between two fillings of a form, line by line."""

from collections.abc import Iterable

from msgspec import Struct

from care.forms.summary import Line


class Changed(Struct, frozen=True):
    """A question whose answer is another. ``was``, ``now``: ""; it had, or has, none."""

    label: str
    was: str
    now: str


def changed(before: Iterable[Line], after: Iterable[Line]) -> list[Changed]:
    """The lines that differ, in the order of the later filling; what it has no answer to comes last."""
    was, now = ({line.link_id: line for line in lines} for lines in (before, after))
    found = []
    for link_id in dict.fromkeys([*now, *was]):
        old, new = was.get(link_id), now.get(link_id)
        texts = old.text if old else "", new.text if new else ""
        if texts[0] != texts[1]:
            found.append(Changed((new or old).label, *texts))  # type: ignore[union-attr]
    return found
