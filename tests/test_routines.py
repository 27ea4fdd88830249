"""Routines: versions and reviews, the text that phone and console read the same, who may publish what."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from care.documents import fold
from care.facts import Body, Ref
from care.rights import Role
from care.routine import RoutineDocument, RoutinePublished, RoutineReviewed, RoutineWithdrawn
from care.routine_text import Block, Words, plain, read
from care.signing import local_day
from care.streams import streams_of
from endpoint import documents
from endpoint.demo import names
from tests.console_world import GRANEN, NORR, World, world
from tests.statements import KARIN, OTHER_UNIT, UNIT, fact

DAY = date(2026, 3, 14)
ID = "0192eeee-0000-7000-8000-000000000001"
FIRST = RoutinePublished(
    title="Efter ett fall",
    area="Fall",
    text="Lyft inte.\n\n1. Ring",
    owner=KARIN,
    owner_name="Karin Ström",
    owner_role=Role.NURSE,
    decided=DAY,
    decided_by="MAS",
    valid_from=DAY,
    review_by=DAY + timedelta(days=365),
    units=(UNIT,),
)


def routine(*bodies: Body) -> RoutineDocument:
    found = fold("routine", ID, [fact(body, Ref("routine", ID), rank=n) for n, body in enumerate(bodies, 1)])
    assert isinstance(found, RoutineDocument)
    return found


def title(found: RoutineDocument, day: date) -> str | None:
    version = found.on(day)
    return version.body.title if version else None


def test_the_version_of_a_day_is_the_last_that_had_come_into_force() -> None:
    later = replace(FIRST, title="Ny", valid_from=DAY + timedelta(days=30))
    found = routine(FIRST, later)
    days = (-1, 0, 29, 30)
    assert [title(found, DAY + timedelta(days=n)) for n in days] == [
        None,
        "Efter ett fall",
        "Efter ett fall",
        "Ny",
    ]
    assert [version.number for version in found.versions] == [1, 2]


def test_a_review_moves_the_next_one_and_withdrawing_ends_it_until_it_is_published_anew() -> None:
    late = DAY + timedelta(days=366)
    assert routine(FIRST).state(late) == "review_overdue"
    assert routine(FIRST).state(late - timedelta(days=10)) == "review_soon"
    again = RoutineReviewed(reviewed=late, review_by=late + timedelta(days=365))
    assert routine(FIRST, again).state(late) == "in_force"
    gone = RoutineWithdrawn(day=late)
    assert routine(FIRST, gone).state(late) == "withdrawn"
    assert routine(FIRST, gone).holds_in(UNIT, late) is None
    assert routine(FIRST, gone).holds_in(UNIT, late - timedelta(days=1)) is not None
    assert routine(FIRST, gone, FIRST).state(DAY) == "in_force"
    assert routine(replace(FIRST, valid_from=late)).state(DAY) == "coming"


def test_it_is_in_the_streams_of_every_unit_that_had_it_and_holds_only_where_it_holds() -> None:
    moved = routine(FIRST, replace(FIRST, units=(OTHER_UNIT,)))
    assert {str(one) for one in streams_of(moved)} == {f"unit:{UNIT}", f"unit:{OTHER_UNIT}"}
    assert moved.holds_in(UNIT, DAY) is None
    assert moved.holds_in(OTHER_UNIT, DAY) is not None


def line(*words: str | Words) -> tuple[Words, ...]:
    return tuple(one if isinstance(one, Words) else Words(one) for one in words)


def test_the_small_subset_is_read_and_everything_else_stands_as_it_was_written() -> None:
    text = """## Först
Stanna hos **personen**.
Ring sedan.

1. Ring 112
2) Ring sjuksköterskan,
   också på natten

