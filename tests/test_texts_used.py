"""No text is kept that nobody says, and what a page of the console asks for is there."""

import ast
import re
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
SAYING = ("views", "endpoint", "care", "sync", "storage")
TEMPLATES = sorted((ROOT / "endpoint").rglob("*.html"))
ASKED = re.compile(r"""\bt(?:\.n)?\(\s*(["'])([\w.]+)\1\s*([~,)])""")
QUOTED = re.compile(r"""(["'])([a-z][\w.]*)\1""")
JOINED = re.compile(r"""(["'])([a-z][\w.]*)\1\s*~\s*(?:\(|[\w.\[\]]+)(?:\s*~\s*(["'])([\w.]+)\3)?""")
ANY = r"\S+"
ENDING = re.compile(r"[._]\w+")
ENDED = re.compile(r"""\w\s*~\s*(["'])([._]\w+)\1""")


@cache
def known() -> frozenset[str]:
    with (ROOT / "assets" / "texts" / "sv.po").open("rb") as file:
        found = read_po(file, locale="sv")
    return frozenset(one.id if isinstance(one.id, str) else one.id[0] for one in found if one.id)


def spoken() -> tuple[set[str], set[str], set[str]]:
    """Every constant; the patterns of what is put together; and what is put at the end of a key."""
    words: set[str] = set()
    patterns: set[str] = set()
    for node in (node for path in sources() for node in ast.walk(ast.parse(path.read_text()))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            parts = (re.escape(str(of.value)) if isinstance(of, ast.Constant) else ANY for of in node.values)
            patterns.add("".join(parts))
    for page in (path.read_text() for path in TEMPLATES):
        words |= {word for _, word in QUOTED.findall(page)}
        patterns |= {re.escape(start) + ANY + re.escape(end) for _, start, _, end in JOINED.findall(page)}
        patterns |= {ANY + re.escape(end) for _, end in ENDED.findall(page)}
    ends = {one.removeprefix(ANY).replace("\\", "") for one in patterns if one.startswith(ANY)}
    return (
        words,
        {one for one in patterns if tells_an_area(one)},
        {one for one in ends if ENDING.fullmatch(one)},
    )


def tells_an_area(pattern: str) -> bool:
    return "." in pattern.split(ANY)[0]


def sources() -> list[Path]:
    return [path for folder in SAYING for path in sorted((ROOT / folder).rglob("*.py"))]


def test_every_text_is_said_somewhere() -> None:
    words, patterns, ends = spoken()
    put_together = re.compile("|".join(sorted(patterns)))
    words |= {word + end for word in words for end in ends}
    assert not [key for key in sorted(known() - words) if not put_together.fullmatch(key)]


def test_every_text_that_a_page_asks_for_is_there() -> None:
    missing = []
    for path in TEMPLATES:
        for _, key, ends in ASKED.findall(path.read_text()):
            if ends == "~":
                assert any(one.startswith(key) for one in known()), f"{path.name}: {key}"
            elif key not in known():
                missing.append(f"{path.name}: {key}")
    for path in sorted((ROOT / "endpoint").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                asks = ast.unparse(node.func).split(".")[-1] == "t" or ast.unparse(node.func).endswith("t.n")
                if asks and node.args[0].value not in known():
                    missing.append(f"{path.name}: {node.args[0].value}")
    assert not missing
