"""Two processes share the tests: one drives the browser, the other does what needs none, then helps."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests stay together, with what they share; those with a browser stand in one line."""
    for item in items:
        group = "browser" if "browser" in item.path.parts else item.path.stem
        item.add_marker(pytest.mark.xdist_group(group))
