"""Nothing imports upwards, and phone and endpoint meet only in care and wire."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "care": {"care"},
    "wire": {"care", "wire"},
    "storage": {"care", "wire", "storage"},
    "sync": {"care", "wire", "storage", "sync"},
    "views": {"care", "wire", "storage", "sync", "views"},
    "endpoint": {"care", "wire", "endpoint"},
}
CARE_MAY_USE = {"msgspec", "dateutil", "fhirpathpy", "antlr4"} | set(sys.stdlib_module_names)
CARE_MAY_NOT_USE = {
    "os",
    "socket",
    "sqlite3",
    "subprocess",
    "threading",
    "asyncio",
    "time",
    "random",
    "secrets",
}
PURE = {"care/forms/__main__.py", "care/news2.py", "care/news2_lines.py"}
"""Command lines of care: they read files and standard input, and nothing imports that part."""


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def modules() -> list[Path]:
    return [path for floor in ALLOWED for path in sorted((ROOT / floor).rglob("*.py"))]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_imports_upwards(path: Path) -> None:
    floor = path.relative_to(ROOT).parts[0]
    ours = imports(path) & (set(ALLOWED) | {"main", "demo", "tests", "bench"})
    assert ours <= ALLOWED[floor]


@pytest.mark.parametrize("path", sorted((ROOT / "care").rglob("*.py")), ids=lambda path: path.name)
def test_care_uses_only_what_is_pure(path: Path) -> None:
    used = imports(path) - {"care"}
    assert used <= CARE_MAY_USE
    if str(path.relative_to(ROOT)) not in PURE:
        assert not used & CARE_MAY_NOT_USE


def test_care_asks_no_clock() -> None:
    for path in sorted((ROOT / "care").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                assert node.attr not in {"now", "today", "utcnow"}, f"{path}:{node.lineno}"


def test_the_phone_packs_only_its_own_dependencies() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    packed = {name.split(">")[0].split("[")[0] for name in project["dependencies"]}
    assert not packed & {"litestar", "sqlalchemy", "alembic", "psycopg", "uvicorn", "jinja2", "pytest"}
