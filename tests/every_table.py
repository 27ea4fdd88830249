"""Every table of the endpoint, whichever module it is in and whatever else a test imports."""

import importlib
import pkgutil
from collections.abc import Mapping

from sqlalchemy import Table

import endpoint
from endpoint.schema import metadata


def every_table() -> Mapping[str, Table]:
    """The tables by name, once all modules have been imported that may have any."""
    for module in pkgutil.walk_packages(endpoint.__path__, "endpoint."):
        if not module.name.startswith("endpoint.migrations") and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return metadata.tables
