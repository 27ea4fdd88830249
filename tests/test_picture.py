"""Pictures: small, upright, and nothing of what stood beside their pixels in the file."""

import io
import random
import struct
import zlib
from contextlib import suppress

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from care.photo import BYTES_MOST, SIDE_MOST
from views.model import picture
from views.model.picture import NotReadable, TooLarge, fitted

SECRET = b"Sune Oberg"
RED, BLUE = (200, 30, 30), (30, 30, 200)


def halves(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Red to the left, blue to the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image


def written(image: Image.Image, kind: str = "JPEG", **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def exif(orientation: int = 1) -> Image.Exif:
    found = Image.Exif()
    found[Base.Orientation] = orientation
    found[Base.Model] = SECRET.decode()
    found[Base.ImageDescription] = SECRET.decode()
    gps = found.get_ifd(IFD.GPSInfo)
    gps[GPS.GPSLatitudeRef], gps[GPS.GPSLatitude] = "N", (59.0, 20.0, 1.5)
    return found


def test_nothing_of_the_file_is_left_but_pixels() -> None:
    file = written(halves(), exif=exif(), comment=SECRET, icc_profile=SECRET * 20, xmp=SECRET)
    assert SECRET in file
    assert opened(file).getexif().get_ifd(IFD.GPSInfo)
    made = fitted(file)
    for data in (made.data, made.thumb):
        assert SECRET not in data
        image = opened(data)
        assert image.format == "JPEG"
        assert not image.getexif()
        assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        # Of the segments only the header, tables and the picture: no APP1 to APP15, no comment.
        assert {marker for marker in segments(data) if 0xE1 <= marker <= 0xEF or marker == 0xFE} == set()


def segments(data: bytes) -> set[int]:
    """The markers of a JPEG up to its pixels."""
    found, at = set(), 2
    while data[at] == 0xFF and data[at + 1] != 0xDA:
        found.add(data[at + 1])
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return found


TURNED = {1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top", 7: "bottom", 8: "bottom"}
"""Where what lay to the left of the sensor is to be shown, by the camera's note (TIFF 6.0, tag 274)."""


@pytest.mark.parametrize(("orientation", "where"), TURNED.items())
def test_it_is_turned_as_the_camera_noted(orientation: int, where: str) -> None:
    image = opened(fitted(written(halves(), exif=exif(orientation))).data)
    assert image.size == ((60, 40) if where in ("left", "right") else (40, 60))
    width, height = image.size
    places = {
        "left": (2, height // 2),
        "right": (width - 3, height // 2),
        "top": (width // 2, 2),
        "bottom": (width // 2, height - 3),
    }
    red = {name for name, at in places.items() if image.getpixel(at)[0] > 150}  # type: ignore[index]
    assert where in red
    assert {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}[where] not in red


def test_a_note_that_cannot_be_read_leaves_it_as_it_is() -> None:
    file = written(halves(), exif=b"Exif\0\0MM\0*" + b"\xff" * 12)
    assert opened(fitted(file).data).size == (60, 40)


def test_the_longer_side_is_bounded() -> None:
    made = fitted(written(halves((4000, 1000))))
    assert (made.width, made.height) == (SIDE_MOST, 400) == opened(made.data).size
    assert max(opened(made.thumb).size) == picture.THUMB
    small = fitted(written(halves()))
    assert (small.width, small.height) == (60, 40)


def test_whatever_it_shows_it_fits() -> None:
    noise = Image.frombytes("RGB", (2000, 1500), random.Random(7).randbytes(2000 * 1500 * 3))
    made = fitted(written(noise, quality=95))
    assert len(made.data) <= BYTES_MOST
    assert opened(made.data).size == (made.width, made.height)
    assert made.stated("wound").size == len(made.data)


@pytest.mark.parametrize("mode", ["L", "CMYK", "YCbCr"])
def test_other_colours_become_rgb(mode: str) -> None:
    image = opened(fitted(written(halves().convert(mode))).data)
    assert image.mode == "RGB"
    assert image.getpixel((2, 20)) != image.getpixel((57, 20))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "I;16"])
def test_a_png_of_any_kind_is_read(mode: str) -> None:
    image = halves().convert("I").convert("I;16") if mode == "I;16" else halves().convert(mode)
    assert fitted(written(image, "PNG")).width == 60


def test_what_is_transparent_is_white() -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    assert opened(fitted(written(image, "PNG")).data).getpixel((20, 20)) == (255, 255, 255)


def png(width: int, height: int) -> bytes:
    """A PNG that says that it is so large, with next to nothing in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(9)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(12_000, 11_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_would_fill_the_memory_is_not_unpacked(size: tuple[int, int]) -> None:
    with pytest.raises(TooLarge):
        fitted(png(*size))


def test_a_file_that_is_too_long_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "FILE_MOST", 1000)
    with pytest.raises(TooLarge):
        fitted(bytes(1001))


WHOLE = written(halves())
FOREIGN = {
    "nothing": b"",
    "words": b"Sune har ramlat",
    "a GIF": written(halves(), "GIF"),
    "a BMP": written(halves(), "BMP"),
    "a TIFF": written(halves(), "TIFF"),
    "a PostScript file": written(halves(), "EPS"),
    "a PDF": b"%PDF-1.7\n" + bytes(100),
    "a HEIC": b"\0\0\0\x18ftypheic" + bytes(100),
    "half a JPEG": WHOLE[: len(WHOLE) // 2],
    "the head of a JPEG": WHOLE[:20],
    "half a PNG": png(60, 40),
}


@pytest.mark.parametrize("file", FOREIGN.values(), ids=FOREIGN.keys())
def test_what_is_no_picture_says_so(file: bytes) -> None:
    with pytest.raises(NotReadable):
        fitted(file)


def test_a_changed_byte_never_does_worse_than_say_so() -> None:
    source = random.Random(11)
    file = written(halves(), exif=exif(6), comment=SECRET)
    for _ in range(400):
        changed = bytearray(file)
        for _ in range(source.randrange(1, 4)):
            changed[source.randrange(len(changed))] = source.randrange(256)
        with suppress(NotReadable, TooLarge):
            assert SECRET not in fitted(bytes(changed)).data
