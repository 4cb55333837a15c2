"""PESQ in worker processes."""

import pytest
import torch
from pesq import pesq

from sottovoce.training.pesq_pool import make_pool, normalised_pesq


def test_pool_gives_pesqs_scores_and_nan_for_silence() -> None:
    times = torch.arange(32_000) / 16_000
    voice = sum(torch.sin(2 * torch.pi * 120 * k * times) / k for k in range(1, 25))
    clean = (0.05 * voice * (torch.sin(2 * torch.pi * 2 * times) > -0.5))[None]
    judged = clean + 1e-2 * torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
    with make_pool(1) as pool:
        scores = normalised_pesq(pool, torch.cat([clean, 0 * clean]), torch.cat([judged, judged]))
    expected = (pesq(16_000, clean[0].numpy(), judged[0].numpy(), "wb") + 0.5) / 5
    assert scores[0].item() == pytest.approx(expected) and scores[1].isnan()
