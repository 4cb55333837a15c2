"""Blocks of any size are taken apart and put together without losing a frame."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.audio.blocks import Blocks, paired

sizes = st.lists(st.integers(0, 20), max_size=10)


@given(have=sizes, want=sizes)
def test_frames_come_in_order(have: list[int], want: list[int]) -> None:
    samples = np.arange(2.0 * sum(have)).reshape(-1, 2)
    rest = Blocks(np.split(samples, np.cumsum(have)[:-1]) if have else [])
    taken = [rest.take(size) for size in want]
    assert [len(each) for each in taken] == list(np.diff(np.minimum(np.cumsum([0, *want]), sum(have))))
    np.testing.assert_array_equal(
        np.concatenate([each.reshape(-1, 2) for each in taken] or [samples[:0]]), samples[: sum(want)]
    )


def test_recordings_are_paired_frame_by_frame() -> None:
    first, second = np.arange(10.0)[:, None], -np.arange(10.0)[:, None]
    pairs = list(paired(np.split(first, [3, 4]), np.split(second, [7])))
    assert [len(one) for one, _ in pairs] == [3, 1, 6] and all((one == -other).all() for one, other in pairs)
    with pytest.raises(ValueError, match="2 frames are missing"):
        list(paired([first], [second[:8]]))
