"""Small listeners, and a batch to attack."""

import pytest
import torch
from torch import Tensor, nn

from sottovoce.audio import pad, zero_padding


class Filter(nn.Module):
    """A short filter and a saturation: an enhancer of a few weights."""

    def __init__(self, taps: int = 5, gain: float = 0.8) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(taps)
        self.taps = nn.Parameter(gain * torch.randn(1, 1, taps, generator=generator) / taps**0.5)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        emitted = nn.functional.conv1d(waveforms[:, None], self.taps, padding=self.taps.shape[-1] // 2)[:, 0]
        return zero_padding(torch.tanh(emitted), lengths)


def noise(*shape: int, seed: int = 0) -> Tensor:
    return 0.1 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def listener() -> Filter:
    return Filter()


@pytest.fixture
def other_victim() -> Filter:
    return Filter(taps=9)


@pytest.fixture
def batch() -> tuple[Tensor, Tensor]:
    """Three rows of unequal length, one of them so loud that it reaches full scale."""
    return pad([noise(1300, seed=1), noise(801, seed=2), (5 * noise(1024, seed=3)).clamp(-1, 1)])


@pytest.fixture
def double():
    """Double precision throughout, so that a gradient's sign does not hang on rounding."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)
