"""What the documents say is there is there, and every requirement has its row."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted((ROOT / "docs").glob("*.md"))
SECURITY = (ROOT / "docs" / "security.md").read_text()
FOLDERS = "care|docs|endpoint|release|storage|sync|tests|views|wire"
LAST = {
    **{"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2},
    **{"2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1},
    **{"3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2},
    **{"4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4},
    **{"5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3},
    **{"6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4},
    **{"7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2},
    **{"8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1},
    **{"9.1": 3, "9.2": 4},
    **{"10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3},
    **{"11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1},
    **{"12.1": 3, "12.2": 2, "12.3": 4},
    **{"13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5},
    **{"14.1": 2, "14.2": 4, "14.3": 3},
    **{"15.1": 3, "15.2": 3, "15.3": 7},
    **{"16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3},
    **{"17.1": 1, "17.2": 4, "17.3": 2},
}
"""ASVS 5.0.0: the last requirement of level 1 or 2 in each section; those of level 3 come after them."""


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_is_there(path: Path) -> None:
    text = path.read_text()
    named = re.findall(rf"\b((?:{FOLDERS})/[\w/.-]*\w)(?![*{{\w])", text)
    missing = {name for name in named if not (ROOT / name).exists() and not (ROOT / f"{name}.py").exists()}
    assert missing == set()


def rows() -> dict[str, str]:
    """The standing of each requirement of the tables, by its number."""
    part = SECURITY.partition("## OWASP ASVS")[2].partition("## OWASP MASVS")[0]
    found: dict[str, str] = {}
    for first, standing in re.findall(r"^\| ([\d., to]+) \| (\w[\w ]*) \|", part, re.M):
        for one in first.split(","):
            start, _, end = one.strip().partition(" to ")
            section, number = start.rsplit(".", 1)
            for at in range(int(number), int((end or start).rsplit(".", 1)[1]) + 1):
                assert f"{section}.{at}" not in found, f"{section}.{at} stands twice"
                found[f"{section}.{at}"] = standing
    return found


def test_every_requirement_of_levels_1_and_2_has_its_standing() -> None:
    due = {f"{section}.{at}" for section, last in LAST.items() for at in range(1, last + 1)}
    assert rows().keys() == due
    assert set(rows().values()) <= {"met", "partly", "not met", "keeper", "none"}


def test_every_group_of_masvs_is_gone_through() -> None:
    part = SECURITY.partition("## OWASP MASVS")[2]
    for group, last in {"STORAGE": 2, "CRYPTO": 2, "AUTH": 3, "NETWORK": 2, "PLATFORM": 3, "CODE": 4}.items():
        for at in range(1, last + 1):
            assert f"| {group}-{at} |" in part
    assert "| RESILIENCE-1 to 4 |" in part
