"""The SNR holds after every sample, however the sound is cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.live import RunningFloor


def sound(seed: int, count: int, offset: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    own = random.normal(0, 1000, count) * random.choice([0.01, 1.0, 8.0], count // 50 + 1).repeat(50)[:count]
    change = np.rint(random.normal(0, 150, count)).astype(np.int64)
    return np.rint(own + offset).clip(-32_768, 32_767).astype(np.int16), change


@given(seed=st.integers(0, 99), sizes=st.lists(st.integers(0, 90), min_size=1, max_size=8), offset=st.integers(-9, 9))
def test_every_beginning_keeps_it(seed: int, sizes: list[int], offset: int) -> None:
    own, change = sound(seed, sum(sizes), 1000 * offset)
    floor, ends = RunningFloor(20.0), np.cumsum(sizes)[:-1]
    pairs = zip(np.split(own, ends), np.split(change, ends), strict=True)
    kept = np.concatenate([floor.within(*pair) for pair in pairs])
    assert (np.abs(kept) <= np.abs(change)).all() and (kept * change >= 0).all()
    for end in range(1, len(own) + 1):
        energy = end * own[:end].astype(np.float64).var()
        assert np.square(kept[:end]).sum() <= 0.01 * energy * (1 + 1e-9) + 1e-6
    whole = RunningFloor(20.0).within(own, change)
    assert np.abs(kept - whole).max(initial=0) <= 1 and (kept != whole).mean() < 0.05 if len(own) else True


def test_what_is_within_it_stays_as_it_is() -> None:
    own, change = sound(1, 4000, 500)
    floor = RunningFloor(20.0)
    floor.within(own, np.zeros(4000, np.int64))
    kept = floor.within(own[:100], change[:100])
    np.testing.assert_array_equal(kept, change[:100])
    energy = np.concatenate([own, own[:100]]).astype(np.float64)
    assert floor.snr == pytest.approx(10 * np.log10(len(energy) * energy.var() / np.square(kept).sum()))


@pytest.mark.parametrize("level", [0, 7])
def test_nothing_is_added_to_silence_or_to_an_offset(level: int) -> None:
    floor = RunningFloor(20.0)
    assert not floor.within(np.full(300, level, np.int16), np.full(300, 5)).any()
    assert floor.snr == np.inf
