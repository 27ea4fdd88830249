"""When what is saved cannot be opened, or was found broken: what is said, and help that stays."""

import os
from pathlib import Path

import pytest

from storage import (
    Busy,
    Damaged,
    DiskFault,
    DiskFull,
    FileGone,
    FileSecret,
    Newer,
    ReadOnly,
    StorageError,
    WrongSecret,
    checking,
    lock_info,
    open_store,
)
from tests.headless import Headless
from tests.test_filling import Screen, called
from tests.ward import AMINA, FORMS, START, Ward
from views.app import App
from views.faults import words_of
from views.guard import describe
from views.model.phone import LEAST_FREE, SBAR, Phone
from views.places import BlankScript, Lock, Waiting
from views.texts import Texts
from views.theme import LIGHT, Look
from views.unopened import Help, Unopened


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


class Opening(Screen):
    """Of a shift, or of what has none yet."""

    async def click(self, name: str) -> None:
        await Headless.click(self, name)
        await self.settle(0.05)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DiskFull("x"), "Telefonen är full."),
        (ReadOnly("x"), "Telefonen kan inte spara just nu."),
        (DiskFault("x"), "Telefonens minne svarar inte som det ska."),
        (FileGone("x"), "Någon eller något har tagit bort appens fil."),
        (Busy("x"), "Något annat på telefonen använder det som är sparat."),
        (Damaged("file", "*"), "Något i telefonens fil har gått sönder."),
        (Newer("x"), "Appen är äldre än det som är sparat."),
        (WrongSecret("x"), "Telefonens nyckel är borta."),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else "",
)
def test_each_failure_has_its_own_sentence_what_is_safe_and_what_to_do(
    error: StorageError, said: str
) -> None:
    look = Look(palette=LIGHT, texts=Texts.load("sv"))
    happened, safe, to_do = words_of(look, describe(error))
    assert happened == said
    assert safe == "Det du sparat finns kvar."
    assert to_do.endswith(".")
    assert "x" not in (happened, safe, to_do)


async def test_a_store_that_cannot_be_opened_leaves_112_the_nurse_and_the_script(ward: Ward) -> None:
    info = ward.phone("a", AMINA).phone.store.lock_info
    assert info
    tried = []

    async def again() -> None:
        tried.append(1)

    failure = describe(ReadOnly("x"))
    async with Opening(Unopened, failure, again, Help(FORMS[SBAR], info)) as screen:
        assert screen.has("Rapp kan inte öppnas")
        assert screen.has("Telefonen kan inte spara just nu.")
        assert screen.has("Situation")
        assert screen.find("112")
        await screen.click("call-nurse")
        assert "0701740605" in called(screen)[-1]
        await screen.click("leave")
        assert tried == [1]


async def test_without_any_number_the_script_and_112_are_there() -> None:
    async def again() -> None: ...

    async with Opening(Unopened, describe(Newer("x")), again, Help(FORMS[SBAR])) as screen:
        assert screen.has("Uppdatera appen. Skriv på papper så länge.")
        assert screen.has("Situation")
        assert screen.find("112")
        with pytest.raises(LookupError):
            screen.find("call-nurse")


def test_the_numbers_are_found_in_a_file_that_does_not_open(ward: Ward, tmp_path: Path) -> None:
    shift = ward.phone("a", AMINA)
    store = shift.phone.store
    known, folder = store.lock_info, store.folder
    store.close()
    assert known
    path, [secret] = folder / "rapp.db", [one for one in folder.iterdir() if "secret" in one.name]
    path.write_bytes(os.urandom(16) + path.read_bytes()[16:])
    assert lock_info(path, FileSecret(secret)) == known
    assert lock_info(path, FileSecret(tmp_path / "another")) is None
    assert lock_info(tmp_path / "none.db", FileSecret(secret)) is None


async def test_a_file_that_was_set_aside_is_told_on_every_screen_until_somebody_has_read_it(
    ward: Ward,
) -> None:
    shift = ward.phone("a", AMINA)
    folder, path = shift.phone.store.folder, shift.phone.store.folder / "rapp.db"
    [secret] = [one for one in folder.iterdir() if "secret" in one.name]
    shift.phone.store.close()
    path.write_bytes(os.urandom(16) + path.read_bytes()[16:])
    store = open_store(path, FileSecret(secret), lambda: ward.now)
    shift.phone.store, shift.unlocked = store, None
    shift.stack = [Lock()]
    async with Opening(App, shift) as screen:
        assert screen.has("Telefonens fil gick sönder")
        # Help and reporting are where they always are.
        assert screen.find("112")
        assert screen.has("Rapportera")
        await screen.click("Telefonens fil gick sönder")
        assert shift.place == Waiting()
        assert screen.has("Det som gick att rädda är med och skickas.")
        assert store.mishap
        assert screen.has(store.mishap.aside)
        await screen.click("Jag har läst")
        assert store.mishap is None
        assert not screen.has("Telefonens fil gick sönder")
    store.close()


async def test_a_phone_whose_enrolment_broke_says_so_and_keeps_the_script(tmp_path: Path) -> None:
    (tmp_path / "rapp.db").write_bytes(os.urandom(20_000))
    store = open_store(tmp_path / "rapp.db", FileSecret(tmp_path / "secret"), lambda: START)
    ward = Ward(tmp_path / "ward")
    shift = ward.phone("a", AMINA)
    shift.phone.store.close()
    shift.phone.store, shift.unlocked, shift.stack = store, None, [Lock()]
    async with Opening(App, shift) as screen:
        assert screen.has("Anslut telefonen")
        await screen.click("Telefonens fil gick sönder")
        assert screen.has("Telefonen måste anslutas igen.")
        shift.back()
        await screen.settle(0.05)
        await screen.click("SBAR utan kod")
        assert shift.place == BlankScript()
    store.close()


async def test_little_room_is_said_on_the_lock_screen_and_on_idag_and_goes_when_there_is_room(
    ward: Ward,
) -> None:
    free = [LEAST_FREE - 1]
    shift = ward.phone("a", AMINA)
    shift.phone.free = lambda _: free[0]
    async with Opening(App, shift) as screen:
        assert screen.has("Telefonen är snart full")
        free[0] = LEAST_FREE
        shift.changed()
        await screen.settle(0.05)
        assert not screen.has("Telefonen är snart full")
        free[0] = 0
        shift.lock()
        await screen.settle(0.05)
        assert screen.has("Vem är du?")
        assert screen.has("Telefonen är snart full")


def test_where_free_space_cannot_be_read_nothing_is_said(ward: Ward) -> None:
    phone = ward.phone("a", AMINA).phone

    def fails(_: Path) -> int:
        raise OSError("no such device")

    phone.free = fails
    assert not phone.low_on_space
    del phone.free
    phone.free = Phone.__dataclass_fields__["free"].default
    assert phone.low_on_space == (phone.free(phone.store.folder) < LEAST_FREE)


async def test_a_doubt_asks_for_a_new_start(ward: Ward) -> None:
    shift = ward.phone("a", AMINA)
    checking.doubt(shift.phone.store.folder / "rapp.db")
    async with Opening(App, shift) as screen:
        assert screen.has("Något i telefonens fil har gått sönder.")
        assert screen.has("Stäng appen och öppna den igen.")
