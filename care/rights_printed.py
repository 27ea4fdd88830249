"""The rights table as Markdown, for docs/rights.md: ``python -m care.rights``."""

from collections.abc import Iterable

from care.rights import Act, Role, Scope, laws, scopes
from care.streams import READ_ACT, Stream, law_of

HEADS: dict[Role, str] = {
    Role.CARER: "carer",
    Role.NURSE: "nurse",
    Role.PHYSIOTHERAPIST: "physiotherapist",
    Role.OCCUPATIONAL_THERAPIST: "occupational therapist",
    Role.UNIT_MANAGER: "unit manager",
    Role.MAS: "MAS",
    Role.MAR: "MAR",
    Role.SAS: "SAS",
    Role.SAFETY_REPRESENTATIVE: "skyddsombud",
    Role.ADMINISTRATOR: "administrator",
}
_WIDEST_FIRST: tuple[Scope, ...] = ("provider", "unit", "self")


def printed() -> str:
    """Both tables: who may do what, and who reads which stream."""
    acts = [[f"`{act.value}`", *_cells(act), laws(act)] for act in Act]
    streams = [[f"`{of}`", *_cells(act), law_of(Stream(of))] for of, act in READ_ACT.items()]
    heads = [HEADS[role] for role in Role]
    return (
        f"## Acts\n\n{_table(['act', *heads, 'law'], acts)}"
        f"\n## Streams\n\n{_table(['stream', *heads, 'law'], streams)}"
    )


def _cells(act: Act) -> list[str]:
    """The widest scope in which each role may do the act."""
    found = (scopes(act, frozenset({role})) for role in Role)
    return [next((scope for scope in _WIDEST_FIRST if scope in one), "") for one in found]


def _table(heads: list[str], rows: Iterable[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
