"""Windows of every channel are attacked a few at a time and put back where they came from."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce.audio.windows import LONGEST
from sottovoce.protections.windowed import cut, perturb_in_windows


def test_windows_cover_every_channel() -> None:
    found = cut(torch.zeros(2, 3 * LONGEST))
    assert [window.channel for window in found] == [0] * (len(found) // 2) + [1] * (len(found) // 2)
    assert found[0].place.start == 0 and found[-1].place.stop == 3 * LONGEST


@settings(max_examples=20)
@given(channels=st.integers(1, 3), samples=st.integers(1000, 3 * LONGEST), at_once=st.integers(1, 5))
def test_a_gain_in_windows_is_the_gain_of_the_whole(channels: int, samples: int, at_once: int) -> None:
    heard = torch.randn(channels, samples, generator=torch.Generator().manual_seed(samples))
    shares: list[float] = []

    def louder(waveforms, lengths, batch, part):
        assert len(waveforms) == len(lengths) == len(batch) <= at_once
        for row, window in zip(waveforms, batch, strict=True):
            piece = heard[window.channel, window.place]
            assert torch.equal(row[: len(piece)], piece) and not row[len(piece) :].any()
        part(1.0)
        return 1.5 * waveforms

    change = perturb_in_windows(heard, cut(heard), at_once, louder, shares.append)
    torch.testing.assert_close(change, 0.5 * heard, atol=1e-5, rtol=1e-5)
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1.0)
