"""docs/rights.md is the table of care/rights.py, printed."""

import subprocess
import sys
from pathlib import Path

from care.rights import Act, Role
from care.rights_printed import HEADS, printed
from care.streams import READ_ACT

ROOT = Path(__file__).parent.parent


def test_the_document_is_what_the_table_prints() -> None:
    _intro, start, rest = (ROOT / "docs" / "rights.md").read_text().partition("## Acts\n")
    assert start + rest == printed(), "python -m care.rights, from '## Acts' to the end of docs/rights.md"


def test_the_command_prints_it() -> None:
    done = subprocess.run([sys.executable, "-m", "care.rights"], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == printed()


def test_every_act_role_and_stream_has_its_place() -> None:
    assert set(HEADS) == set(Role)
    assert all(f"| `{act.value}` |" in printed() for act in Act)
    assert all(f"| `{of}` |" in printed() for of in READ_ACT)
