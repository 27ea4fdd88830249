"""Photos on the phone's screens: chosen, described, taken out, saved with the report or after it."""

import asyncio
import io
from contextlib import suppress
from pathlib import Path
from typing import Any

import flet as ft
import pytest
from flet_camera import Camera as FletCamera
from PIL import Image

from care.deviation import DeviationDocument
from care.forms import Coding
from care.photo import PHOTOS_MOST
from tests.store_case import NOON
from tests.test_answering import screen
from tests.ward import AMINA, BROR, KARIN, LENA, PIN, Ward
from views.model import album, filling, picture, reading, reporting
from views.model.phone import COMPLAINT, FALL
from views.model.shift import Shift
from views.places import AddPhotos, Fill, InboxDeviation, Photos, Report, Review, TakePhoto
from wire.pieces import PhotoHeld


def jpeg(colour: str = "red", size: tuple[int, int] = (2000, 1500)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def chosen(*files: bytes) -> list[dict[str, Any]]:
    """What the phone answers when somebody has chosen."""
    return [
        {"id": n, "name": f"IMG_{n}.jpg", "size": len(one), "path": None, "bytes": one}
        for n, one in enumerate(files)
    ]


async def begun(shift: Shift, form: str = FALL) -> filling.Filling:
    await filling.begin(shift, form, reading.person(shift, BROR), category=form)
    found = filling.of(shift, shift.place.draft)  # type: ignore[attr-defined]
    for link_id, code in {"fall.headHit": "no", "fall.harm": "mild"}.items() if form == FALL else ():
        item = found.form.item(link_id)
        assert item is not None
        await filling.answer(shift, found.key, link_id, [item.completed(Coding(code))])
    return found


async def test_a_photo_is_chosen_described_and_saved_with_the_report(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    found = await begun(amina)
    amina.go(Review(found.key))
    async with screen(amina, Review(found.key)) as seen:
        seen.wire.answers["pick_files"] = chosen(jpeg(), jpeg("blue"))
        await seen.click("Lägg till bild")
        assert isinstance(amina.place, Photos)
        for words in ("Inga ansikten", "Läses av enhetschef", "Inga bilder"):
            assert seen.has(words), words
        await seen.click("Välj bild")
        await seen.settle()
        assert len(album.begun(amina, found.key)) == 2
        assert not seen.has("Inga bilder")
        await seen.click("Vad visar bild 1? Sår eller skada")
        await seen.click("remove-photo-2")
        [photo] = album.begun(amina, found.key)
        assert photo.said.shows == "wound"
        assert max(photo.said.width, photo.said.height) == 1600
        assert photo.said == picture.fitted(jpeg()).stated("wound")
        await seen.click("photos-done")
        assert seen.has("1 bild")
    await reporting.finish(amina, found.key)
    [case] = reading.all_of(amina, DeviationDocument)
    assert [one.shows for one in case.photos] == ["wound"]
    assert amina.phone.store.photos_waiting() == [case.photos[0].id]
    assert amina.me.drafts() == []


async def test_photos_in_a_draft_are_there_when_the_phone_was_locked_and_go_with_a_new_beginning(
    ward: Ward,
) -> None:
    amina = ward.phone("a", AMINA)
    found = await begun(amina)
    made = picture.fitted(jpeg())
    amina.me.add_photo(found.key, made.stated("place"), made.data, made.thumb)
    amina.lock()
    await amina.unlock(AMINA, PIN)
    assert [one.data for one in album.begun(amina, found.key)] == [made.data]
    assert filling.of(amina, found.key).id == found.id
    await filling.begin_again(amina, found.key)
    assert album.begun(amina, found.key) == []


async def test_more_photos_are_added_to_a_report_and_their_way_is_told(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    found = await begun(amina)
    id = await reporting.finish(amina, found.key)
    async with screen(amina, Report(id)) as seen:
        seen.wire.answers["pick_files"] = chosen(jpeg())
        await seen.click("Lägg till bild")
        assert isinstance(amina.place, AddPhotos)
        assert seen.has("Välj en bild först")
        await seen.click("Välj bild")
        await seen.settle()
        amina.back()
        await seen.settle()
        assert seen.has("1 bild är vald och inte skickad")
        await seen.click("photos")
        await seen.click("photos-send")
        assert isinstance(amina.place, Report)
        assert seen.has("1 bild är sparad")
        assert seen.has("Bilden är inte skickad än")
        [photo] = amina.phone.store.photos_waiting()
        device = amina.phone.store.device
        assert device
        amina.phone.store.take_held(PhotoHeld(device=device.id, photo=photo, state="whole", received=NOON))
        amina.changed()
        await seen.settle()
        assert not seen.has("Bilden är inte skickad än")
        assert seen.has("Skickad")
    ward.deliver()


FAULTS = {
    "no picture": (b"Sune har ramlat", "Det gick inte att läsa bilden"),
    "half a picture": (jpeg()[:500], "Det gick inte att läsa bilden"),
}


@pytest.mark.parametrize(("file", "words"), FAULTS.values(), ids=FAULTS.keys())
async def test_what_cannot_be_used_is_said_and_the_others_are_kept(
    ward: Ward, file: bytes, words: str
) -> None:
    amina = ward.phone("a", AMINA)
    found = await begun(amina)
    async with screen(amina, Photos(found.key)) as seen:
        seen.wire.answers["pick_files"] = chosen(file, jpeg())
        await seen.click("Välj bild")
        await seen.settle()
        assert seen.has(words)
        assert len(album.begun(amina, found.key)) == 1
        seen.wire.answers["pick_files"] = []
        await seen.click("Välj en bild till")
        await seen.settle()
        assert not seen.has(words)


async def test_there_is_room_for_so_many(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    found = await begun(amina)
    small = jpeg(size=(40, 30))
    async with screen(amina, Photos(found.key)) as seen:
        seen.wire.answers["pick_files"] = chosen(*[small] * (PHOTOS_MOST + 2))
        await seen.click("Välj bild")
        await seen.settle()
        assert len(album.begun(amina, found.key)) == PHOTOS_MOST
        assert seen.has("Resten kom inte med")
        assert not seen.has("Välj en bild till")


async def test_a_complaint_and_a_report_without_a_sign_in_have_none(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    assert album.offered(amina, await begun(amina))
    assert not album.offered(amina, await begun(amina, COMPLAINT))
    found = await begun(amina)
    found.amends = True
    assert not album.offered(amina, found)
    amina.lock()
    await filling.begin(amina, FALL, None, category=FALL)
    assert isinstance(amina.place, Fill)
    assert not album.offered(amina, filling.of(amina, amina.place.draft))


async def test_whoever_takes_the_phone_meanwhile_is_not_given_the_picture(ward: Ward, tmp_path: Path) -> None:
    amina, lena = ward.phone("a", AMINA), ward.phone("l", LENA)
    found = await begun(amina)
    file = ft.FilePickerFile(id=0, name="x", size=1, bytes=jpeg())
    who, amina.unlocked = amina.me, lena.unlocked
    assert await album.keep(amina, who, found.key, [file], 1) == ""
    amina.unlocked = who
    assert album.begun(amina, found.key) == []
    copy = tmp_path / "image_picker.jpg"
    copy.write_bytes(jpeg())
    at_path = ft.FilePickerFile(id=0, name="x", size=1, path=str(copy))
    assert await album.keep(amina, who, found.key, [at_path], 1) == ""
    assert copy.exists()
    assert await album.keep(amina, who, found.key, [at_path], 1, leave=False) == ""
    assert not copy.exists()
    assert await album.keep(amina, who, found.key, [at_path], 1, leave=False) == "photo.not_readable"
    assert len(album.begun(amina, found.key)) == 2


async def test_the_nurses_phone_offers_to_fetch_the_photo(ward: Ward) -> None:
    amina, karin = ward.phone("a", AMINA), ward.phone("n", KARIN)
    found = await begun(amina)
    made = picture.fitted(jpeg())
    await asyncio.to_thread(amina.me.add_photo, found.key, made.stated("wound"), made.data, made.thumb)
    id = await reporting.finish(amina, found.key)
    ward.deliver()
    async with screen(karin, InboxDeviation(id)) as seen:
        assert seen.has("Visa 1 bild")


class Camera:
    """The phone's camera, as it answers through Flet: a back and a front one; a frame when it streams."""

    def __init__(self, seen: Any, frame: bytes | None, streams: bool = True) -> None:
        lenses = [
            {"name": "1", "lens_direction": "front", "sensor_orientation": 270, "lens_type": "wide"},
            {"name": "0", "lens_direction": "back", "sensor_orientation": 90, "lens_type": "wide"},
        ]
        self.seen, self.frame = seen, frame
        self.opened: list[Any] = []
        seen.wire.answers |= {
            "get_available_cameras": lenses,
            "initialize": self.opened.append,
            "supports_image_streaming": streams,
            "start_image_stream": self.stream,
            "stop_image_stream": None,
            "take_picture": b"a picture that lies in a file as well",
        }

    def stream(self, _: Any) -> None:
        if self.frame is None:
            return
        [control] = [one for one in self.seen.controls() if isinstance(one, FletCamera)]
        said = {
            "width": 1920,
            "height": 1080,
            "format": "yuv420",
            "encoded_format": "jpeg",
            "bytes": self.frame,
        }
        dispatched = self.seen.session.dispatch_event(control._i, "stream_image", said)
        self.seen.wire.loop.create_task(dispatched)

    def called(self, name: str) -> int:
        return sum(one == name for one, _ in self.seen.wire.calls)


def refused(_: Any) -> None:
    raise RuntimeError("CameraAccessDenied")


def lying() -> bytes:
    """What a sensor gives that lies on its side in the phone: what is up is to the left."""
    image = Image.new("RGB", (1920, 1080), "white")
    image.paste((200, 0, 0), (0, 0, 200, 1080))
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def top_is_red(data: bytes) -> bool:
    image = Image.open(io.BytesIO(data))
    red, _, blue = image.getpixel((image.width // 2, 20))  # type: ignore[misc]
    return red > 150 and blue < 80


async def shown(seen: Any, name: str) -> None:
    """Until something can be pressed: a picture is made ready in a thread."""
    for _ in range(200):
        await seen.settle(0.05)
        with suppress(LookupError):
            seen.find(name)
            return
    raise AssertionError(f"{name} never came: {seen.texts()}")


async def test_a_photo_is_taken_from_the_running_image_and_no_file_is_asked_for(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    found = await begun(amina)
    amina.go(Photos(found.key))
    async with screen(amina, Photos(found.key)) as seen:
        camera = Camera(seen, lying())
        await seen.click("Ta en bild")
        await seen.settle()
        assert isinstance(amina.place, TakePhoto)
        [opened] = camera.opened
        assert opened["description"]["name"] == "0", "the one at the back"
        assert opened["enable_audio"] is False
        await seen.click("take-photo")
        await shown(seen, "use-photo")
        assert album.begun(amina, found.key) == [], "nothing is kept before somebody says so"
        assert camera.called("stop_image_stream") == 1
        await seen.click("again")
        await seen.settle()
        assert len(camera.opened) == 2, "it was closed, and is opened again"
        await seen.click("take-photo")
        await shown(seen, "use-photo")
        await seen.click("use-photo")
        await shown(seen, "photos-done")
        assert isinstance(amina.place, Photos)
        [photo] = album.begun(amina, found.key)
        assert (photo.said.width, photo.said.height) == (900, 1600), "upright"
        assert top_is_red(photo.data)
        assert camera.called("take_picture") == 0, "it would be left in a file"


async def test_a_photo_that_lies_wrong_is_turned_by_hand(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    found = await begun(amina)
    amina.go(Photos(found.key))
    async with screen(amina, Photos(found.key)) as seen:
        Camera(seen, lying())
        await seen.click("Ta en bild")
        await seen.settle()
        await seen.click("take-photo")
        await shown(seen, "use-photo")
        for _ in range(4):
            await seen.click("turn-photo")
            await seen.settle(0.3)
        await seen.click("turn-photo")
        await seen.settle(0.3)
        await seen.click("use-photo")
        await shown(seen, "photos-done")
        [photo] = album.begun(amina, found.key)
        assert (photo.said.width, photo.said.height) == (1600, 900)
        assert not top_is_red(photo.data)


NO_PICTURE = {
    "there is no camera": ({"get_available_cameras": []}, "Det går inte att öppna kameran"),
    "it may not be used": ({"initialize": refused}, "Det går inte att öppna kameran"),
    "it gives none": ({"start_image_stream": None}, "Det blev ingen bild"),
    "it only writes files": ({"supports_image_streaming": False}, "Det blev ingen bild"),
    "it breaks": ({"start_image_stream": refused}, "Det blev ingen bild"),
}


@pytest.mark.parametrize(("answers", "words"), NO_PICTURE.values(), ids=NO_PICTURE)
async def test_without_a_picture_it_is_said_what_to_do_and_the_report_goes_on(
    ward: Ward, monkeypatch: pytest.MonkeyPatch, answers: dict[str, Any], words: str
) -> None:
    monkeypatch.setattr("views.model.camera.PATIENCE_S", 0.2)
    amina = ward.phone("a", AMINA)
    found = await begun(amina)
    amina.go(Photos(found.key))
    async with screen(amina, Photos(found.key)) as seen:
        camera = Camera(seen, lying())
        seen.wire.answers |= answers
        await seen.click("Ta en bild")
        await seen.settle()
        if not seen.has(words):
            await seen.click("take-photo")
            await seen.settle(0.5)
        assert seen.has(words)
        assert camera.called("take_picture") == 0
        await seen.click("back")
        assert isinstance(amina.place, Photos)
        assert seen.has("Inga bilder")


async def test_a_camera_that_is_allowed_meanwhile_opens_when_it_is_tried_again(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    found = await begun(amina)
    amina.go(Photos(found.key))
    async with screen(amina, Photos(found.key)) as seen:
        camera = Camera(seen, lying())
        seen.wire.answers["initialize"] = refused
        await seen.click("Ta en bild")
        await seen.settle()
        assert seen.has("Det går inte att öppna kameran")
        seen.wire.answers["initialize"] = camera.opened.append
        await seen.click("open-again")
        await seen.settle()
        assert not seen.has("Det går inte att öppna kameran")
        await seen.click("take-photo")
        await shown(seen, "use-photo")


async def test_a_phone_that_locks_while_a_photo_is_taken_keeps_none(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    found = await begun(amina)
    async with screen(amina, Photos(found.key)) as seen:
        Camera(seen, lying())
        await seen.click("Ta en bild")
        await seen.settle()
        await seen.click("take-photo")
        amina.lock()
        await seen.settle(0.5)
        assert not seen.wire.crashes
    await amina.unlock(AMINA, PIN)
    assert album.begun(amina, found.key) == []
