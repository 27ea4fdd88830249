"""Makes notice.wav, the one sound of phone and console: two soft notes, a fifth apart, under a second."""

import math
import struct
import wave
from pathlib import Path

RATE = 22_050
NOTES = ((587.33, 0.0), (880.0, 0.18))
"""Hertz (D5, A5) and when each begins, in seconds."""
LENGTH, LOUD, FADE = 0.75, 0.4, 6.0


def main() -> None:
    target = Path(__file__).parent / "notice.wav"
    samples = (int(32_767 * LOUD * _at(number / RATE)) for number in range(int(RATE * LENGTH)))
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))


def _at(second: float) -> float:
    """The two notes at a moment: each begins softly within 10 ms and dies away."""
    found = 0.0
    for hertz, start in NOTES:
        since = second - start
        if since >= 0:
            found += 0.5 * min(since / 0.01, 1) * math.exp(-FADE * since) * math.sin(math.tau * hertz * since)
    return found


if __name__ == "__main__":
    main()
