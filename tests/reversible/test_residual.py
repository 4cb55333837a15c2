"""Whatever the samples and the prediction, the samples come back bit for bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sottovoce.reversible.residual import decode, encode

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


@given(
    subtype=st.sampled_from(SUBTYPES),
    frames=st.integers(1, 300),
    channels=st.integers(1, 9),
    error=st.sampled_from([0.0, 1e-7, 1e-3, 0.5, 3.0]),
    seed=st.integers(0, 999),
)
def test_samples_come_back(subtype: str, frames: int, channels: int, error: float, seed: int) -> None:
    original = samples(subtype, frames, channels, seed)
    predicted = original + error * np.random.default_rng(seed + 1).standard_normal(original.shape)
    assert same_bits(decode(encode(original, predicted, subtype), predicted, subtype), original)


@pytest.mark.parametrize("subtype", SUBTYPES)
def test_even_where_another_machine_rounds_otherwise(subtype: str) -> None:
    original = samples(subtype, 4000, 2, 0)
    steps = 2.0 ** (min({"PCM_U8": 8, "PCM_16": 16, "ULAW": 16}.get(subtype, 24), 24) - 1)
    predicted = (np.floor(original * steps) + 0.5) / steps  # all of them where rounding turns over
    coded = encode(original, predicted, subtype)
    for elsewhere in (predicted - 1e-9 / steps, predicted + 1e-9 / steps):
        assert same_bits(decode(coded, elsewhere, subtype), original)


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_floats_of_any_size_and_both_zeros(subtype: str) -> None:
    values = np.array([[0.0, -0.0, 1e-30, -1e-30, 7.5, -1e20, 1.0, -1.0]]).T
    original = values.astype(np.float32).astype(np.float64) if subtype == "FLOAT" else values
    assert same_bits(
        decode(encode(original, np.zeros_like(original), subtype), np.zeros_like(original), subtype), original
    )


def test_a_better_prediction_takes_less_room() -> None:
    original = samples("PCM_16", 50_000, 1, 0)
    noise = np.random.default_rng(1).standard_normal(original.shape)
    sizes = [len(encode(original, original + error * noise, "PCM_16")) for error in (0.0, 1e-4, 1e-3, 1e-2)]
    assert sizes == sorted(sizes) and sizes[0] < 1000
    # Gaussian noise of σ steps has log2(σ·sqrt(2πe)) bits a sample; FLAC's Rice code stays within a tenth of that.
    bits = np.log2(1e-3 * 2**15 * np.sqrt(2 * np.pi * np.e))
    assert 8 * sizes[2] / 50_000 < 1.1 * bits
