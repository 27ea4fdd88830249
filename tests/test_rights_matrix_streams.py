"""Every class of stream x every role x {own unit, same vårdgivare, another vårdgivare}, through /v1/pull."""

from collections.abc import Iterator

import pytest

from care.rights import Role, scopes
from care.streams import READ_ACT, Stream
from endpoint.schema import streams
from tests.rights_square import ENDED, STAFF, UNIT, Square, id_of, square
from wire.envelope import envelope
from wire.messages import Page, Pulled, decode, opened
from wire.signature import Context

READERS = list(Role)
HELD = [
    *(("unit", "person", unit) for unit in UNIT),
    *((of, "sbar", unit) for of in ("nurse",) for unit in UNIT),
    *((of, "deviation", unit) for of in ("chief", "nurse", "mas", "sas") for unit in UNIT),
]
"""(class of stream, kind of aggregate, unit): what the square has in each."""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Square]:
    with square(tmp_path_factory.mktemp("square")) as made:
        yield made


def expected(reader: str) -> set[str]:
    """The streams that the table gives a role held in the own unit."""
    found = {f"staff:{STAFF[reader]}"}
    for of, act in READ_ACT.items():
        reach = scopes(act, frozenset({Role(reader)}))
        found |= {f"{of}:{UNIT['own']}"} if reach & {"unit", "provider"} else set()
        found |= {f"{of}:{UNIT['sibling']}"} if "provider" in reach else set()
    return found


def pulled(here: Square, reader: str, **cursors: str) -> tuple[Pulled, list[Page]]:
    """Everything that a person gets: pages are small enough here for one pull."""
    headers = {"Authorization": f"Bearer {here.tokens[f'own/{reader}']}"}
    query = {"cursor": [f"{stream}@{at}" for stream, at in cursors.items()]}
    answer = here.client.get("/v1/pull", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    found = decode(answer.content, Pulled)
    public = here.parts.keys.sign_public
    return found, [opened(one, public, Context.PAGE, Page) for one in found.pages]


@pytest.mark.parametrize("reader", READERS)
def test_a_person_is_granted_exactly_the_streams_of_the_table(here: Square, reader: str) -> None:
    found, pages = pulled(here, reader)
    assert set(found.streams) == expected(reader)
    assert {page.stream for page in pages} <= expected(reader)


@pytest.mark.parametrize("reader", READERS)
def test_what_stands_in_a_stream_comes_to_its_readers_and_to_nobody_else(here: Square, reader: str) -> None:
    _, pages = pulled(here, reader)
    came = {
        (page.stream, fact.aggregate.kind, fact.aggregate.id)
        for page in pages
        for placed in page.facts
        for fact in [envelope(placed.envelope).fact()]
    }
    due = expected(reader)
    for of, kind, unit in HELD:
        name = f"{of}:{UNIT[unit]}"
        assert ((name, kind, id_of(kind, unit)) in came) == (name in due), (reader, name, kind)
    names = {name for name, _, _ in came}
    assert not any(UNIT["foreign"] in name for name in names)
    own = {f"staff:{STAFF[reader]}"}
    assert {name for name in names if name.startswith("staff:")} <= own, "another person's stream"


@pytest.mark.parametrize("reader", READERS)
def test_a_cursor_of_a_stream_that_is_not_theirs_opens_it_no_more_than_none(
    here: Square, reader: str
) -> None:
    heads = here.parts.database.read_now(lambda c: c.execute(streams.select()).all())
    asked = {row.name: f"{row.epoch}.0" for row in heads if row.name not in expected(reader)}
    assert asked
    found, pages = pulled(here, reader, **asked)
    assert set(found.streams) == expected(reader)
    assert not {page.stream for page in pages} & asked.keys()


def test_who_holds_no_role_any_more_gets_nothing(here: Square) -> None:
    answer = here.client.get("/v1/pull", headers={"Authorization": f"Bearer {here.tokens[f'own/{ENDED}']}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "no_role")


def test_every_class_of_stream_is_tried(here: Square) -> None:
    heads = here.parts.database.read_now(lambda c: c.execute(streams.select()).all())
    assert {Stream.parse(row.name).of for row in heads} == set(READ_ACT)
    assert {unit for _, _, unit in HELD} == set(UNIT)
