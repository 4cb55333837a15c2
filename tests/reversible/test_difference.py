"""Whatever the original and the protected samples, the original comes back bit for bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sottovoce.reversible.difference import decode, encode

SUBTYPES = ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "VORBIS"]


def samples(subtype: str, frames: int, channels: int, seed: int) -> NDArray[np.float64]:
    """As they come from a file of that encoding; those of integers have no -0.0."""
    wanted = 0.3 * np.random.default_rng(seed).standard_normal((frames, channels))
    bits = {"PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "ULAW": 16}.get(subtype)
    if bits:
        return (
            np.clip(np.rint(wanted * 2 ** (bits - 1)), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1) / 2 ** (bits - 1) + 0.0
        )
    return wanted if subtype == "DOUBLE" else wanted.astype(np.float32).astype(np.float64)


def same_bits(first: NDArray[np.float64], second: NDArray[np.float64]) -> bool:
    return first.shape == second.shape and first.tobytes() == second.tobytes()


def coded(original: NDArray[np.float64], protected: NDArray[np.float64], subtype: str, block: int = 100) -> bytes:
    starts = range(0, len(original), block)
    return encode(((original[i : i + block], protected[i : i + block]) for i in starts), subtype)[0]


def decoded(code: bytes, protected: NDArray[np.float64], subtype: str, block: int = 70) -> NDArray[np.float64]:
    starts = range(0, len(protected), block)
    return np.concatenate(list(decode(code, (protected[i : i + block] for i in starts), subtype)))


@given(
    subtype=st.sampled_from(SUBTYPES),
    frames=st.integers(1, 300),
    channels=st.integers(1, 9),
    error=st.sampled_from([0.0, 1e-7, 1e-3, 0.5, 3.0]),
    seed=st.integers(0, 999),
    blocks=st.tuples(st.integers(1, 400), st.integers(1, 400)),
)
def test_samples_come_back(subtype: str, frames: int, channels: int, error: float, seed: int, blocks) -> None:
    original = samples(subtype, frames, channels, seed)
    protected = original + error * np.random.default_rng(seed + 1).standard_normal(original.shape)
    code = coded(original, protected, subtype, blocks[0])
    assert same_bits(decoded(code, protected, subtype, blocks[1]), original)


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_floats_of_any_size_and_both_zeros(subtype: str) -> None:
    values = np.array([[0.0, -0.0, 1e-30, -1e-30, 7.5, -1e20, 1.0, -1.0]]).T
    original = values.astype(np.float32).astype(np.float64) if subtype == "FLOAT" else values
    nothing = np.zeros_like(original)
    assert same_bits(decoded(coded(original, nothing, subtype), nothing, subtype), original)


def test_a_quieter_perturbation_takes_less_room() -> None:
    original = samples("PCM_16", 50_000, 1, 0)
    noise = np.random.default_rng(1).standard_normal(original.shape)
    sizes = [len(coded(original, original + error * noise, "PCM_16", 50_000)) for error in (0.0, 1e-4, 1e-3, 1e-2)]
    assert sizes == sorted(sizes) and sizes[0] < 1000
    # Gaussian noise of σ steps has log2(σ·sqrt(2πe)) bits a sample; FLAC's Rice code stays within a tenth of that.
    bits = np.log2(1e-3 * 2**15 * np.sqrt(2 * np.pi * np.e))
    assert 8 * sizes[2] / 50_000 < 1.1 * bits


def test_the_original_is_stored_where_it_is_smaller_than_the_difference() -> None:
    original = np.zeros((50_000, 1))
    protected = 0.1 * np.random.default_rng(0).standard_normal(original.shape)
    code, alone = encode([(original, protected)], "PCM_16")
    assert alone <= len(code) < 1000
    assert same_bits(decoded(code, protected, "PCM_16"), original)


def test_sixteen_bits_in_floating_point_take_no_more_room_than_as_integers() -> None:
    original = samples("PCM_16", 20_000, 1, 0)
    protected = original + 0.01 * np.random.default_rng(1).standard_normal(original.shape)
    _, as_integers = encode([(original, protected)], "PCM_16")
    assert len(coded(original, protected, "FLOAT", 20_000)) < 1.05 * as_integers


@pytest.mark.parametrize("held", [np.float32, np.float64])
def test_the_protected_file_may_hold_its_samples_more_finely(held) -> None:
    original = samples("PCM_16", 500, 2, 0)
    protected = (original + 1e-3 * np.random.default_rng(1).standard_normal(original.shape)).astype(held).astype(float)
    assert same_bits(decoded(coded(original, protected, "PCM_16"), protected, "PCM_16"), original)


def test_what_a_block_claims_is_checked() -> None:
    nothing = np.zeros((9, 1))
    code = coded(nothing, nothing, "PCM_16")
    with pytest.raises(ValueError, match="more bytes than there are"):
        decoded(code[:-1], nothing, "PCM_16")
    streaminfo = code.index(b"fLaC") + 4  # STREAMINFO: 36 bits of the number of frames end at its bytes 17 to 21
    frames = streaminfo + 4 + 14
    assert code[frames : frames + 4] == (9).to_bytes(4, "big")
    claims = code[:frames] + b"\xff" * 4 + code[frames + 4 :]
    with pytest.raises(ValueError, match="more frames than one can have"):
        decoded(claims, nothing, "PCM_16")
