"""A photo's way: chosen on the carer's phone, sent after its report, seen on the manager's console."""

import io
import re
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from demo import Demo
from tests.browser.conftest import PATIENCE, PICTURES, Phone
from tests.browser.test_walk import chip, unlock

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]
NARROW = {"width": 1280, "height": 900}


def photograph() -> bytes:
    """As a phone's camera makes it: on its side, with where it was taken."""
    image = Image.new("RGB", (3000, 2000), (150, 90, 70))
    image.paste((40, 90, 160), (0, 0, 1500, 2000))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Provkamera"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(viewport=NARROW, locale="sv-SE")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def choose(phone: Phone, name: str, data: bytes) -> None:
    """What the system's own picker would be asked."""
    phone.still()
    with phone.page.expect_file_chooser(timeout=PATIENCE) as asked:
        phone.tap("choose-photos")
    asked.value.set_files([{"name": name, "mimeType": "image/jpeg", "buffer": data}])


def take(phone: Phone) -> None:
    """With the camera in the app: looked at, turned, taken again, and then in the report."""
    phone.tap("to-camera")
    phone.says("Det som kameran ser")
    phone.picture("camera-live")
    phone.tap("take-photo")
    phone.says("Bilden som du tog")
    phone.picture("camera-taken")
    phone.text_scale(2.0)
    phone.picture("camera-taken-large")
    phone.text_scale(1.0)
    phone.tap("turn-photo")
    phone.tap("again")
    phone.says("Det som kameran ser")
    phone.tap("take-photo")
    phone.says("Bilden som du tog")
    phone.tap("use-photo")


def test_photos_are_chosen_and_taken_and_seen_on_the_console(town: Demo, phone: object, desk: Page) -> None:
    amina: Phone = phone(town.address(1))  # type: ignore[operator]
    unlock(amina, "Amina Yusuf")
    amina.tap("report")
    amina.says("Vad har hänt?")
    amina.press("Fall", exact=True)
    amina.says("Vem gäller det?")
    amina.press("Asta Provdahl")
    amina.press("i huvudet? Nej")
    amina.press("blodförtunnande? Nej")
    amina.tap("rest-as-usual")
    amina.press("Klockan ...")
    amina.keys("0215")
    for answer in ("Badrum", "Gick", "Såg någon? Nej", "Lindrig"):
        amina.press(answer)
    amina.says("Enhetschef: Maria Nyberg")
    amina.picture("photos-form")
    amina.tap("review")
    amina.tap("photos")
    amina.says("Inga ansikten")
    amina.picture("photos-none")
    choose(amina, "IMG_1.jpg", photograph())
    amina.says("Vad visar bild 1?")
    amina.press("Vad visar bild 1? Utrustning")
    amina.picture("photos-one")
    choose(amina, "not.jpg", b"Sune har ramlat")
    amina.says("Det gick inte att läsa bilden")
    amina.picture("photos-fault")
    amina.text_scale(2.0)
    amina.picture("photos-large")
    amina.text_scale(1.0)
    take(amina)
    amina.says("Vad visar bild 2?")
    amina.tap("photos-done")
    amina.tap("save")
    chip(amina, "Allt skickat")

    desk.goto(town.address(0))
    desk.get_by_role("button", name="Maria Nyberg").click()
    desk.get_by_role("link", name="Avvikelser").first.click()
    desk.locator("main").get_by_role("link", name=re.compile("Asta Provdahl")).first.click()
    expect(desk.locator("#photos img")).to_have_count(2, timeout=PATIENCE)
    image = desk.locator("#photos img").first
    expect(image).to_be_visible(timeout=PATIENCE)
    width, height = image.evaluate("one => [one.naturalWidth, one.naturalHeight]")
    assert (width, height) == (1067, 1600), "upright, and scaled"
    desk.locator("#photos").scroll_into_view_if_needed()
    desk.screenshot(path=str(PICTURES / "console-photos.png"))

    karin: Phone = phone(town.address(2))  # type: ignore[operator]
    unlock(karin, "Karin Ström")
    karin.press("Karin")
    karin.tap("cases")
    karin.press("Fall, Asta Provdahl")
    karin.tap("show-photos")
    karin.says("Bild: Utrustning")
    karin.by_id("show-photos").first.wait_for(state="detached", timeout=PATIENCE)
    karin.page.get_by_label("Bild: Utrustning").first.scroll_into_view_if_needed()
    karin.picture("case-photo")
    karin.text_scale(2.0)
    karin.page.get_by_label("Bild: Utrustning").first.scroll_into_view_if_needed()
    karin.picture("case-photo-large")

    amina.back_to(amina.by_id("contact"))
    amina.picture("photos-idag")
