"""The device secret in the phone's own keystore: Android's Keystore, Apple's Keychain.

The plugin is asked through the page, on its loop; the store asks from other threads, and waits.
"""

import asyncio
import base64
import binascii
import os
from collections.abc import Callable, Coroutine
from concurrent.futures import TimeoutError as Late
from typing import Any, TypeVar

import flet as ft
from flet_secure_storage import (
    AndroidOptions,
    IOSOptions,
    KeychainAccessibility,
    SecureStorage,
)

from storage import SecretError
from storage.secret import SECRET_LENGTH

NAME = "rapp.device_secret"
ANSWERS_WITHIN_S = 20.0
"""A keystore that has not answered by then has hung: its answer is known within a second."""
PHONES = (ft.PagePlatform.ANDROID, ft.PagePlatform.IOS)
Answer = TypeVar("Answer")


def has_keystore(page: ft.Page) -> bool:
    """Whether the app runs on a phone; in a browser there is nothing that would protect a key."""
    return page.platform in PHONES and not page.web


def secure_storage() -> SecureStorage:
    """The plugin, for the page that is being opened."""
    return SecureStorage(
        # Otherwise the plugin erases what it cannot read: every key of the phone, for one bad moment.
        android_options=AndroidOptions(reset_on_error=False),
        # Readable also while the phone is locked, so that one that is being closed can finish; on no other
        # phone, and in no backup.
        ios_options=IOSOptions(accessibility=KeychainAccessibility.FIRST_UNLOCK_THIS_DEVICE),
    )


class KeystoreSecret:
    """A `storage.DeviceSecret`. Call `attach` on the page's loop first, the rest from other threads."""

    def __init__(self) -> None:
        self._storage: SecureStorage | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def attach(self) -> None:
        """Ask through the page that is being opened. Android may open another within the process."""
        self._storage = secure_storage()
        self._loop = asyncio.get_running_loop()

    def read(self) -> bytes | None:
        """The secret, or None when there is none. Raises SecretError."""
        kept = self._ask(lambda storage: storage.get(NAME))
        if kept is None:
            return None
        try:
            secret = base64.b64decode(kept, validate=True)
        except (binascii.Error, ValueError, TypeError):
            secret = b""
        if len(secret) != SECRET_LENGTH:
            raise SecretError("keystore: what is kept is no secret")
        return secret

    def make(self) -> bytes:
        """A new secret, where there is none; kept when it returns. Raises SecretError."""
        if kept := self.read():
            return kept
        secret = os.urandom(SECRET_LENGTH)
        self._ask(lambda storage: storage.set(NAME, base64.b64encode(secret).decode()))
        if self.read() != secret:
            raise SecretError("keystore: it does not keep what it is given")
        return secret

    def destroy(self) -> None:
        """Forget it. Raises SecretError."""
        self._ask(lambda storage: storage.remove(NAME))
        if self.read() is not None:
            raise SecretError("keystore: it is still there")

    def _ask(self, call: Callable[[SecureStorage], Coroutine[Any, Any, Answer]]) -> Answer:
        if self._storage is None or self._loop is None:
            raise SecretError("keystore: no page to ask through")
        answer = asyncio.run_coroutine_threadsafe(call(self._storage), self._loop)
        try:
            return answer.result(ANSWERS_WITHIN_S)
        except (Late, TimeoutError) as error:
            answer.cancel()
            raise SecretError("keystore: no answer") from error
        except RuntimeError as error:
            # The plugin's own words may hold a name of a key, never its value; they are for the log.
            raise SecretError(f"keystore: {error}") from error
