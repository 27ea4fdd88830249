"""The endpoint's keys are exchanged, backed up and restored, with phones and sealed facts outstanding."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from care.facts import Ref
from care.sbar import SbarCalled
from endpoint import keys as key_file
from endpoint.__main__ import main
from endpoint.ceremony import backup, exchange, notes
from endpoint.errors import KeyFileError
from endpoint.schema import slot_keys
from tests.endpoint_phone import Phone, fresh_id
from tests.endpoint_town import Town, town
from tests.statements import AMINA
from wire.seal import Sealed, Sealer

PHRASE = "sju korta ord som tärningen valde åt oss"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """scrypt at a price that tests can pay; the format says which price was paid."""
    monkeypatch.setattr(backup, "_N", 2**10)


def sealed(phone: Phone) -> Sealed:
    """A fact that the phone has saved and not sent."""
    said = SbarCalled(to="Sjuksköterskan", number="0700000000")
    return phone.seal(phone.fact(said, Ref("sbar", fresh_id()), AMINA))


def statuses(phone: Phone, here: Town, *items: Sealed) -> list[str]:
    phone.client, phone.tokens = here.client, {}
    return [result.status for result in phone.push_sealed(items)]


def test_what_was_sealed_before_an_exchange_is_taken_in_after_it(tmp_path: Path) -> None:
    path = tmp_path / "endpoint.keys"
    with town(tmp_path) as here:
        phone = here.phone(AMINA)
        before, old = sealed(phone), phone.known.seal_public
        prepared = exchange.prepare_seal(path, here.database)
        assert exchange.prepare_seal(path, here.database) == prepared, "asked again: the same"
    with town(tmp_path) as here:
        assert here.parts.keys.seal_public == old, "prepared, and offered to nobody"
        assert here.parts.keys.seal_publics == (old, prepared)
        phone.client, phone.tokens = here.client, {}
        phone.sealer = Sealer(prepared, phone.known.device)
        early = sealed(phone)
        assert statuses(phone, here, early) == ["accepted"], "every worker opens it before it is offered"
        assert exchange.use_seal(path, here.database) == prepared
    with town(tmp_path) as here:
        assert here.parts.keys.seal_publics == (prepared, old)
        assert here.phone().known.seal_public == prepared
        phone.client, phone.tokens = here.client, {}
        assert statuses(phone, here, before, sealed(phone)) == ["accepted", "accepted"]


def test_nothing_is_offered_that_was_not_prepared(tmp_path: Path) -> None:
    with town(tmp_path) as here, pytest.raises(KeyFileError, match="no key is prepared"):
        exchange.use_seal(tmp_path / "endpoint.keys", here.database)


def kept(here: Town) -> dict[tuple[str, str], bytes]:
    """Every slot's key, opened."""
    rows = here.read(lambda c: c.execute(slot_keys.select()).all())
    return {
        (row.device, row.staff): here.parts.keys.unwrap(row.wrapped, f"{row.device}/{row.staff}")
        for row in rows
    }


def test_the_phones_keys_are_the_same_under_a_new_master_key(tmp_path: Path) -> None:
    path = tmp_path / "endpoint.keys"
    with town(tmp_path) as here:
        here.phone(AMINA)
        held, old = kept(here), key_file.read(path)
        assert exchange.exchange_master(path, here.database) == len(held) == 2
    fresh = key_file.read(path)
    assert fresh.master != old.master
    assert not fresh.masters_before
    assert (fresh.sign, fresh.seal) == (old.sign, old.seal)
    with town(tmp_path) as here:
        assert kept(here) == held
        rows = here.read(lambda c: c.execute(slot_keys.select()).all())
        with pytest.raises(KeyFileError):
            key_file.Keys(old).unwrap(rows[0].wrapped, f"{rows[0].device}/{rows[0].staff}")


