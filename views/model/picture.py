"""A picture as it may leave the phone: small, upright, and nothing but its pixels.

PictureError             the file makes no picture
├── NotReadable          it is no JPEG or PNG, or it is broken
└── TooLarge             more bytes or pixels than any phone's camera makes

Where it was taken, when, by which phone, a small copy of how it was before it was cut: all that stands beside
the pixels in the file stays behind. They are turned as the camera said that they are to be, and written anew.

Pillow on phones reads JPEG and PNG and nothing else, so nothing else is read anywhere. It knows no colour
profiles there: a picture with wide colours comes out a little paler.
"""

import hashlib
import io
import struct
import warnings
from contextlib import suppress

from msgspec import Struct
from PIL import Image, ImageOps

from care.photo import BYTES_MOST, SIDE_MOST, DeviationPhotographed, Shows

FILE_MOST = 40 * 1024 * 1024
"""Bytes of a file that is read at all."""
PIXELS_MOST = 120_000_000
"""Pixels of one: phones' largest cameras have 108 million, and take 12 unless they are told otherwise."""
THUMB = 320
"""Pixels of the longer side of what stands in a list."""
_QUALITIES = (85, 75, 65, 55)
_SMALLER = 0.8
_FORMATS = ("JPEG", "PNG")
_BROKEN = (OSError, SyntaxError, ValueError, KeyError, TypeError, IndexError, OverflowError, struct.error)
"""What Pillow raises for files that are not what they say; OSError is what it says itself."""


class PictureError(Exception):
    """The file makes no picture. ``key``: of the text that says what to do."""

    key = "photo.not_readable"


class NotReadable(PictureError):
    """It is no JPEG or PNG, or it is broken."""


class TooLarge(PictureError):
    """It has more bytes or pixels than any phone's camera makes."""

    key = "photo.too_large"


class Picture(Struct, frozen=True):
    """A JPEG without metadata. ``thumb``: the same, small, to show in a list."""

    data: bytes
    thumb: bytes
    width: int
    height: int

    def stated(self, shows: Shows) -> DeviationPhotographed:
        """What a fact says of it."""
        return DeviationPhotographed(
            sha256=hashlib.sha256(self.data).hexdigest(),
            size=len(self.data),
            width=self.width,
            height=self.height,
            shows=shows,
        )


def fitted(file: bytes, turn: int = 0) -> Picture:
    """The picture of a file, scaled and stripped, turned by degrees clockwise. Slow: call it in a thread.

    Raises PictureError.
    """
    if len(file) > FILE_MOST:
        raise TooLarge(f"{len(file)} bytes")
    try:
        with warnings.catch_warnings():
            # How many pixels there are is looked at here; what is broken beside them is left behind.
            warnings.simplefilter("ignore")
            pixels = _pixels(file).rotate(-turn, expand=True)
    except Image.DecompressionBombError as error:
        raise TooLarge(str(error)) from error
    except _BROKEN as error:
        raise NotReadable(repr(error)) from error
    data, size = _small_enough(pixels)
    return Picture(data, _encoded(_scaled(pixels, THUMB), _QUALITIES[1]), *size)


def _pixels(file: bytes) -> Image.Image:
    """The pixels alone, upright and at most `SIDE_MOST` long, on white where they were transparent."""
    with Image.open(io.BytesIO(file), formats=_FORMATS) as opened:
        if opened.width * opened.height > PIXELS_MOST:
            raise TooLarge(f"{opened.width} x {opened.height}")
        # A JPEG is decoded at a half, a quarter or an eighth where that is enough: a phone has little room.
        opened.draft("RGB", (SIDE_MOST, SIDE_MOST))
        opened.load()
        upright = _upright(opened)
    if upright.mode in ("RGBA", "LA", "PA", "P") or "transparency" in upright.info:
        upright = upright.convert("RGBA")
        ground = Image.new("RGB", upright.size, "white")
        ground.paste(upright, mask=upright.getchannel("A"))
    else:
        # Into a new one, that never had anything beside its pixels.
        ground = Image.new("RGB", upright.size)
        ground.paste(upright.convert("RGB"))
    return _scaled(ground, SIDE_MOST)


def _upright(image: Image.Image) -> Image.Image:
    """Turned as the camera has noted; as it is, where the note cannot be read."""
    with suppress(*_BROKEN):
        return ImageOps.exif_transpose(image)
    return image


def _scaled(image: Image.Image, side: int) -> Image.Image:
    copy = image.copy()
    copy.thumbnail((side, side), Image.Resampling.LANCZOS)
    return copy


def _small_enough(pixels: Image.Image) -> tuple[bytes, tuple[int, int]]:
    """Coarser, then smaller, until it fits."""
    side = SIDE_MOST
    while True:
        image = _scaled(pixels, side)
        for quality in _QUALITIES:
            data = _encoded(image, quality)
            if len(data) <= BYTES_MOST:
                return data, image.size
        side = int(side * _SMALLER)


def _encoded(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