- Filt
* Vatten
<b>inte fet</b> [länk](https://example.org)
#inte rubrik
"""
    assert read(text) == [
        Block("heading", (line("Först"),)),
        Block("paragraph", (line("Stanna hos ", Words("personen", True), ". Ring sedan."),)),
        Block("steps", (line("Ring 112"), line("Ring sjuksköterskan, också på natten"))),
        Block(
            "list",
            (
                line("Filt"),
                line("Vatten <b>inte fet</b> [länk](https://example.org) #inte rubrik"),
            ),
        ),
    ]
    assert read("") == []
    assert plain("## A\n\n1. **B**") == "A B"


def test_steps_with_an_empty_line_between_them_are_one_list() -> None:
    assert [block.kind for block in read("1. A\n\n2. B\n\nC\n\n1. D")] == ["steps", "paragraph", "steps"]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


def sent(here: World, do: str = "publish", **changes: Any) -> dict[str, Any]:
    day = local_day(here.now)
    return {
        "title": "Efter ett fall",
        "area": "Fall",
        "text": "## Först\n\n1. Lyft **inte**\n2. Ring <script>",
        "owner": f"{names.STAFF['Eva Holm']}/mas",
        "decided": day.isoformat(),
        "decided_by": "Ledningsgruppen",
        "valid_from": day.isoformat(),
        "review_by": (day + timedelta(days=200)).isoformat(),
        "units": [GRANEN, NORR],
        "do": do,
    } | changes


async def published(here: World, **changes: Any) -> str:
    answer = await here.send("/routines/new", sent(here, **changes))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).removeprefix("/console")


async def test_a_routine_is_looked_at_then_published_and_read_by_everybody(here: World) -> None:
    await here.sign_in("Eva Holm")
    assert "Ny rutin" in await here.see("/routines/new")
    answer = await here.send("/routines/new", sent(here, "preview"))
    assert "Så ser rutinen ut" in answer.text
    assert not await documents.of_kind(here.parts.database, RoutineDocument)
    path = await published(here)
    html = await here.see(path)
    assert "<li>Lyft <strong>inte</strong></li>" in html
    assert "<li>Ring &lt;script&gt;</li>" in html
    for name in ("Amina Yusuf", "Robin Sand", "Karin Ström"):
        await here.sign_in(name)
        assert "Efter ett fall" in await here.see("/routines")
        assert "Ändra rutinen" not in await here.see(path)
        assert (await here.send(f"{path}/edit", sent(here))).status_code == 403
        assert (await here.send(f"{path}/withdraw")).status_code == 403
        await here.see("/routines/new", 403)


async def test_what_no_database_holds_is_left_out_and_lines_end_alike(here: World) -> None:
    await here.sign_in("Eva Holm")
    await published(here, title="Efter\0 ett fall", text="Lyft inte.\r\n\r\nRing 112.\0")
    (found,) = await documents.of_kind(here.parts.database, RoutineDocument)
    assert found.latest
    assert (found.latest.body.title, found.latest.body.text) == ("Efter ett fall", "Lyft inte.\n\nRing 112.")


async def test_a_new_version_keeps_the_old_one_readable(here: World) -> None:
    await here.sign_in("Eva Holm")
    path = await published(here)
    assert 'value="Efter ett fall"' in await here.see(f"{path}/edit")
    answer = await here.send(f"{path}/edit", sent(here, text="Ring 112.", changes="Kortare"))
    assert answer.status_code == 303
    html = await here.see(path)
    assert "Ring 112." in html
    assert "Kortare" in html
    old = await here.see(f"{path}?version=1")
    assert "Lyft" in old
    assert "inte den senaste" in old


async def test_what_is_wrong_is_said_beside_the_field_and_the_rest_is_kept(here: World) -> None:
    await here.sign_in("Eva Holm")
    wrong = {
        "title": "",
        "text": " ",
        "owner": f"{names.STAFF['Amina Yusuf']}/carer",
        "review_by": "2020-01-01",
        "units": "elsewhere",
    }
    for name, value in wrong.items():
        answer = await here.send("/routines/new", sent(here, **{name: value}))
        assert answer.status_code == 422, name
        assert f'id="fault-{name}"' in answer.text
        assert "Ledningsgruppen" in answer.text
    assert not await documents.of_kind(here.parts.database, RoutineDocument)


async def test_a_review_that_is_overdue_stands_first_and_is_counted_until_it_is_made(here: World) -> None:
    await here.sign_in("Eva Holm")
    await published(here, title="Annan", area="A")
    day = local_day(here.now)
    path = await published(here, valid_from="2020-01-01", review_by=str(day - timedelta(days=1)))
    html = await here.see("/routines")
    assert html.index("Efter ett fall") < html.index("Annan")
    assert "Behöver gås igenom" in html
    assert 'id="count-routines">1' in html
    assert "Välj en dag längre fram" in (await here.send(f"{path}/review", {"review_by": str(day)})).text
    ahead = {"review_by": str(day + timedelta(days=300))}
    assert (await here.send(f"{path}/review", ahead)).status_code == 303
    assert "Behöver gås igenom" not in await here.see("/routines")


async def test_a_chief_publishes_for_her_units_and_changes_nothing_of_others(here: World) -> None:
    """A routine that is also for a unit which is not hers is not hers to change."""
    await here.sign_in("Maria Nyberg")
    owner = f"{names.STAFF['Maria Nyberg']}/unit_manager"
    path = await published(here, units=GRANEN, owner=owner)
    assert "försvinner" in await here.see(f"{path}/withdraw")
    assert (await here.send(f"{path}/withdraw", {"reason": "Ersatt"})).status_code == 303
    html = await here.see(path)
    assert "Gäller inte längre" in html
    assert "Ersatt" in html
    stranger = await documents.get(here.parts.database, RoutineDocument, path.rpartition("/")[2])
    assert stranger is not None
    body = replace(FIRST, units=(GRANEN, OTHER_UNIT))
    await here.says("Eva Holm", body, Ref("routine", ID), GRANEN)
    await here.see(f"/routines/{ID}")
    await here.see(f"/routines/{ID}/edit", 403)
    await here.see("/routines/none", 404)