def test_an_exchange_that_was_broken_off_loses_nothing_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "endpoint.keys"
    with town(tmp_path) as here:
        here.phone(AMINA)
        held = kept(here)
        with monkeypatch.context() as broken:
            broken.setattr(exchange, "_kept_anew", lambda *_: 1 // 0)
            with pytest.raises(ZeroDivisionError):
                exchange.exchange_master(path, here.database)
        begun = key_file.read(path)
    with town(tmp_path) as here:
        assert kept(here) == held, "the old one still opens"
        exchange.exchange_master(path, here.database)
    assert key_file.read(path).master == begun.master, "the exchange that had begun is ended"
    with town(tmp_path) as here:
        assert kept(here) == held


def test_every_column_that_is_kept_under_the_master_key_is_exchanged() -> None:
    named = {
        (table.name, column.name)
        for table in notes.metadata.tables.values()
        for column in table.columns
        if column.name in ("wrapped", "kept") and str(column.type) == "BLOB"
    }
    assert named == {(one.table.name, one.column.name) for one in exchange.KEPT}


def phrase_file(tmp_path: Path, phrase: str = PHRASE) -> str:
    path = tmp_path / "phrase"
    path.write_text(f"{phrase}\nnot this\n")
    return str(path)


def keys(tmp_path: Path, *arguments: str) -> int:
    return main(["keys", *arguments, "--data", str(tmp_path / "data")])


def test_a_lost_key_file_is_restored_and_everything_works_as_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, copy, phrase = tmp_path / "data", str(tmp_path / "copy.json"), phrase_file(tmp_path)
    with town(data) as here:
        phone = here.phone(AMINA)
        waiting, held = sealed(phone), kept(here)
    assert keys(tmp_path, "backup", copy, "--passphrase-file", phrase) == 0
    assert os.stat(copy).st_mode & 0o077 == 0
    (data / "endpoint.keys").unlink()
    assert keys(tmp_path, "restore-check", copy, "--passphrase-file", phrase) == 0
    assert "opens all 2 secrets" in capsys.readouterr().out
    assert keys(tmp_path, "restore", copy, "--passphrase-file", phrase) == 0
    with town(data) as here:
        assert kept(here) == held
        assert statuses(phone, here, waiting) == ["accepted"]


def test_no_key_file_and_no_backup_is_ever_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with town(tmp_path / "data"):
        pass
    copy, phrase = str(tmp_path / "copy.json"), phrase_file(tmp_path)
    before = (tmp_path / "data" / "endpoint.keys").read_bytes()
    assert keys(tmp_path, "backup", copy, "--passphrase-file", phrase) == 0
    made = Path(copy).read_bytes()
    assert keys(tmp_path, "backup", copy, "--passphrase-file", phrase) == 1
    assert keys(tmp_path, "restore", copy, "--passphrase-file", phrase) == 1
    assert "Nothing was written over" in capsys.readouterr().err
    assert Path(copy).read_bytes() == made
    assert (tmp_path / "data" / "endpoint.keys").read_bytes() == before


def test_a_backup_of_before_an_exchange_is_found_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, copy, phrase = tmp_path / "data", str(tmp_path / "copy.json"), phrase_file(tmp_path)
    with town(data) as here:
        here.phone(AMINA)
    assert keys(tmp_path, "backup", copy, "--passphrase-file", phrase) == 0
    assert keys(tmp_path, "rotate-seal") == 0
    assert keys(tmp_path, "rotate-seal", "--use") == 0
    assert keys(tmp_path, "restore-check", copy, "--passphrase-file", phrase) == 1
    assert "LACKING: seal" in capsys.readouterr().out
    (data / "endpoint.keys").unlink()
    assert keys(tmp_path, "restore", copy, "--passphrase-file", phrase) == 0
    assert main(["migrate", "--data", str(data)]) == 1
    assert "older than the database: it lacks seal" in capsys.readouterr().err


def test_a_key_file_of_before_a_new_master_key_starts_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    with town(data) as here:
        here.phone(AMINA)
    shutil.copy(data / "endpoint.keys", tmp_path / "old")
    assert keys(tmp_path, "rotate-master") == 0
    shutil.copy(tmp_path / "old", data / "endpoint.keys")
    assert main(["migrate", "--data", str(data)]) == 1
    assert "another master key" in capsys.readouterr().err


@pytest.mark.parametrize("phrase", ["sju korta ord som tärningen valde åt os", "", PHRASE.upper()])
def test_another_passphrase_opens_nothing(tmp_path: Path, phrase: str) -> None:
    file = key_file.KeyFile(b"a" * 32, (b"b" * 32,), b"c" * 32)
    data = backup.seal_up(file, PHRASE, datetime(2026, 11, 22, tzinfo=UTC))
    assert backup.open_up(data, PHRASE) == file
    with pytest.raises(KeyFileError, match="another passphrase"):
        backup.open_up(data, phrase)


def test_a_passphrase_is_the_same_however_it_was_typed_and_never_short(tmp_path: Path) -> None:
    file = key_file.KeyFile(b"a" * 32, (b"b" * 32,), b"c" * 32)
    now = datetime(2026, 11, 22, tzinfo=UTC)
    data = backup.seal_up(file, "å" * 20, now)
    assert backup.open_up(data, "a\u030a" * 20) == file, "å as one sign, or as an a with a ring"
    with pytest.raises(KeyFileError, match="at least 20"):
        backup.seal_up(file, "kort", now)


def test_no_byte_of_a_backup_can_be_changed_unseen(tmp_path: Path) -> None:
    file = key_file.KeyFile(b"a" * 32, (b"b" * 32,), b"c" * 32)
    data = backup.seal_up(file, PHRASE, datetime(2026, 11, 22, tzinfo=UTC))
    found = backup.read(data)
    for change in ({"made": "2027-01-01"}, {"n": 2**9}, {"salt": b"s" * 16}, {"box": found.box[:-1] + b"x"}):
        changed = msgspec.json.encode(msgspec.structs.replace(found, **change))
        with pytest.raises(KeyFileError):
            backup.open_up(changed, PHRASE)
    for text in (b"", b"{}", data.replace(b"rapp keys 1", b"rapp keys 2"), b"\xff"):
        with pytest.raises(KeyFileError, match="no backup"):
            backup.open_up(text, PHRASE)


def test_a_backup_of_another_endpoint_is_found_out(tmp_path: Path) -> None:
    with town(tmp_path / "data") as here, town(tmp_path / "other"):
        here.phone(AMINA)
        other = key_file.read(tmp_path / "other" / "endpoint.keys")
        with pytest.raises(KeyFileError):
            here.read(lambda c: backup.prove(c, other, ""))
        mixed = key_file.KeyFile(
            other.sign, other.seal, key_file.read(tmp_path / "data/endpoint.keys").master
        )
        with pytest.raises(KeyFileError, match="signed by another key"):
            here.read(lambda c: backup.prove(c, mixed, ""))


def test_the_list_tells_public_halves_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with town(tmp_path / "data"):
        pass
    capsys.readouterr()
    assert keys(tmp_path, "list") == 0
    told = capsys.readouterr().out
    file = key_file.read(tmp_path / "data" / "endpoint.keys")
    assert all(one.public.hex() in told for one in notes.of(file))
    assert not any(secret.hex() in told for secret in (file.sign, file.master, *file.seal))
    assert "phones seal to it" in told


def test_the_database_holds_public_halves_alone(tmp_path: Path) -> None:
    with town(tmp_path) as here:
        here.phone(AMINA)
    whole = (tmp_path / "endpoint.sqlite").read_bytes()
    file = key_file.read(tmp_path / "endpoint.keys")
    assert b"noted_keys" in whole
    assert not any(secret in whole for secret in (file.sign, file.master, *file.seal))
