"""Everything that reads bytes from outside, and how each may refuse them: by its own errors, and no other."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.abuse import of_files, of_wire

CORPUS = Path(__file__).parent / "corpus"
"""What once broke a reader, by the reader's name: tried ever since."""
READERS: dict[str, tuple[Callable[[bytes], None], tuple[type[Exception], ...]]] = {
    **of_wire.READERS,
    **of_files.READERS,
}


def seeds(name: str) -> tuple[bytes, ...]:
    """What a reader begins from."""
    kept = sorted((CORPUS / name).glob("*"))
    return ({**of_wire.SEEDS, **of_files.SEEDS})[name] + tuple(file.read_bytes() for file in kept)


def read(name: str, data: bytes) -> None:
    """Let a reader read. What it raises besides its own errors is a fault."""
    reader, errors = READERS[name]
    with suppress(*errors):
        reader(data)
