"""Opening by finger or face: the phone asks for one, and its keystore gives the key that opens the slot.

Only on a phone: in a browser, and on a desktop, there is no keystore that would keep the key.
"""

import asyncio
import base64
import binascii
from contextlib import suppress

import flet as ft
from flet_local_auth import LocalAuthentication, LocalAuthException
from flet_secure_storage import AccessControlFlag, IOSOptions, KeychainAccessibility, SecureStorage

from storage import NoSlot, PinNeeded
from views.model.device import service
from views.model.keystore import has_keystore, secure_storage
from views.model.shift import Shift
from views.theme import Look

# On iOS the Keychain itself asks before it gives the key, and forgets it when a finger or face is added. On
# Android the plugin would put every key of the app behind the same question, the device secret too; see
# docs/security.md.
_GUARDED = IOSOptions(
    account_name="rapp.biometric",
    accessibility=KeychainAccessibility.PASSCODE,
    access_control_flags=[AccessControlFlag.BIOMETRY_CURRENT_SET],
)


class NoFinger(Exception):
    """The phone knows no finger and no face, or cannot ask for one."""


def possible(shift: Shift) -> bool:
    """Whether it may be offered: on a phone, where nobody else has a code."""
    return has_keystore(ft.context.page) and len(shift.phone.store.slots()) == 1


def allowed(shift: Shift) -> bool:
    """Whether whoever has the phone has allowed it."""
    return any(slot.biometric for slot in shift.phone.store.slots() if slot.staff == shift.me.staff)


async def allow(shift: Shift, pin: str) -> None:
    """Let a finger or a face open what the PIN opens.

    Raises NoFinger, PinNeeded (somebody else has a code here), WrongPin, SlotClosed.
    """
    try:
        known = await service(LocalAuthentication).get_available_biometrics()
    except (RuntimeError, ValueError) as error:
        raise NoFinger from error
    if not known:
        raise NoFinger
    finger, staff = shift.phone.store.finger, shift.me.staff
    key = await asyncio.to_thread(finger.allow, staff, pin)
    try:
        kept = base64.b64encode(key).decode()
        await _storage().set(finger.name_of_key(staff), kept, ios=_GUARDED)
    except RuntimeError as error:
        await asyncio.to_thread(finger.end, staff)
        raise NoFinger from error


async def end(shift: Shift) -> None:
    """From now on only the code opens."""
    staff = shift.me.staff
    with suppress(NoSlot):
        await asyncio.to_thread(shift.phone.store.finger.end, staff)
    await forget_key(shift, staff)


async def forget_key(shift: Shift, staff: str) -> None:
    """Nothing is wrapped under the key any more: it goes as well."""
    if has_keystore(ft.context.page):
        with suppress(RuntimeError):
            await _storage().remove(shift.phone.store.finger.name_of_key(staff), ios=_GUARDED)


async def unlock(look: Look, shift: Shift, staff: str) -> None:
    """Ask for the finger or the face, and open. Raises PinNeeded, SlotClosed."""
    finger = shift.phone.store.finger
    opened = await asyncio.to_thread(finger.ask, staff)
    try:
        auth = service(LocalAuthentication)
        if not await auth.authenticate(look.t("finger.reason"), biometric_only=True):
            raise PinNeeded(staff)
        kept = await _storage().get(finger.name_of_key(staff), ios=_GUARDED)
        key = base64.b64decode(kept or "", validate=True)
    except (LocalAuthException, RuntimeError, binascii.Error) as error:
        raise PinNeeded(staff) from error
    shift.opened(await asyncio.to_thread(opened, key))


def _storage() -> SecureStorage:
    return service(SecureStorage, secure_storage)
