"""What tests of third parties' enhancers share: speech in noise, and what is measured on it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from pesq import pesq
from torch import Tensor

from benchmarks.mixtures import Mixtures, mixtures
from sottovoce.audio.batch import unpad
from sottovoce.metrics import si_sdr


@pytest.fixture(scope="session")
def speech_in_noise(shared_data: Path) -> Mixtures:
    """Five LibriSpeech recordings in test noise at 8 dB: SI-SDR 8.0 dB, wide-band PESQ 1.20."""
    return mixtures(shared_data, 8.0, count=5, seed=0)


@pytest.fixture(scope="session")
def quality() -> Callable[[Mixtures, Tensor], tuple[float, float]]:
    """Means over a batch of the SI-SDR in dB and of the wide-band PESQ of what an enhancer gave."""

    def measure(batch: Mixtures, enhanced: Tensor) -> tuple[float, float]:
        pairs = list(zip(unpad(enhanced, batch.lengths), unpad(batch.clean, batch.lengths), strict=True))
        ratios = si_sdr(batch.clean, enhanced, batch.lengths)
        return float(ratios.mean()), float(np.mean([pesq(16_000, c.numpy(), e.numpy(), "wb") for e, c in pairs]))

    return measure


@pytest.fixture(scope="session")
def lags() -> Callable[[Tensor, Tensor], list[int]]:
    """By how many samples each row of the first batch comes after that of the second."""

    def measure(late: Tensor, early: Tensor) -> list[int]:
        size = 2 * late.shape[-1]
        correlation = torch.fft.irfft(torch.fft.rfft(late, size) * torch.fft.rfft(early, size).conj(), size)
        return [int(place) - size * int(place > size // 2) for place in correlation.argmax(-1)]

    return measure
