"""The difference between original and protected samples, coded without loss, a block at a time.

Each block is coded in the smallest of these forms: the difference of both, or the original alone; in steps of the
original's own encoding, or, for floating-point samples that come from integers, in steps of 24 bits.
"""

import io
import struct
from collections.abc import Iterable, Iterator

import numpy as np
import soundfile
from numpy.typing import NDArray

from sottovoce.audio.blocks import Blocks, Samples
from sottovoce.audio.formats import held_by
from sottovoce.reversible import zstd

INTEGERS = {"PCM_U8": 8, "PCM_S8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}
DIFFERENCE, ALONE, GRID_DIFFERENCE, GRID_ALONE = b"D", b"A", b"d", b"a"
GRID = "PCM_24"
_FLAC_CHANNELS = 8
LONGEST = 1 << 20
"""Frames that a coded block can have; a block of a file has fewer."""
_SIZE = struct.Struct("<I")

Integers = NDArray[np.int64]


def encode(blocks: Iterable[tuple[Samples, Samples]], subtype: str) -> tuple[bytes, int]:
    """Code an original, given the protected samples.

    Args:
        blocks: original and protected samples, each `(frames, channels)`, in order.
        subtype: libsndfile's name of the original's encoding.

    Returns:
        The code, and the size that the original alone would have had.
    """
    coded, alone = list[bytes](), 0
    for original, protected in blocks:
        forms = list(_forms(original, protected, subtype))
        smallest = min(forms, key=len)
        alone += min(len(form) for form in forms if form[:1] in (ALONE, GRID_ALONE))
        coded += [_SIZE.pack(len(smallest)), smallest]
    return b"".join(coded), alone


def decode(coded: bytes, protected: Iterable[Samples], subtype: str) -> Iterator[Samples]:
    """The original's samples, bit for bit, from the same protected samples in blocks of any size.

    Raises:
        ValueError: this is not what `encode` gives for them.
    """
    place, rest = 0, Blocks(protected)
    while place < len(coded):
        (size,) = _SIZE.unpack_from(coded, place)
        form = coded[place + _SIZE.size : place + _SIZE.size + size]
        if len(form) < size:
            raise ValueError("a block claims more bytes than there are")
        place += _SIZE.size + size
        tag, steps = form[:1], _unpacked(form[1:])
        block = rest.take(len(steps))
        kind = GRID if tag in (GRID_DIFFERENCE, GRID_ALONE) else subtype
        whole = steps if tag in (ALONE, GRID_ALONE) else steps + _ordered(block, kind)
        yield _from_ordered(whole, kind)


def _forms(original: Samples, protected: Samples, subtype: str) -> Iterator[bytes]:
    own = _ordered(original, subtype)
    yield ALONE + _packed(own)
    yield DIFFERENCE + _packed(own - _ordered(protected, subtype))
    if held_by(subtype) not in INTEGERS and _on_grid(original):
        own = _ordered(original, GRID)
        yield GRID_ALONE + _packed(own)
        yield GRID_DIFFERENCE + _packed(own - _ordered(protected, GRID))


def _on_grid(samples: Samples) -> bool:
    """Whether these are integers of 24 bits in floating point, and come back from them bit for bit."""
    scale = 2.0 ** (INTEGERS[GRID] - 1)
    steps = np.rint(samples * scale)
    return _fits(steps, INTEGERS[GRID]) and (steps / scale).tobytes() == samples.tobytes()


def _fits(steps: Integers | Samples, bits: int) -> bool:
    """Whether integers of so many bits hold the steps."""
    return bool(-(2 ** (bits - 1)) <= steps.min(initial=0) and steps.max(initial=0) < 2 ** (bits - 1))


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
    """FLAC, which follows the loudness, where it holds the values; otherwise zstandard on the bytes by significance."""
    if _fits(steps, 24) and steps.shape[1] <= _FLAC_CHANNELS:
        target = io.BytesIO()
        fits = _fits(steps, 16)
        values = steps.astype(np.int16) if fits else (steps << 8).astype(np.int32)
        soundfile.write(target, values, 48_000, "PCM_16" if fits else "PCM_24", format="FLAC", compression_level=1.0)
        return b"F" + target.getvalue()
    planes = np.ascontiguousarray(steps.astype("<i8")).view(np.uint8).reshape(-1, 8).T
    return b"Z" + struct.pack("<H", steps.shape[1]) + zstd.compress(np.ascontiguousarray(planes).tobytes())


def _unpacked(coded: bytes) -> Integers:
    if coded[:1] == b"Z":
        (channels,) = struct.unpack_from("<H", coded, 1)
        if not channels:
            raise ValueError("a block claims to have no channels")
        planes = np.frombuffer(zstd.decompress(coded[3:]), np.uint8).reshape(8, -1)
        return np.ascontiguousarray(planes.T).view("<i8").reshape(-1, channels).astype(np.int64)
    with soundfile.SoundFile(io.BytesIO(coded[1:])) as sound:
        if sound.frames > LONGEST:
            raise ValueError("a block claims more frames than one can have")
        shift = 16 if sound.subtype == "PCM_16" else 8
        unpacked: Integers = sound.read(dtype="int32", always_2d=True).astype(np.int64) >> shift
    return unpacked
