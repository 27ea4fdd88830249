"""Failures stand in their package's errors.py, and the tree at the top of that file is drawn as it is."""

import ast
import builtins
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = ("care", "wire", "storage", "sync", "endpoint")
TREES = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("errors.py"))
BUILT_IN = {
    name for name, one in vars(builtins).items() if isinstance(one, type) and issubclass(one, Exception)
}
DRAWN = re.compile(r"^(?P<stem>[│├└─ ]*)(?P<name>[A-Z]\w+)(?: {2,}\S.*)?$")
STEP = 4


def classes(path: Path) -> dict[str, str]:
    """The first base of each class."""
    return {
        node.name: ast.unparse(node.bases[0])
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef) and node.bases
    }


FAILURES = {
    name: base
    for path in TREES
    for name, base in classes(path).items()
    if base not in {"Struct", "NamedTuple"}
}


def drawn(path: Path) -> dict[str, str]:
    """What the tree says: each name's parent; the root's is empty."""
    words = ast.get_docstring(ast.parse(path.read_text())) or ""
    found: dict[str, str] = {}
    above: list[str] = []
    for line in words.splitlines()[1:]:
        if match := DRAWN.match(line):
            depth = len(match["stem"]) // STEP
            found[match["name"]] = above[depth - 1] if depth else ""
            above = [*above[:depth], match["name"]]
    return found


@pytest.mark.parametrize("path", TREES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_tree_is_drawn_as_it_is(path: Path) -> None:
    made, tree = classes(path), drawn(path)
    assert tree
    assert {name for name in made if name in FAILURES} <= tree.keys() <= FAILURES.keys()
    known = FAILURES | made
    assert {name: known[name] for name, parent in tree.items() if parent} == {
        name: parent for name, parent in tree.items() if parent
    }


def test_every_failure_stands_in_a_tree() -> None:
    """Only a package's single failure may stand beside what raises it."""
    loose: dict[Path, list[str]] = {}
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            if path not in TREES:
                found = [
                    f"{path.name}: {name}"
                    for name, base in classes(path).items()
                    if base in BUILT_IN | FAILURES.keys() and not name.startswith("_")
                ]
                loose.setdefault(path.parent, []).extend(found)
    treed = {path.parent for path in TREES}
    assert not [names for folder, names in loose.items() if len(names) > (folder not in treed)]
