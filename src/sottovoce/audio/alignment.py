"""Alignment of a copy that another program wrote, at another rate, later or earlier, or of another length."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sottovoce.audio.files import Sound
from sottovoce.audio.resampling import resample
from sottovoce.errors import SottovoceError

FARTHEST = 1.0
"""Seconds by which a copy may be early or late."""
LEAST_CORRELATION = 0.3
"""Normalised correlation below which a file counts as another recording, not as a copy."""
FRACTIONS = 64
"""Parts of a sample to which the delay of a resampled copy is found."""
_REACH = 64
"""Samples on either side of which a value between two is made."""
_BLOCK = 1 << 18

Samples = NDArray[np.float64]


@dataclass(frozen=True)
class Alignment:
    """What was done to a copy.

    Example:
        >>> print(Alignment(from_rate=22_050, to_rate=16_000, lag=512.0, from_frames=16_608, to_frames=16_000))
        resampled from 22050 to 16000 Hz, moved 512 samples earlier, shortened by 608 samples
        >>> print(Alignment(from_rate=16_000, to_rate=16_000, lag=0.0, from_frames=16_000, to_frames=16_000))
        as it was

    Attributes:
        from_rate, to_rate: rate of the copy and of the original in Hz.
        lag: samples of the original by which the copy was late; a fraction only if it was resampled.
        from_frames, to_frames: length of the copy at the rate of the original, and of the original.
        correlation: with the original once aligned, from `LEAST_CORRELATION` to 1.
    """

    from_rate: int
    to_rate: int
    lag: float
    from_frames: int
    to_frames: int
    correlation: float = 1.0

    def __str__(self) -> str:
        done, longer = [], self.from_frames - self.to_frames
        if self.from_rate != self.to_rate:
            done.append(f"resampled from {self.from_rate} to {self.to_rate} Hz")
        if self.lag:
            done.append(f"moved {_samples(abs(self.lag))} {'earlier' if self.lag > 0 else 'later'}")
        if longer:
            done.append(f"{'shortened' if longer > 0 else 'lengthened'} by {_samples(abs(longer))}")
        return ", ".join(done) or "as it was"


def align(original: Sound, copy: Sound) -> tuple[Samples, Alignment]:
    """The samples of a copy at the rate, in the place and of the length of the original.

    It is resampled, moved by the lag of up to 1 s at which it correlates best with the original over all channels, and
    cut or filled up with zeros.

    Args:
        original: a recording.
        copy: what another program made of it.

    Returns:
        float64 `(original.frames, original.channels)`, and what was done.

    Raises:
        SottovoceError: the number of channels differs, or the files do not correlate. The message does not name them.

    Example:
        >>> from sottovoce.audio.files import Recording
        >>> noise = np.random.default_rng(0).normal(size=(8_000, 1)) / 10
        >>> late = np.concatenate([np.zeros((512, 1)), noise])
        >>> samples, done = align(Recording(noise, 16_000), Recording(late, 16_000))
        >>> print(done, np.array_equal(samples, noise))
        moved 512 samples earlier, shortened by 512 samples True
    """
    if original.channels != copy.channels:
        raise SottovoceError(
            f"the copy has {_counted(copy.channels, 'channel')}, the original {original.channels}; "
            "compare it with an original of as many"
        )
    samples = _whole(copy)
    if copy.rate != original.rate:
        samples = resample(samples, copy.rate, original.rate)
    before, after = _whole(original), samples - samples.mean(0)
    before -= before.mean(0)
    lag = _lag(before, after, round(FARTHEST * original.rate), copy.rate != original.rate)
    correlation = _correlation(before, _moved(after, lag, len(before)))
    if correlation < LEAST_CORRELATION:
        raise SottovoceError(
            f"not a copy of the original (their correlation is {correlation:.2f} at most, that of copies at least "
            f"{LEAST_CORRELATION:g}); choose the original that it was made from"
        )
    done = Alignment(copy.rate, original.rate, lag, len(samples), len(before), correlation)
    return _moved(samples, lag, len(before)), done


def _whole(sound: Sound) -> Samples:
    return np.concatenate(list(sound.blocks()))


def _lag(before: Samples, after: Samples, farthest: int, fractions: bool) -> float:
    """Where the correlation is highest; the least of equal ones."""
    found = _correlations(before, after, farthest + _REACH)
    inner = found[_REACH:-_REACH]
    highest = np.flatnonzero(inner == inner.max()) - farthest
    lag = int(highest[np.abs(highest).argmin()])
    if not fractions or not inner.any():
        return float(lag)
    near = found[lag + farthest : lag + farthest + 2 * _REACH + 1]
    parts = np.arange(-FRACTIONS // 2, FRACTIONS // 2 + 1) / FRACTIONS
    return lag + float(parts[np.argmax([near @ _between(part) for part in parts])])


def _correlations(before: Samples, after: Samples, farthest: int) -> Samples:
    """Sums of products of `before` and `after` at lags of the latter from `-farthest` to `farthest`."""
    size, total = min(_BLOCK, len(before)), np.zeros(2 * farthest + 1)
    padded = np.pad(after, ((farthest, max(0, len(before) + farthest - len(after))), (0, 0)))
    points = 1 << (size + 2 * farthest - 1).bit_length()
    for start in range(0, len(before), size):
        own, other = before[start : start + size], padded[start : start + size + 2 * farthest]
        spectrum = np.fft.rfft(own, points, axis=0).conj() * np.fft.rfft(other, points, axis=0)
        total += np.fft.irfft(spectrum.sum(1), points)[: len(total)]
    return total


def _correlation(before: Samples, after: Samples) -> float:
    """Normalised; 1 if both are silent."""
    energies = np.square(before).sum(), np.square(after).sum()
    if not any(energies):
        return 1.0
    return float((before * after).sum() / np.sqrt(energies[0] * energies[1])) if all(energies) else 0.0


def _moved(samples: Samples, lag: float, frames: int) -> Samples:
    """The samples from `lag` on, cut or filled up with zeros to so many frames."""
    whole = round(lag)
    if lag != whole:
        kernel = _between(lag - whole)[::-1]
        shifted = [np.convolve(channel, kernel)[_REACH : _REACH + len(samples)] for channel in samples.T]
        samples = np.stack(shifted, axis=1)
    found = np.zeros((frames, samples.shape[1]))
    piece = samples[max(0, whole) :][: max(0, frames - max(0, -whole))]
    found[max(0, -whole) :][: len(piece)] = piece
    return found


def _between(part: float) -> Samples:
    """Weights of the samples from `-_REACH` to `_REACH` in the value at a fraction of a sample: a windowed sinc."""
    places = np.arange(-_REACH, _REACH + 1)
    return np.asarray(np.sinc(places - part) * np.kaiser(len(places), 8.0))


def _samples(count: float) -> str:
    return _counted(count, "sample")


def _counted(count: float, what: str) -> str:
    return f"{round(count, 2):.10g} {what}{'' if count == 1 else 's'}"
