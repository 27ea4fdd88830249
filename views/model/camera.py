"""The camera within the app: one picture, which no file ever holds.

CameraError      the camera gives no picture
├── NoCamera     there is none, or it may not be used
└── NoPicture    it was opened, and nothing came

What Flet's camera calls a picture it leaves on a phone in a file, in the clear, where the app cannot be
sure to find it. So there a picture is one frame of what the camera shows, which goes from memory to memory.
A browser has no files: it takes the picture itself. Frames come as the sensor lies in the phone, so they are
turned by what the camera says of itself.
"""

import asyncio
from typing import Any

import flet as ft
from flet_camera import (
    Camera,
    CameraDescription,
    CameraImageEvent,
    CameraLensDirection,
    CameraStateEvent,
    ResolutionPreset,
)

PATIENCE_S = 10
"""How long a picture is waited for."""
_DEVICE_TURNED = {
    ft.DeviceOrientation.PORTRAIT_UP: 0,
    ft.DeviceOrientation.LANDSCAPE_LEFT: 90,
    ft.DeviceOrientation.PORTRAIT_DOWN: 180,
    ft.DeviceOrientation.LANDSCAPE_RIGHT: 270,
}
"""Degrees that the phone itself is turned."""


class CameraError(Exception):
    """The camera gives no picture. ``key``: of the text that says what to do."""

    key = "camera.no_picture"


class NoCamera(CameraError):
    """There is none, or it may not be used."""

    key = "camera.none"


class NoPicture(CameraError):
    """It was opened, and nothing came."""


class Lens:
    """A phone's camera on a screen. It is closed when its `control` is there no more."""

    def __init__(self) -> None:
        self.control = Camera(on_state_change=self._stands, on_stream_image=self._came)
        self._frame: asyncio.Future[bytes] | None = None
        self._held = ft.DeviceOrientation.PORTRAIT_UP
        self._description: CameraDescription | None = None
        self._streams = False

    async def open(self) -> None:
        """The one at the back, if there is more than one. Asks whether it may. Raises NoCamera."""
        try:
            found = await self.control.get_available_cameras()
            if not found:
                raise NoCamera("no camera")
            back = [one for one in found if one.lens_direction == CameraLensDirection.BACK]
            self._description = (back or found)[0]
            await self.control.initialize(self._description, ResolutionPreset.VERY_HIGH, enable_audio=False)
            self._streams = not self._page().web and await self.control.supports_image_streaming()
        except RuntimeError as error:
            raise NoCamera(str(error)) from error

    async def take(self) -> tuple[bytes, int]:
        """A JPEG, and by how many degrees to turn it clockwise. Raises NoPicture."""
        try:
            if not self._streams:
                # Without files: only in a browser.
                if not self._page().web:
                    raise NoPicture("this camera gives pictures only in files")
                return await asyncio.wait_for(self.control.take_picture(), PATIENCE_S), 0
            return await self._one_frame(), self._turn()
        except (RuntimeError, TimeoutError) as error:
            raise NoPicture(repr(error)) from error

    async def _one_frame(self) -> bytes:
        self._frame = asyncio.get_running_loop().create_future()
        try:
            await self.control.start_image_stream()
            return await asyncio.wait_for(self._frame, PATIENCE_S)
        finally:
            self._frame = None
            await self.control.stop_image_stream()

    def _came(self, event: CameraImageEvent) -> None:
        if self._frame is not None and not self._frame.done():
            self._frame.set_result(event.bytes)

    def _stands(self, event: CameraStateEvent) -> None:
        self._held = event.device_orientation or self._held

    def _turn(self) -> int:
        """iOS gives its frames upright; Android as the sensor lies, less what the phone itself is turned."""
        if self._page().platform == ft.PagePlatform.IOS or self._description is None:
            return 0
        front = self._description.lens_direction == CameraLensDirection.FRONT
        turned = _DEVICE_TURNED[self._held]
        return (self._description.sensor_orientation + (turned if front else -turned)) % 360

    def _page(self) -> Any:
        return self.control.page
