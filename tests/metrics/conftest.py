"""Signals that speech metrics accept."""

import pytest
import torch
from torch import Tensor

RATE = 16000


@pytest.fixture
def voice() -> Tensor:
    """Two rows `(2, 32000)` with a voice's pitch, formant-like colour and syllables, clearly within [-1, 1]."""
    time = torch.arange(2 * RATE) / RATE
    syllables = (torch.sin(2 * torch.pi * 2 * time).clamp(min=0)) ** 0.5
    rows = []
    for pitch in (120.0, 210.0):
        tones = [torch.sin(2 * torch.pi * pitch * k * time + k * k) / k for k in range(1, int(7000 / pitch))]
        rows.append(0.2 * syllables * torch.stack(tones).sum(0))
    return torch.stack(rows)


@pytest.fixture
def hiss() -> Tensor:
    """White noise `(2, 32000)` at 0.01 RMS."""
    return 0.01 * torch.randn(2, 2 * RATE, generator=torch.Generator().manual_seed(1))
