"""The phone's packages: the versions that exist for phones, without what their OpenSSL 3.0 lacks."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

BLOCKER = """
import importlib.abc, sys

BLOCKED = (
    "cryptography.hazmat.primitives.hpke",
    "cryptography.hazmat.primitives.kdf.argon2",
    "cryptography.hazmat.primitives.asymmetric.mlkem",
    "cryptography.hazmat.primitives.asymmetric.mldsa",
)

class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in BLOCKED:
            raise ImportError(f"{name}: OpenSSL 3.0 on the phone has no such thing")

sys.meta_path.insert(0, Blocker())
for name in BLOCKED:
    assert name not in sys.modules, name
"""

FEW = ["tests/test_wire.py", "tests/test_store_saves.py"]
"""What touches every package once: signatures, seals, slots, rows."""
ALL = [
    *FEW,
    "tests/test_picture.py",
    "tests/test_facts.py",
    "tests/test_fold.py",
    "tests/test_store_slots.py",
    "tests/test_store_outbox.py",
    "tests/test_sync_push.py",
    "tests/test_sync_pull.py",
]


def test_the_versions_are_those_that_exist_for_phones() -> None:
    assert version("cryptography") == "48.0.0"
    assert version("msgspec") == "0.21.1"
    assert version("pillow") == "12.2.0"


@pytest.mark.parametrize(
    "files", [FEW, pytest.param(ALL, marks=[pytest.mark.soak, pytest.mark.timeout(600)])], ids=["few", "all"]
)
def test_the_phones_own_tests_pass_without_what_its_openssl_lacks(tmp_path: Path, files: list[str]) -> None:
    script = tmp_path / "phone_tests.py"
    script.write_text(
        BLOCKER + "import pytest\n" + f"sys.exit(pytest.main([*{files!r}, '-p', 'no:cacheprovider']))\n"
    )
    done = subprocess.run([sys.executable, str(script)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert " passed" in done.stdout


def test_the_blocker_really_blocks(tmp_path: Path) -> None:
    script = tmp_path / "blocked.py"
    script.write_text(BLOCKER + "import cryptography.hazmat.primitives.kdf.argon2\n")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "no such thing" in done.stderr


def test_no_phone_code_imports_what_the_phone_lacks() -> None:
    wanted = ("primitives.hpke", "argon2", "mlkem", "mldsa")
    for floor in ("care", "wire", "storage", "sync", "views"):
        for path in sorted((ROOT / floor).rglob("*.py")):
            imports = [
                line for line in path.read_text().splitlines() if line.startswith(("import ", "from "))
            ]
            assert not [line for line in imports if any(name in line for name in wanted)], path
