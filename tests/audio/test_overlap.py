"""Overlap-add against a loop."""

import pytest
import torch

from sottovoce.audio.overlap import overlap_add


@pytest.mark.parametrize("size, hop", [(4, 2), (8, 2), (3, 1), (5, 5)])
def test_is_the_sum_of_frames_at_their_places(size: int, hop: int) -> None:
    frames = torch.randn(2, 6, size, generator=torch.Generator().manual_seed(0))
    right = torch.zeros(2, 5 * hop + size)
    for at in range(6):
        right[:, at * hop : at * hop + size] += frames[:, at]
    torch.testing.assert_close(overlap_add(frames, hop), right)
