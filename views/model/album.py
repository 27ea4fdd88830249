"""The photos of a report: chosen, kept in its draft, and stated when it is saved or added to."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import flet as ft

from care.deviation import DeviationDocument
from care.facts import Ref
from care.photo import PHOTOS_MOST, Shows
from storage import HeldPhoto, Statement, StorageError, Unlocked
from views.model import picture
from views.model.device import service
from views.model.filling import Filling
from views.model.phone import COMPLAINT
from views.model.picture import PictureError, TooLarge
from views.model.shift import Shift


def offered(shift: Shift, filling: Filling) -> bool:
    """Whether photos can be put into a form: a report's, by somebody who can keep them under their own key.

    More to a report that has been saved is added to it, and not to the form that gives other answers.
    """
    reports = filling.form_name not in ("sbar", COMPLAINT) and not filling.amends
    return shift.unlocked is not None and reports


def takes(page: ft.Page) -> bool:
    """Where there is a camera to ask for: on phones, and in a browser."""
    return page.web or page.platform in (ft.PagePlatform.ANDROID, ft.PagePlatform.IOS)


def draft_of(report: str) -> str:
    """Where photos wait that are to be added to a report that has been saved."""
    return f"photos {report}"


def begun(shift: Shift, draft: str) -> list[HeldPhoto]:
    """Those in a draft."""
    return shift.me.photos_in(draft)


def held(shift: Shift, report: str) -> dict[str, HeldPhoto]:
    """Those of one's own report that are still on this phone, by the ids of their facts."""
    try:
        return {one.id: one for one in shift.me.photos_of(DeviationDocument.kind, report)}
    except StorageError:
        return {}


def room(shift: Shift, draft: str, before: int) -> int:
    """How many more there is room for; `before`: those that the report has already."""
    return max(0, PHOTOS_MOST - before - len(begun(shift, draft)))


async def choose(shift: Shift, draft: str, most: int) -> str:
    """Let somebody choose pictures, and keep them in a draft. Returns the key of what went wrong, or "".

    The phone stays open meanwhile, as for a call. Whoever takes it over is not given the pictures.
    """
    who = shift.me
    shift.attention.calls(shift.phone.ticks())
    page = ft.context.page
    files = await service(ft.FilePicker).pick_files(
        file_type=ft.FilePickerFileType.IMAGE,
        allow_multiple=True,
        with_data=bool(page.web),
        cancel_upload_on_window_blur=False,
    )
    shift.attention.touch(shift.phone.ticks())
    mobile = page.platform in (ft.PagePlatform.ANDROID, ft.PagePlatform.IOS)
    return await keep(shift, who, draft, files, most, leave=not mobile)


async def keep(
    shift: Shift,
    who: Unlocked,
    draft: str,
    files: Sequence[ft.FilePickerFile],
    most: int,
    leave: bool = True,
) -> str:
    """Keep as many of some files as there is room for. `leave`: what the picker points to is not a copy."""
    fault = "photo.too_many" if len(files) > most else ""
    for file in files[:most]:
        try:
            made = await asyncio.to_thread(_fitted, file, leave)
        except PictureError as error:
            fault = error.key
            continue
        if shift.unlocked is not who:
            return ""
        await asyncio.to_thread(who.add_photo, draft, made.stated("other"), made.data, made.thumb)
    shift.changed()
    return fault


async def keep_taken(shift: Shift, draft: str, made: picture.Picture) -> None:
    """Keep one that has just been taken."""
    await asyncio.to_thread(shift.me.add_photo, draft, made.stated("other"), made.data, made.thumb)
    shift.changed()


async def describe(shift: Shift, photo: str, shows: Shows) -> None:
    await asyncio.to_thread(shift.me.describe_photo, photo, shows)
    shift.changed()


async def remove(shift: Shift, photo: str) -> None:
    await asyncio.to_thread(shift.me.drop_photo, photo)
    shift.changed()


def named(shift: Shift, draft: str, about: Ref, unit: str, person: str | None) -> list[Statement]:
    """A fact for each photo in a draft, to be saved with it."""
    return [Statement(one.said, about, unit, person, photo=one.id) for one in begun(shift, draft)]


async def send(shift: Shift, case: DeviationDocument) -> int:
    """Add what has been chosen to a report that has been saved. Returns how many."""
    draft = draft_of(case.id)
    found = named(shift, draft, Ref(case.kind, case.id), case.unit, case.person)
    if found:
        await shift.save(*found, draft=draft)
    return len(found)


def _fitted(file: ft.FilePickerFile, leave: bool) -> picture.Picture:
    """The picture of a file. The copy that a phone's picker made for us goes."""
    if file.bytes is not None:
        return picture.fitted(file.bytes)
    if file.path is None:
        raise picture.NotReadable("neither bytes nor a path")
    path = Path(file.path)
    try:
        if path.stat().st_size > picture.FILE_MOST:
            raise TooLarge(f"{path.stat().st_size} bytes")
        return picture.fitted(path.read_bytes())
    except OSError as error:
        raise picture.NotReadable(repr(error)) from error
    finally:
        if not leave:
            path.unlink(missing_ok=True)
