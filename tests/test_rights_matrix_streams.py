"""Every class of stream x every role x {own unit, same vårdgivare, another vårdgivare}, through /v1/pull."""

from collections.abc import Iterator

import pytest

from care.facts import Ref
from care.rights import Role, scopes
from care.streams import READ_ACT, Stream
from endpoint.schema import streams
from tests.rights_square import ENDED, OFFICE_PHONE, OFFICE_UNIT, STAFF, UNIT, Square, id_of, square
from wire.encoding import decode
from wire.envelope import envelope
from wire.messages import (
    Page,
    Pulled,
    Signed,
    Whole,
    opened,
)
from wire.signature import Context

READERS = list(Role)
HELD = [
    *(("unit", "person", unit) for unit in UNIT),
    *((of, "sbar", unit) for of in ("nurse",) for unit in UNIT),
    *((of, "deviation", unit) for of in ("chief", "nurse", "mas", "sas", "safety") for unit in UNIT),
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
        found |= {f"{of}:{UNIT['sibling']}", f"{of}:{OFFICE_UNIT}"} if "provider" in reach else set()
    return found


def pulled(here: Square, reader: str, phone: str = "own", **cursors: str) -> tuple[Pulled, list[Page]]:
    """Everything that a person gets: pages are small enough here for one pull."""
    headers = {"Authorization": f"Bearer {here.tokens[f'{phone}/{reader}']}"}
    query = {"cursor": [f"{stream}@{at}" for stream, at in cursors.items()]}
    answer = here.client.get("/v1/pull", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    found = decode(answer.content, Pulled)
    public = here.parts.keys.sign_public
    return found, [opened(one, public, Context.PAGE, Page) for one in found.pages]


def stood(pages: list[Page]) -> set[tuple[str, str, str]]:
    """(stream, kind, id) of what came."""
    facts = [(page.stream, envelope(placed.envelope).fact()) for page in pages for placed in page.facts]
    return {(stream, fact.aggregate.kind, fact.aggregate.id) for stream, fact in facts}


@pytest.mark.parametrize("reader", READERS)
def test_a_person_is_granted_exactly_the_streams_of_the_table(here: Square, reader: str) -> None:
    found, pages = pulled(here, reader)
    assert set(found.streams) == expected(reader)
    assert {page.stream for page in pages} <= expected(reader)


@pytest.mark.parametrize("reader", READERS)
def test_what_stands_in_a_stream_comes_to_its_readers_and_to_nobody_else(here: Square, reader: str) -> None:
    came = stood(pulled(here, reader)[1])
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


@pytest.mark.parametrize("reader", READERS)
def test_one_aggregate_is_fetched_by_whoever_reads_a_stream_of_it_and_by_nobody_else(
    here: Square, reader: str
) -> None:
    headers = {"Authorization": f"Bearer {here.tokens[f'own/{reader}']}"}
    came = stood(pulled(here, reader)[1])
    for of, kind, unit in HELD:
        name, id = f"{of}:{UNIT[unit]}", id_of(kind, unit)
        theirs = expected(reader)
        any_of = {stream for stream, *what in came if what == [kind, id]}
        assert (name in any_of) == (name in theirs)
        for query, due in (({"stream": name}, name in theirs), ({}, bool(any_of))):
            answer = here.client.get(f"/v1/aggregate/{kind}/{id}", params=query, headers=headers)
            assert answer.status_code == (200 if due else 404), (reader, name, kind, query)
            if due:
                signed = decode(answer.content, Signed)
                whole = opened(signed, here.parts.keys.sign_public, Context.WHOLE, Whole)
                assert whole.stream in ({name} if query else any_of)
                facts = {envelope(placed.envelope).fact().aggregate for placed in whole.facts}
                assert facts == {Ref(kind, id)}
            else:
                nothing = f"/v1/aggregate/{kind}/{id_of('nothing', unit)}"
                nowhere = here.client.get(nothing, params=query, headers=headers)
                assert answer.json() == nowhere.json(), "what is not theirs is like what is nowhere"


@pytest.mark.parametrize("reader", READERS)
def test_an_offices_phone_gives_cases_and_ones_own_and_nothing_of_any_care(here: Square, reader: str) -> None:
    found, pages = pulled(here, reader, OFFICE_PHONE)
    due = {name for name in expected(reader) if Stream.parse(name).of in ("mas", "sas", "safety", "staff")}
    assert set(found.streams) == due
    assert {page.stream for page in pages} <= due
    kinds = {kind for stream, kind, _ in stood(pages) if not stream.startswith("staff:")}
    assert not kinds & {"person", "order", "dose", "prn", "stock", "task", "delegation", "sbar"}, kinds
    headers = {"Authorization": f"Bearer {here.tokens[f'{OFFICE_PHONE}/{reader}']}"}
    for query, code in (
        ({}, "no_such_aggregate"),
        ({"stream": f"unit:{UNIT['own']}"}, "no_such_stream"),
    ):
        answer = here.client.get(
            f"/v1/aggregate/person/{id_of('person', 'own')}", params=query, headers=headers
        )
        assert (answer.status_code, answer.json()["code"]) == (404, code)


@pytest.mark.parametrize("path", ["/v1/pull", "/v1/aggregate/dose/x"])
def test_who_holds_no_role_any_more_gets_nothing(here: Square, path: str) -> None:
    answer = here.client.get(path, headers={"Authorization": f"Bearer {here.tokens[f'own/{ENDED}']}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "no_role")


def test_every_class_of_stream_is_tried(here: Square) -> None:
    heads = here.parts.database.read_now(lambda c: c.execute(streams.select()).all())
    assert {Stream.parse(row.name).of for row in heads} == set(READ_ACT)
    assert {unit for _, _, unit in HELD} == set(UNIT)
