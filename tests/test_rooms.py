"""The order of rooms, whatever somebody calls one."""

import pytest

from care.person import PersonDocument


@pytest.mark.parametrize(
    ("room", "number"),
    [("7", 7), ("", 10**6), ("Norra", 10**6), ("5²", 10**6), ("²", 10**6), ("9" * 5000, 10**6)],
)
def test_a_room_has_its_place_whatever_it_is_called(room: str, number: int) -> None:
    assert PersonDocument(id="p", room=room).room_number == number
