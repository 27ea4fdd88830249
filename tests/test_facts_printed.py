"""docs/facts.md is what care/facts.py and the bodies say, printed."""

import subprocess
import sys
from pathlib import Path

import care.aggregates  # noqa: F401
from care.facts import known_types
from care.facts_printed import printed

ROOT = Path(__file__).parent.parent


def test_the_document_is_what_the_bodies_print() -> None:
    _intro, start, rest = (ROOT / "docs" / "facts.md").read_text().partition("## cabinet\n")
    assert start + rest == printed(), "python -m care.facts_printed, from '## cabinet' to the end"


def test_every_type_is_in_it_with_its_version() -> None:
    assert all(f"**`{name}` {version}**" in printed() for name, version in known_types())


def test_what_is_closed_is_listed_and_what_may_be_left_out_is_said() -> None:
    [given] = [part for part in printed().split("\n**") if part.startswith("`dose.withheld` 1**")]
    assert "- `planned`: time\n" in given
    assert "- `note`: text, or absent" in given
    assert "`asleep` or" in given


def test_the_command_prints_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "care.facts_printed"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == printed()
