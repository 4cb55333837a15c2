"""From a microphone to a loudspeaker, or to a virtual device that a call takes for a microphone."""

import queue
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.errors import SottovoceError
from sottovoce.live.timing import BLOCK_MS, Timing
from sottovoce.live.voice import BLOCK, LiveVoice

_PATIENCE = 2.0
"""Seconds without a block after which a device counts as gone."""
_WAITING = 16
"""Blocks that may wait to be computed; what comes on top is lost."""


class Desk:
    """Where the audio callback leaves what it has recorded and takes what it plays; it only copies.

    Block n is played `delay` blocks after it was recorded, whatever happens: what is not ready by then is dropped and
    silence is played in its place, never the recording.

    Args:
        delay: in blocks.
    """

    def __init__(self, delay: int) -> None:
        self.delay, self.number, self.dropped = delay, 0, 0
        self.recorded: queue.Queue[tuple[int, bytes]] = queue.Queue(_WAITING)
        self.ready: deque[tuple[int, bytes]] = deque()

    def callback(self, recorded: Any, played: Any, frames: int, times: object, status: object) -> None:
        """What PortAudio calls for every block."""
        with suppress(queue.Full):  # its number will then be missing, and it counts when it should be played
            self.recorded.put_nowait((self.number, bytes(recorded)))
        wanted, self.number = self.number - self.delay, self.number + 1
        while self.ready and self.ready[0][0] < wanted:
            self.ready.popleft()
        missing = not (self.ready and self.ready[0][0] == wanted)
        played[:] = bytes(len(played)) if missing else self.ready.popleft()[1]
        self.dropped += (missing and wanted >= 0) or bool(status)


def converse(
    voice: LiveVoice,
    microphone: str | int | None,
    loudspeaker: str | int | None,
    timing: Timing,
    told: Callable[[], None] = lambda: None,
) -> None:
    """Protect what the microphone hears and play it, until interrupted or the device is gone.

    Args:
        voice, timing: what protects and what counts.
        microphone, loudspeaker: names or numbers of devices, or parts of their names; None for the system's defaults.
        told: called after every block.

    Raises:
        SottovoceError: sounddevice, PortAudio or a device is missing, does not take 16 kHz, or is gone.
    """
    sounddevice = _sounddevice()
    desk = Desk(-(-voice.context // BLOCK) + 1)
    try:
        stream = sounddevice.RawStream(
            samplerate=MODEL_RATE,
            blocksize=BLOCK,
            device=(microphone, loudspeaker),
            channels=1,
            dtype="int16",
            latency="low",
            callback=desk.callback,
        )
    except (ValueError, sounddevice.PortAudioError) as error:
        reason = " ".join(str(error).split())
        raise SottovoceError(
            f"the sound devices cannot be opened at 16 kHz, mono: {reason}; python -m sounddevice lists them"
        ) from error
    timing.fixed = desk.delay * BLOCK_MS + 1000.0 * sum(stream.latency)
    with stream:
        _work(desk, voice, timing, lambda: bool(stream.active), told)


def _work(desk: Desk, voice: LiveVoice, timing: Timing, active: Callable[[], bool], told: Callable[[], None]) -> None:
    expected = given = 0
    pending = np.empty(0, np.int16)
    while True:
        try:
            number, block = desk.recorded.get(timeout=_PATIENCE)
        except queue.Empty:
            reason = "gives nothing any more" if active() else "has stopped"
            raise SottovoceError(f"the sound device {reason}; check that it is still there") from None
        if number != expected:  # blocks were lost: what was begun is ended, and a new recording begins
            voice.flush()
            pending, given = pending[:0], number
        expected = number + 1
        start = time.perf_counter()
        pending = np.concatenate([pending, voice.push(np.frombuffer(block, np.int16))])
        timing.note(BLOCK, time.perf_counter() - start, 0.0)
        while len(pending) >= BLOCK:
            desk.ready.append((given, pending[:BLOCK].tobytes()))
            pending, given = pending[BLOCK:], given + 1
        timing.dropped = desk.dropped
        told()
        desk.recorded.task_done()


def _sounddevice() -> Any:
    try:
        import sounddevice
    except ImportError as error:
        raise SottovoceError("a microphone needs the extra 'live': pip install 'sottovoce[live]'") from error
    except OSError as error:
        raise SottovoceError(
            "a microphone needs the PortAudio library; install it (Debian: apt install libportaudio2)"
        ) from error
    return sounddevice
