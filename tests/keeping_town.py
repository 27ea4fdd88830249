"""The town, made once and copied for each test: what is kept there differs, the town does not."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.endpoint_server import in_process
from tests.endpoint_town import Town, town


@cache
def _made() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="rapp-keeping-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with town(folder):
        pass
    return folder


@contextmanager
def a_town(folder: Path) -> Iterator[Town]:
    """A town of one's own, in a folder that does not exist yet."""
    shutil.copytree(_made(), folder)
    with in_process(folder, None) as client:
        yield Town(client)
