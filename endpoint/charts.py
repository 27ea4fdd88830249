"""Charts: Vega-Lite specifications drawn as SVG by vl-convert, in a process beside this one.

The library brings a JavaScript engine: some 100 MB, a second before its first chart, and Python's lock while
it draws. So it has a process of its own (endpoint/charting.py), begun with the first chart that is asked for
and over when none has been for a while. It is given the specification alone, and can be killed without loss.
"""

import asyncio
import logging
import re
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from threading import Event, Timer
from typing import Any
from xml.etree import ElementTree

import msgspec
from msgspec import Struct

logger = logging.getLogger("rapp.endpoint")

FONT = "Liberation Sans"
"""What text is measured with: vl-convert brings it, so that a chart is the same on every machine. A page
shows the text in its own font."""

_CHARTING = Path(__file__).with_name("charting.py")
_SECONDS = 20
"""For one chart, from when the process is asked; the first also waits for it to begin."""
_REST_SECONDS = 600
_KEPT = 200
"""So many of the charts drawn last are kept, some 10 kB each."""
_SPEC_MOST = 200_000
"""Bytes of a specification: more is no chart that anybody reads."""

_SHAPES = frozenset({"g", "path", "text", "tspan", "line", "rect", "defs", "clipPath"})
_SAID_OF_THEM = frozenset(
    "aria-hidden aria-roledescription class clip-path d display dominant-baseline dx dy fill fill-opacity "  # noqa: SIM905
    "font-family font-size font-style font-weight height id opacity pointer-events role rx ry stroke "
    "stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity "
    "stroke-width text-anchor transform width x x2 y y2".split()
)
_OUTER = re.compile(r'<svg [^>]*width="([\d.]+)" height="([\d.]+)"[^>]*>(.*)</svg>\s*', re.DOTALL)

Spec = Mapping[str, Any]


class Drawing(Struct, frozen=True):
    """A chart: its size in pixels where letters are 15 of them high, and what stands within its <svg>."""

    width: float
    height: float
    inner: str


class Answer(Struct, frozen=True):
    """What the process answers: the SVG, or what is wrong with the specification."""

    svg: str = ""
    fault: str = ""


class Charts:
    """Draws charts, one at a time; what was drawn is kept by its specification."""

    def __init__(self, rest: float = _REST_SECONDS, seconds: float = _SECONDS) -> None:
        self._rest, self._seconds = rest, seconds
        self._thread: ThreadPoolExecutor | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._kept: OrderedDict[bytes, Drawing] = OrderedDict()

    async def drawn(self, specs: Sequence[Spec | None], *, keep: bool = True) -> list[Drawing | None]:
        """A chart for each. None: there is no specification, or it could not be drawn, which is logged.

        ``keep``: whether they stay in memory for who asks next. Not those of one person: these would outlive
        an erasure.
        """
        self._thread = self._thread or ThreadPoolExecutor(1, "charts")
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._all, specs, keep)

    def close(self) -> None:
        """End the process. It begins again when a chart is asked for."""
        if self._process:
            self._process.kill()  # nobody waits for what it draws just now
        if self._thread:
            self._thread.shutdown(cancel_futures=True)
            self._thread = None
        self._end()

    def _all(self, specs: Sequence[Spec | None], keep: bool) -> list[Drawing | None]:
        found: list[Drawing | None] = []
        well = True
        for spec in specs:
            text = msgspec.json.encode(spec) if spec is not None else b""
            key = sha256(text).digest()
            drawing = self._kept.get(key)
            if text and drawing is None and well:
                try:
                    drawing = self._one(text)
                except (OSError, EOFError, msgspec.DecodeError) as error:
                    logger.warning("a chart was not drawn: what draws has ended or hangs (%r)", error)
                    self._end()
                    well = False  # nobody waits as long again for the others of the page
            if drawing and keep:
                self._keep(key, drawing)
            found.append(drawing)
        return found

    def _keep(self, key: bytes, drawing: Drawing) -> None:
        self._kept[key] = drawing
        self._kept.move_to_end(key)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def _one(self, text: bytes) -> Drawing | None:
        """A chart. Raises OSError, EOFError, DecodeError: the process is not well."""
        answer = self._asked(text)
        drawing = plain(answer.svg) if answer.svg else None
        if drawing is None:
            logger.warning("a chart was not drawn: %s", answer.fault or "it is more than shapes and text")
        return drawing

    def _asked(self, text: bytes) -> Answer:
        """What the process answers. Raises OSError, EOFError: it has ended, or says nothing in time."""
        if len(text) > _SPEC_MOST:
            return Answer(fault="its specification is too large")
        if self._process and self._process.poll() is None:
            try:
                return self._sent(self._process, text)
            except (BrokenPipeError, EOFError):
                pass  # it was just about to rest
        self._end()
        self._process = _begun(self._rest)
        return self._sent(self._process, text)

    def _sent(self, process: subprocess.Popen[bytes], text: bytes) -> Answer:
        assert process.stdin
        assert process.stdout
        late = Event()

        def end() -> None:
            late.set()
            process.kill()

        until = Timer(self._seconds, end)
        until.start()
        try:
            process.stdin.write(text + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        finally:
            until.cancel()
        if not line.endswith(b"\n"):
            raise TimeoutError if late.is_set() else EOFError
        return msgspec.json.decode(line, type=Answer)

    def _end(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
        self._process = None


def _begun(rest: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-I", str(_CHARTING), str(rest)]
    return subprocess.Popen(  # noqa: S603  (our own file)
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what is wrong is answered too
        env={},
        start_new_session=True,  # Ctrl-C is for the server, which ends it
    )


def plain(svg: str) -> Drawing | None:
    """An SVG as it may stand in a page, unescaped. None: it is more than shapes and text."""
    found = _OUTER.fullmatch(svg)
    try:
        drawn = list(ElementTree.fromstring(svg).iter())[1:]  # noqa: S314  (our own process's)
    except ElementTree.ParseError:
        return None
    shapes = {one.tag.rpartition("}")[2] for one in drawn}
    said = {name for one in drawn for name in one.attrib}
    if found is None or not shapes <= _SHAPES or not said <= _SAID_OF_THEM:
        return None
    return Drawing(float(found[1]), float(found[2]), found[3])
