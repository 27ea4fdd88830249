"""Facts: bytes are the thing, reading them never loses what is newer than this app."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from msgspec.structs import replace

import care.aggregates  # noqa: F401
from care.dose import DoseCorrected
from care.errors import BodyError, FactError
from care.facts import RANK_MOST, Ref, body_of, decode, encode, known_types
from care.ids import dose_id, is_uuid, uuid7
from tests.statements import NOON, ORDER, fact, new_id

DOSE = Ref("dose", dose_id(ORDER, NOON.date(), "morning"))


def test_a_fact_reads_back_as_it_was_written() -> None:
    stated = fact(DoseCorrected(corrects=new_id()), DOSE, offset_ms=1500)
    assert decode(encode(stated)) == stated
    assert body_of(decode(encode(stated))) == DoseCorrected(
        corrects=msgspec.json.decode(stated.body)["corrects"]
    )


def test_a_wrong_clock_is_corrected_by_what_the_phone_knew() -> None:
    assert fact(DoseCorrected(corrects="x"), DOSE, offset_ms=-90_000).time == NOON - timedelta(seconds=90)


def test_an_unknown_type_is_kept_and_says_nothing() -> None:
    data = encode(fact(DoseCorrected(corrects="x"), DOSE)).replace(b"dose.corrected", b"dose.sung_to")
    assert body_of(decode(data)) is None


def test_a_newer_version_of_a_type_is_kept_and_says_nothing() -> None:
    data = encode(fact(DoseCorrected(corrects="x"), DOSE)).replace(b'"version":1', b'"version":2')
    assert body_of(decode(data)) is None


def test_fields_that_a_newer_app_added_are_passed_over() -> None:
    data = encode(fact(DoseCorrected(corrects="x"), DOSE)).replace(
        b'{"corrects"', b'{"mood":"calm","corrects"'
    )
    assert body_of(decode(data)) == DoseCorrected(corrects="x")


def test_a_known_type_with_a_wrong_body_is_named() -> None:
    data = encode(fact(DoseCorrected(corrects="x"), DOSE)).replace(b'"corrects":"x"', b'"corrects":7')
    with pytest.raises(BodyError, match="corrects"):
        body_of(decode(data))


@pytest.mark.parametrize(
    ("was", "becomes", "field"),
    [
        (b'"rank":1', b'"rank":0', "rank"),
        (b'"seq":1', b'"seq":-1', "seq"),
        (b'"version":1', b'"version":0', "version"),
        (b'"type":"dose.corrected"', b'"type":"Dose Corrected"', "type"),
        (b'"device":"phone-1"', b'"device":""', "device"),
        (b'["dose",', b'["",', "aggregate"),
        (b"2026-03-14T12:00:00Z", b"2026-03-14T12:00:00", "at"),
    ],
)
def test_a_faulty_frame_is_refused_by_field(was: bytes, becomes: bytes, field: str) -> None:
    data = encode(fact(DoseCorrected(corrects="x"), DOSE))
    assert was in data
    with pytest.raises(FactError) as caught:
        decode(data.replace(was, becomes))
    assert caught.value.field == field


@given(st.binary(max_size=300))
def test_any_bytes_give_a_fact_or_a_fact_error(data: bytes) -> None:
    with pytest.raises(FactError):
        decode(data)


def test_every_type_names_its_aggregate_and_a_version() -> None:
    assert len(known_types()) >= 25
    assert all(version == 1 and "." in kind for kind, version in known_types())


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_ids_are_version_seven_and_sort_by_time(ms: int, noise: bytes) -> None:
    made = uuid7(ms, noise)
    assert is_uuid(made)
    assert made[14] == "7"
    assert ms == 0 or uuid7(ms - 1, b"\xff" * 10) < made


@pytest.mark.parametrize(
    ("at", "offset_ms"),
    [
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))), 10**11),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=1))), None),
        (datetime(1999, 12, 31, tzinfo=UTC), None),
        (datetime(2200, 1, 2, tzinfo=UTC), None),
        (datetime(2199, 12, 31, tzinfo=UTC), 10**12),
    ],
)
def test_a_time_outside_two_centuries_is_neither_written_nor_read(
    at: datetime, offset_ms: int | None
) -> None:
    stated = fact(DoseCorrected(corrects="x"), DOSE, at=at, offset_ms=offset_ms)
    with pytest.raises(FactError, match="at"):
        encode(stated)
    with pytest.raises(FactError, match="at"):
        decode(msgspec.json.encode(stated))


@pytest.mark.parametrize(
    "changes", [{"rank": 0}, {"rank": RANK_MOST + 1}, {"seq": 0}, {"unit": ""}, {"body": Raw(b" " * 300_000)}]
)
def test_what_could_not_be_read_again_is_never_written(changes: dict[str, Any]) -> None:
    with pytest.raises(FactError):
        encode(replace(fact(DoseCorrected(corrects="x"), DOSE), **changes))
