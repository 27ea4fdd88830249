"""What the chip says, from what waits and what the last tries showed."""

from datetime import UTC, datetime

import pytest

from sync.state import Connection, Phase, chip, phase

SEVEN = datetime(2026, 3, 14, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("waiting", "needs_action", "connection", "expected"),
    [
        (0, 0, Connection(), "sent"),
        (0, 0, Connection(connected=True), "sent"),
        (0, 0, Connection(connected=False), "offline"),
        (1, 0, Connection(), "waiting"),
        (1, 0, Connection(sending=True), "sending"),
        (1, 0, Connection(connected=True), "sending"),
        (3, 0, Connection(connected=False), "offline"),
        (3, 0, Connection(connected=False, sending=True), "offline"),
        (3, 0, Connection(connected=True, asked_to_wait=True), "waiting"),
        (0, 0, Connection(connected=True, asked_to_wait=True), "sent"),
        (3, 1, Connection(connected=False), "action"),
        (0, 1, Connection(connected=True), "action"),
        (0, 0, Connection(connected=True, trouble="delivery.too_old"), "action"),
    ],
)
def test_the_chip_has_one_form_at_a_time(
    waiting: int, needs_action: int, connection: Connection, expected: Phase
) -> None:
    assert phase(waiting, needs_action, connection) == expected


def test_sent_is_never_said_while_anything_waits() -> None:
    for connected in (None, True, False):
        for sending in (False, True):
            for asked in (False, True):
                connection = Connection(connected=connected, sending=sending, asked_to_wait=asked)
                assert phase(1, 0, connection) != "sent"


def test_the_chip_carries_the_times_and_the_reason() -> None:
    state = chip(2, 0, Connection(connected=False, reason="delivery.portal"), SEVEN, SEVEN)
    assert (state.waiting, state.last_contact, state.all_sent_at) == (2, SEVEN, SEVEN)
    assert state.reason == "delivery.portal"


def test_what_needs_somebody_is_named_before_why_it_is_offline() -> None:
    assert chip(0, 1, Connection(connected=False, reason="delivery.offline")).reason == "delivery.quarantined"
    refused = Connection(connected=False, reason="delivery.offline", trouble="delivery.refused")
    assert chip(0, 1, refused).reason == "delivery.refused"
