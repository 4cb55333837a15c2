"""Live sound is what the network gives for the whole, as far as the floor allows."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce.errors import SottovoceError
from sottovoce.live import BLOCK, LiveVoice, RunningFloor
from sottovoce.perturbers import SSED


def speech(count: int, seed: int = 0, level: float = 3000.0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.rint(random.normal(0, level, count)).clip(-32_768, 32_767).astype(np.int16)


def through(voice: LiveVoice, samples: np.ndarray, sizes: list[int]) -> np.ndarray:
    pieces = np.split(samples, np.cumsum(sizes)[:-1])
    return np.concatenate([*(voice.push(piece) for piece in pieces), voice.flush()])


@torch.no_grad()
def whole(generator: SSED, samples: np.ndarray) -> np.ndarray:
    found = generator(torch.from_numpy(samples.astype(np.float32) / 32_768)[None])[0].double().numpy()
    return np.rint(found * 32_768).clip(-32_768, 32_767).astype(np.int64)


@settings(max_examples=25)
@given(sizes=st.lists(st.integers(0, 400), min_size=1, max_size=9), seed=st.integers(0, 9), loud=st.booleans())
def test_pieces_of_any_size_give_the_whole(generator: SSED, sizes: list[int], seed: int, loud: bool) -> None:
    samples = speech(sum(sizes), seed, 20_000.0 if loud else 300.0)  # within the floor from early on, and above it
    given = through(LiveVoice(generator), samples, sizes)
    assert given.dtype == np.int16 and given.shape == samples.shape
    change = whole(generator, samples) - samples if len(samples) else samples.astype(np.int64)
    wanted = samples + RunningFloor(20.0).within(samples, change)
    assert np.abs(given - wanted).max(initial=0) <= 1


def test_where_the_floor_does_not_bind_it_is_the_network_itself(generator: SSED) -> None:
    samples = speech(3000, level=9000.0)
    given = through(LiveVoice(generator), samples, [777, 1, 2222])
    assert np.abs(given - whole(generator, samples))[200:].max() <= 1 and (given != samples).mean() > 0.9


def test_whole_blocks_wait_no_longer_than_the_context() -> None:
    voice = LiveVoice(SSED(channels=2).eval())  # the context of the real network
    given = sum(len(voice.push(speech(BLOCK, seed))) for seed in range(7))
    assert given == 7 * BLOCK - voice.context and voice.context <= 2 * BLOCK
    voice.warm_up()  # leaves no trace in it
    assert given + len(voice.flush()) == 7 * BLOCK


def test_a_generator_that_looks_at_the_whole_is_refused() -> None:
    with pytest.raises(SottovoceError, match="cannot be streamed"):
        LiveVoice(SSED(channels=4, blocks=1, normalised=True))
