"""What the pages of a risk analysis and of a kvalitetsråd have alike: both are handled by actions."""

from collections.abc import Sequence
from typing import Any

from care.case_history import Entry
from care.rights import LICENSED, OVERSIGHT, Act, Role
from care.staff import StaffDocument
from endpoint import documents
from endpoint.console import case_said
from endpoint.console.reader import Reader
from endpoint.console.waiting import waiting
from endpoint.parts import Parts

_OWNERS = frozenset({Role.UNIT_MANAGER, *LICENSED, *OVERSIGHT})


async def people(parts: Parts, reader: Reader, units: frozenset[str]) -> list[StaffDocument]:
    """Those who can own an action in these units, by name."""
    found = [
        one
        for one in await documents.of_kind(parts.database, StaffDocument)
        if not _OWNERS.isdisjoint(one.roles_among(_of_provider(reader, units, one), reader.day))
    ]
    return sorted(found, key=lambda one: one.name)


async def frame(parts: Parts, reader: Reader, here: str, act: Act) -> dict[str, Any]:
    """Around every page of the area: where one is, and where one may begin one."""
    return {
        "here": here,
        "counts": await waiting(parts.database, reader),
        "units": reader.units_for(act),
        "all_units": {unit.id: unit.name for unit in reader.units},
    }


async def worked_on(
    parts: Parts, reader: Reader, units: frozenset[str], entries: Sequence[Entry]
) -> dict[str, Any]:
    """What one that is opened is worked on with: who can own what, and what was done with it."""
    staff = await documents.of_kind(parts.database, StaffDocument)
    full = {
        "people": await people(parts, reader, units),
        "names": {one.id: one.name for one in staff},
        "entries": entries,
        "next": None,
    }
    return {"full": full, "effects": case_said.EFFECTS}


def _of_provider(reader: Reader, units: frozenset[str], staff: StaffDocument) -> set[str]:
    """The units, and where somebody answers for a whole vårdgivare, all of it."""
    everywhere = {unit.id for unit in reader.units}
    over = not OVERSIGHT.isdisjoint(staff.roles_among(everywhere, reader.day))
    return everywhere if over else set(units)
