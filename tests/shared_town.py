"""A town with one phone in it, shared by a file's tests: for those that send much and change nothing."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.endpoint_phone import Phone
from tests.endpoint_town import Town, town
from tests.statements import AMINA


@pytest.fixture(scope="module")
def here() -> Iterator[Town]:
    with tempfile.TemporaryDirectory() as folder, town(Path(folder)) as made:
        yield made


@pytest.fixture(scope="module")
def phone(here: Town) -> Phone:
    return here.phone(AMINA)
