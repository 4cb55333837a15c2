"""What a prediction of samples leaves over, coded without loss."""

import io
import struct

import numpy as np
import soundfile
import zstandard
from numpy.typing import NDArray

from sottovoce.audio.formats import held_by

INTEGERS = {"PCM_U8": 8, "PCM_S8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}
FINEST = 24
"""Bits of the grid that predictions are rounded to."""
MARGIN = 1e-6
"""A prediction this near, in steps of the grid, to where rounding turns over might be rounded otherwise on another
machine (double precision leaves errors of 1e-8 steps at most): its rounded value is stored."""
_FLAC_CHANNELS = 8

Integers = NDArray[np.int64]


def encode(samples: NDArray[np.float64], predicted: NDArray[np.float64], subtype: str) -> bytes:
    """Code samples, given a prediction of them.

    Args:
        samples: `(frames, channels)` as read from a file of `subtype`.
        predicted: the same shape, in double precision.
        subtype: libsndfile's name of the encoding that the samples come from.
    """
    base = _on_grid(predicted, subtype)
    turning = np.flatnonzero(_is_turning(predicted, subtype))
    exceptions = zstandard.compress(np.stack([turning, base.ravel()[turning]]).astype("<i8").tobytes(), 19)
    body = _packed(_ordered(samples, subtype) - _ordered(_as_samples(base, subtype), subtype))
    return struct.pack("<II", len(turning), len(exceptions)) + exceptions + body


def decode(coded: bytes, predicted: NDArray[np.float64], subtype: str) -> NDArray[np.float64]:
    """The samples that `encode` was given, bit for bit, from the same prediction up to rounding errors."""
    count, size = struct.unpack_from("<II", coded)
    stored = np.frombuffer(zstandard.decompress(coded[8 : 8 + size]), "<i8").reshape(2, count)
    base = _on_grid(predicted, subtype)
    base.ravel()[stored[0]] = stored[1]
    residual = _unpacked(coded[8 + size :], base.shape)
    return _from_ordered(_ordered(_as_samples(base, subtype), subtype) + residual, subtype)


def _bits(subtype: str) -> int:
    return min(INTEGERS.get(held_by(subtype), FINEST), FINEST)


def _steps(subtype: str) -> float:
    return 2.0 ** (_bits(subtype) - 1)


def _on_grid(predicted: NDArray[np.float64], subtype: str) -> Integers:
    steps = _steps(subtype)
    return np.clip(np.rint(predicted * steps), -steps, steps - 1).astype(np.int64)


def _is_turning(predicted: NDArray[np.float64], subtype: str) -> NDArray[np.bool_]:
    scaled = predicted * _steps(subtype)
    return np.asarray(np.abs(scaled - np.floor(scaled) - 0.5) < MARGIN)


def _as_samples(base: Integers, subtype: str) -> NDArray[np.float64]:
    return base / _steps(subtype)


def _ordered(samples: NDArray[np.float64], subtype: str) -> Integers:
    """Integers in the order of the samples, one for each value that the encoding knows."""
    kind = held_by(subtype)
    if kind in INTEGERS:
        return np.rint(samples * 2.0 ** (INTEGERS[kind] - 1)).astype(np.int64)
    if kind == "FLOAT":
        pattern = samples.astype(np.float32).view(np.int32).astype(np.int64)
        return np.where(pattern < 0, -(2**31) - pattern - 1, pattern)
    wide = samples.view(np.int64)
    return np.where(wide < 0, np.int64(-(2**63)) - wide - 1, wide)


def _from_ordered(values: Integers, subtype: str) -> NDArray[np.float64]:
    kind = held_by(subtype)
    if kind in INTEGERS:
        return values / 2.0 ** (INTEGERS[kind] - 1)
    if kind == "FLOAT":
        pattern = np.where(values < 0, -(2**31) - values - 1, values).astype(np.int32)
        return pattern.view(np.float32).astype(np.float64)
    return np.where(values < 0, np.int64(-(2**63)) - values - 1, values).view(np.float64)


def _packed(residual: Integers) -> bytes:
    """The smaller of FLAC, which follows the loudness, and zstandard on the bytes by significance."""
    planes = np.ascontiguousarray(residual.astype("<i8")).view(np.uint8).reshape(-1, 8).T
    candidates = [b"Z" + zstandard.compress(np.ascontiguousarray(planes).tobytes(), 19)]
    largest = max(int(residual.max(initial=0)), -int(residual.min(initial=0)))
    if largest < 2**23 and residual.shape[1] <= _FLAC_CHANNELS:
        target = io.BytesIO()
        if largest < 2**15:
            soundfile.write(target, residual.astype(np.int16), 48000, "PCM_16", format="FLAC", compression_level=1.0)
        else:
            shifted = (residual << 8).astype(np.int32)
            soundfile.write(target, shifted, 48000, "PCM_24", format="FLAC", compression_level=1.0)
        candidates.append(b"F" + target.getvalue())
    return min(candidates, key=len)


def _unpacked(coded: bytes, shape: tuple[int, ...]) -> Integers:
    if coded[:1] == b"Z":
        planes = np.frombuffer(zstandard.decompress(coded[1:]), np.uint8).reshape(8, -1)
        return np.ascontiguousarray(planes.T).view("<i8").reshape(shape).astype(np.int64)
    sound, _ = soundfile.read(io.BytesIO(coded[1:]), dtype="int32", always_2d=True)
    shift = 16 if soundfile.info(io.BytesIO(coded[1:])).subtype == "PCM_16" else 8
    unpacked: Integers = sound.astype(np.int64) >> shift
    return unpacked
