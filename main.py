"""The phone app's front door: settings -> store -> sync -> views, and nothing else."""

import asyncio
import os
import threading
from contextlib import suppress
from datetime import datetime
from functools import cache, partial
from pathlib import Path

import flet as ft

from care.forms import Questionnaire
from care.schedule import STOCKHOLM
from storage import DeviceSecret, FileSecret, LockInfo, StorageError, lock_info, open_store
from sync import Sync
from sync.collector import spare_what_stays
from views.app import show
from views.model.keystore import KeystoreSecret, has_keystore
from views.model.phone import SBAR, Phone, shipped_forms

HERE = Path(__file__).parent
ASSETS = HERE / "assets"


KEYSTORE = KeystoreSecret()
_opening = threading.Lock()


def phone(data: Path, secret: DeviceSecret | None = None) -> Phone:
    """The phone of this process. Android may call `main` again in the same process: it gets the same one.

    Without a `secret` one in a file. Raises StorageError; asked again, it tries again.
    """
    with _opening:
        return _opened(data, secret)


@cache
def _opened(data: Path, secret: DeviceSecret | None) -> Phone:
    store = open_store(data / "rapp.db", _secret(data, secret), lambda: datetime.now(STOCKHOLM))
    sync = Sync(store)
    sync.start()
    return Phone(store, sync, forms(), endpoint_url=os.environ.get("RAPP_ENDPOINT", ""))


@cache
def forms() -> dict[str, Questionnaire]:
    """The forms that came with the app."""
    return shipped_forms(ASSETS / "forms")


def help_without(data: Path, secret: DeviceSecret | None) -> tuple[Questionnaire, LockInfo]:
    """The script, and whom to call, from a file that cannot be opened."""
    return forms()[SBAR], lock_info(data / "rapp.db", _secret(data, secret)) or LockInfo()


def _secret(data: Path, secret: DeviceSecret | None) -> DeviceSecret:
    return secret or FileSecret(data / "device.secret")


def folder() -> Path:
    """Where the phone keeps its data: the app's own folder, which the OS backs up nowhere (see pyproject)."""
    return Path(os.environ.get("RAPP_DATA") or os.environ.get("FLET_APP_STORAGE_DATA") or HERE / ".rapp")


async def main(page: ft.Page) -> None:
    secret = None
    if has_keystore(page):
        KEYSTORE.attach()
        secret = KEYSTORE
    try:
        # Beside the loop: through that the keystore answers.
        here = await asyncio.to_thread(phone, folder(), secret)
    except StorageError as error:
        # Hardly ever needed, and as much to import as all else that the first screen shows.
        from views.unopened import Help, show_unopened

        known = await asyncio.to_thread(help_without, folder(), secret)
        show_unopened(page, error, partial(main, page), Help(*known))
        return
    here.browser = secret is None
    await show(page, here)


def serve() -> None:
    """`python main.py` on a desktop; with --port the phone's screens are served to a browser."""
    import argparse

    parser = argparse.ArgumentParser(description="Rapp on this machine. With --port, in a browser.")
    parser.add_argument("--port", type=int, help="serve the screens on 127.0.0.1 at this port")
    chosen = parser.parse_args()
    spare_what_stays()
    if chosen.port is None:
        ft.run(main, assets_dir=str(ASSETS))
        return
    with suppress(StorageError):
        # The screen will say why, and try again.
        phone(folder())
    ft.run(main, host="127.0.0.1", port=chosen.port, view=None, no_cdn=True, assets_dir=str(ASSETS))


if __name__ == "__main__":
    serve()
