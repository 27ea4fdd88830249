"""Four processes share the tests: three drive browsers, one does what needs none; who is done first helps.

Four on two cores: much of what they do is to wait, for a page, a process or a database.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

# How long an example takes says how busy the machine is.
settings.register_profile("rapp", deadline=None)
settings.load_profile("rapp")


class Lanes(LoadScopeScheduling):
    """A file's tests stay together, with what they share; those with a phone's browser stand in three lines:
    each screen by itself, the walks that go from one to the next, and the scripts of ``scenarios``."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if not file.startswith("tests/browser/"):
            return file
        if file.endswith(("test_screens.py", "test_gallery.py", "test_boot.py")):
            return "screens"
        return "scenarios" if file.endswith(("_scenarios.py", "_fall.py")) else "walks"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Lanes:
    return Lanes(config, log)


@pytest.fixture(scope="module", autouse=True)
def _locks(request: pytest.FixtureRequest) -> Iterator[None]:
    from tests.light_locks import AS_IN_THE_APP, light

    file = request.path
    if file.name in AS_IN_THE_APP or file.parent.name == "browser":
        yield
    else:
        with light():
            yield


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Any]:
    """A ward of phones, closed afterwards."""
    from tests.ward import Ward  # half of the app: not for tests that need none of it

    made = Ward(tmp_path)
    yield made
    for shift in made.shifts:
        shift.phone.store.close()
