"""Raw PCM from one end to the other."""

import io
import itertools

import numpy as np
import pytest

from sottovoce.errors import SottovoceError
from sottovoce.live import LiveVoice, Timing, pipe
from sottovoce.perturbers import SSED


def piped(generator: SSED, content: bytes) -> tuple[bytes, Timing]:
    sink, timing = io.BytesIO(), Timing()
    pipe(io.BytesIO(content), sink, LiveVoice(generator), timing)
    return sink.getvalue(), timing


@pytest.mark.parametrize("count", [1, 194, 195, 1000])
def test_every_sample_comes_out_as_the_voice_gives_it(generator: SSED, count: int) -> None:
    samples = np.rint(np.random.default_rng(0).normal(0, 3000, count)).astype("<i2")
    given, timing = piped(generator, samples.tobytes())
    voice = LiveVoice(generator)
    wanted = np.concatenate([voice.push(samples.astype(np.int16)), voice.flush()])
    assert np.abs(np.frombuffer(given, "<i2").astype(int) - wanted).max() <= 1 and len(given) == 2 * count
    assert timing.seconds == count / 16_000 and timing.blocks == -(-count // 195)


def test_a_block_that_takes_too_long_is_counted_and_still_written(generator: SSED, monkeypatch) -> None:
    clock = itertools.count(0.0, 0.02)  # every look at the clock is 20 ms later
    monkeypatch.setattr("sottovoce.live.pcm.time.perf_counter", lambda: next(clock))
    given, timing = piped(generator, bytes(2 * 1950))
    assert (timing.dropped, timing.blocks, len(given)) == (10, 10, 3900)


@pytest.mark.parametrize(
    ("content", "part"),
    [(b"", "no sound"), (b"\0", "no sound"), (b"RIFF" + bytes(900), "ffmpeg"), (bytes(901), "half a sample")],
)
def test_what_is_no_raw_pcm_is_an_error(generator: SSED, content: bytes, part: str) -> None:
    with pytest.raises(SottovoceError, match=part):
        piped(generator, content)
