"""Whisper's log-mel spectrogram, against the feature extractor of transformers."""

import numpy as np
import pytest
import torch

from sottovoce.models.recognizers.log_mel import WhisperLogMel

transformers = pytest.importorskip("transformers")
WINDOW = 480_000


@pytest.fixture(scope="module", params=[80, 128])
def extractor(request: pytest.FixtureRequest):
    return transformers.WhisperFeatureExtractor(feature_size=request.param)


@pytest.fixture(scope="module")
def waveforms() -> torch.Tensor:
    """A tone in noise, a quiet noise, one sample, silence, and a row that fills the window."""
    generator = torch.Generator().manual_seed(0)
    rows = torch.zeros(5, WINDOW)
    rows[0, :40_000] = 0.4 * torch.sin(torch.arange(40_000) * 0.3) + 0.01 * torch.randn(40_000, generator=generator)
    rows[1, :100_001] = 1e-3 * torch.randn(100_001, generator=generator)
    rows[2, 777] = 1.0
    rows[4] = 0.1 * torch.randn(WINDOW, generator=generator)
    return rows


def test_is_that_of_transformers(extractor, waveforms: torch.Tensor) -> None:
    theirs = extractor([row.numpy() for row in waveforms], sampling_rate=16_000, return_tensors="pt").input_features
    ours = WhisperLogMel(extractor.feature_size)(waveforms)
    assert ours.shape == (5, extractor.feature_size, 3000)
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0.0)


def test_a_shorter_window_is_the_beginning_of_the_long_one(extractor, waveforms: torch.Tensor) -> None:
    log_mel = WhisperLogMel(extractor.feature_size)
    torch.testing.assert_close(log_mel(waveforms[:3, :128_000]), log_mel(waveforms[:3])[..., :800])


def test_the_gradient_is_finite_even_in_silence(extractor, waveforms: torch.Tensor) -> None:
    rows = waveforms[[0, 3], :48_000].clone().requires_grad_()
    WhisperLogMel(extractor.feature_size)(rows).square().sum().backward()
    assert rows.grad is not None and np.isfinite(rows.grad.numpy()).all() and rows.grad[0].any()
