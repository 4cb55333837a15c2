"""The band-pass on tones and batches."""

import math

import pytest
import torch

from sottovoce.channels.band import BandPass


@pytest.mark.parametrize(
    ("frequency", "gain"), [(500.0, 0.0), (1000.0, 1.0), (3000.0, 1.0), (4000.0, 1.0), (6000.0, 0.0)]
)
def test_tones_in_the_band_pass_and_others_do_not(frequency: float, gain: float) -> None:
    tone = torch.sin(2 * math.pi * frequency * torch.arange(16_000).double() / 16_000)[None]
    torch.testing.assert_close(BandPass()(tone), gain * tone, rtol=0, atol=1e-4)


def test_a_row_in_a_batch_gives_what_it_gives_alone() -> None:
    waveforms = torch.randn(2, 900, generator=torch.Generator().manual_seed(0))
    together = BandPass()(waveforms, torch.tensor([900, 500]))
    torch.testing.assert_close(together[1:, :500], BandPass()(waveforms[1:, :500]))
    assert not together[1, 500:].any()
