"""The device secret: 32 random bytes that never leave this phone and are not in its database."""

import os
from pathlib import Path
from typing import Protocol

from storage import folder
from storage.errors import SecretError

SECRET_LENGTH = 32


class DeviceSecret(Protocol):
    """Where the secret is kept: on a phone, the platform's secure storage."""

    def read(self) -> bytes | None:
        """The secret, 32 bytes; None when there is none. Raises SecretError when that cannot be told."""
        ...

    def make(self) -> bytes:
        """Make one where there is none, and no file that was made under another. Raises SecretError."""
        ...

    def destroy(self) -> None:
        """Make it unreadable for ever. Raises SecretError."""
        ...


class FileSecret:
    """A file that only its owner may read: for a desktop and for the browser demo.

    Weaker than a phone's secure storage: whoever can read the owner's files can try PINs offline.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes | None:
        """The secret, or None. Raises SecretError."""
        try:
            secret = self._path.read_bytes() if self._path.exists() else None
        except OSError as error:
            raise SecretError(f"{self._path.name}: {error}") from error
        if secret is not None and len(secret) != SECRET_LENGTH:
            raise SecretError(f"{self._path.name}: {len(secret)} bytes, {SECRET_LENGTH} were expected")
        return secret

    def make(self) -> bytes:
        """A new secret; another process's, where that was faster. None is replaced. Raises SecretError."""
        try:
            return self._make()
        except OSError as error:
            raise SecretError(f"{self._path.name}: {error}") from error

    def destroy(self) -> None:
        """Overwrite the file, then remove it. Raises SecretError."""
        try:
            if not self._path.exists():
                return
            handle = os.open(self._path, os.O_WRONLY)
            try:
                os.write(handle, bytes(SECRET_LENGTH))
                os.fsync(handle)
            finally:
                os.close(handle)
            self._path.unlink()
            folder.sync(self._path.parent)
        except OSError as error:
            raise SecretError(f"{self._path.name}: {error}") from error

    def _make(self) -> bytes:
        folder.make(self._path.parent)
        secret = os.urandom(SECRET_LENGTH)
        made = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, secret)
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            # A link, not a rename: two processes that start at once must end up with one secret.
            os.link(made, self._path)
        except FileExistsError:
            return self._path.read_bytes()
        finally:
            made.unlink()
        folder.sync(self._path.parent)
        return secret
