"""Raw PCM from one file-like object to another."""

import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

import numpy as np

from sottovoce.errors import SottovoceError
from sottovoce.live.floor import Samples
from sottovoce.live.timing import BLOCK_MS, LIMIT, Timing
from sottovoce.live.voice import BLOCK, LiveVoice

PCM = np.dtype("<i2")
_HEADERS = (b"RIFF", b"fLaC", b"OggS", b"ID3", b"FORM", b"caff", b".snd")
_SIZE = BLOCK * PCM.itemsize


def pipe(
    source: BinaryIO, sink: BinaryIO, voice: LiveVoice, timing: Timing, told: Callable[[], None] = lambda: None
) -> None:
    """Protect s16le, mono, 16 kHz, until the source ends; what is ready is given at once.

    A block whose samples come out more than `LIMIT` ms after they came in is counted as dropped, and still written: a
    program that reads everything gets everything.

    Args:
        source, sink: buffered binary streams.
        voice, timing: what protects and what counts.
        told: called after every block.

    Raises:
        SottovoceError: the source gives nothing, a sound file, or half a sample at its end.
    """
    rest, timing.fixed = 0, (voice.context / BLOCK + 1) * BLOCK_MS
    for content, arrived in _blocks(source, timing):
        if timing.blocks == 0 and content.startswith(_HEADERS):
            raise SottovoceError(
                "stdin: a sound file, not raw PCM; decode it first: ffmpeg -i FILE -f s16le -ac 1 -ar 16000 - | …"
            )
        rest = len(content) % PCM.itemsize
        samples = np.frombuffer(content[: len(content) - rest], PCM).astype(np.int16)
        start = time.perf_counter()
        ready = voice.push(samples)
        computing = time.perf_counter() - start
        _give(sink, ready)
        behind = time.perf_counter() - arrived
        timing.note(len(samples), computing, behind)
        timing.dropped += timing.fixed + 1000.0 * behind > LIMIT
        told()
    if timing.seconds == 0.0:
        raise SottovoceError("stdin: no sound; pipe raw PCM in (s16le, mono, 16 kHz)")
    _give(sink, voice.flush())
    if rest:
        raise SottovoceError("stdin: ends with half a sample; check that it is s16le, mono, 16 kHz")


def _blocks(source: BinaryIO, timing: Timing) -> Iterator[tuple[bytes, float]]:
    """Each block, shorter at the end, and when it arrived."""
    asked = time.perf_counter()
    while content := source.read(_SIZE):
        yield content, timing.arrived(asked, time.perf_counter())
        asked = time.perf_counter()


def _give(sink: BinaryIO, samples: Samples) -> None:
    sink.write(samples.astype(PCM).tobytes())
    sink.flush()
