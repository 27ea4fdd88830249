"""Compiles sv.po and en.po to <language>/LC_MESSAGES/rapp.mo. Run by `make texts` after editing a text."""

from datetime import UTC, datetime
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent
STILL = datetime(2026, 1, 1, tzinfo=UTC)  # or every run would change the files


def main() -> None:
    for source in sorted(FOLDER.glob("*.po")):
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.stem, abort_invalid=True)
        catalogue.creation_date = STILL
        target = FOLDER / source.stem / "LC_MESSAGES" / "rapp.mo"
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            write_mo(file, catalogue)


if __name__ == "__main__":
    main()
