"""Three processes share the tests: one drives the browser, the others do what needs none, then help.

Three on two cores: much of what they do is to wait, for a page, a process or a database.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling


class Lanes(LoadScopeScheduling):
    """A file's tests stay together, with what they share; those with a phone's browser stand in one line."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Lanes:
    return Lanes(config, log)


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Any]:
    """A ward of phones, closed afterwards."""
    from tests.ward import Ward  # half of the app: not for tests that need none of it

    made = Ward(tmp_path)
    yield made
    for shift in made.shifts:
        shift.phone.store.close()
