"""The difference between original and protected samples, coded without loss."""

import io

import numpy as np
import soundfile
import zstandard
from numpy.typing import NDArray

from sottovoce.audio.formats import held_by

INTEGERS = {"PCM_U8": 8, "PCM_S8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}
DIFFERENCE, ORIGINAL = b"D", b"O"
_FLAC_CHANNELS = 8

Samples = NDArray[np.float64]
Integers = NDArray[np.int64]


def encode(original: Samples, protected: Samples, subtype: str) -> bytes:
    """Code the original, given the protected samples: their difference, or the original itself if that is smaller.

    Args:
        original: `(frames, channels)` as read from a file of `subtype`.
        protected: the same shape, as read from the protected file.
        subtype: libsndfile's name of the original's encoding.
    """
    steps = _ordered(original, subtype) - _ordered(protected, subtype)
    return min(DIFFERENCE + _packed(steps), encode_alone(original, subtype), key=len)


def encode_alone(original: Samples, subtype: str) -> bytes:
    """Code the original without reference to anything."""
    return ORIGINAL + _packed(_ordered(original, subtype))


def decode(coded: bytes, protected: Samples, subtype: str) -> Samples:
    """The samples that `encode` was given, bit for bit, from the same protected samples."""
    steps = _unpacked(coded[1:], protected.shape)
    return _from_ordered(steps if coded[:1] == ORIGINAL else steps + _ordered(protected, subtype), subtype)


def _ordered(samples: Samples, subtype: str) -> Integers:
    """Integers in the order of the samples, one for each value that the encoding knows."""
    kind = held_by(subtype)
    if kind in INTEGERS:
        return np.rint(samples * 2.0 ** (INTEGERS[kind] - 1)).astype(np.int64)
    if kind == "FLOAT":
        pattern = samples.astype(np.float32).view(np.int32).astype(np.int64)
        return np.where(pattern < 0, -(2**31) - pattern - 1, pattern)
    wide = samples.view(np.int64)
    return np.where(wide < 0, np.int64(-(2**63)) - wide - 1, wide)


def _from_ordered(values: Integers, subtype: str) -> Samples:
    kind = held_by(subtype)
    if kind in INTEGERS:
        return values / 2.0 ** (INTEGERS[kind] - 1)
    if kind == "FLOAT":
        pattern = np.where(values < 0, -(2**31) - values - 1, values).astype(np.int32)
        return pattern.view(np.float32).astype(np.float64)
    return np.where(values < 0, np.int64(-(2**63)) - values - 1, values).view(np.float64)


def _packed(steps: Integers) -> bytes:
    """The smaller of FLAC, which follows the loudness, and zstandard on the bytes by significance."""
    planes = np.ascontiguousarray(steps.astype("<i8")).view(np.uint8).reshape(-1, 8).T
    candidates = [b"Z" + zstandard.compress(np.ascontiguousarray(planes).tobytes(), 19)]
    largest = max(int(steps.max(initial=0)), -int(steps.min(initial=0)))
    if largest < 2**23 and steps.shape[1] <= _FLAC_CHANNELS:
        target = io.BytesIO()
        if largest < 2**15:
            soundfile.write(target, steps.astype(np.int16), 48000, "PCM_16", format="FLAC", compression_level=1.0)
        else:
            shifted = (steps << 8).astype(np.int32)
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
