"""Two processes share the tests: one drives the browser, the other does what needs none, then helps."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling


class Lanes(LoadScopeScheduling):
    """A file's tests stay together, with what they share; those with a phone's browser stand in one line."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Lanes:
    return Lanes(config, log)
