"""Folders whose names are on the disk, not only in the system's memory, before anything is saved in them."""

import os
from pathlib import Path


def make(path: Path) -> None:
    """Make a folder and what is missing above it; a power cut takes none of them away. Raises OSError."""
    if path.is_dir():
        return
    make(path.parent)
    path.mkdir(exist_ok=True)
    sync(path.parent)


def sync(path: Path) -> None:
    """Wait until the names in a folder are on the disk. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
