"""Kaldi's log mel bands against two other implementations of them."""

import numpy as np
import pytest
import torch
from torch import Tensor

from sottovoce.audio.kaldi import KaldiFbank

KALDIS = {
    0: [-6.176, -3.267, -14.253, -15.942, -14.635, -15.942],
    40: [-8.958, -14.527, -7.647, -13.945, -14.630, -15.942],
    97: [-11.758, -15.942, -15.942, 0.940, -15.138, -15.942],
}
"""Bands 0, 10, 20, 40, 60 and 79 of some frames of `sweep`, by kaldi-native-fbank 1.23.0 with dither 0."""


@pytest.fixture
def sweep() -> Tensor:
    """A second of a rising tone beside a steady one, with an offset."""
    t = np.arange(16_000) / 16_000
    tones = 0.3 * np.sin(2 * np.pi * (200 * t + 900 * t**2)) + 0.05 * np.sin(2 * np.pi * 5000 * t)
    return torch.from_numpy((tones + 0.02).astype(np.float32))[None]


def test_bands_are_kaldis(sweep: Tensor) -> None:
    bands = KaldiFbank()(sweep)
    assert bands.shape == (1, 80, 98)
    for frame, wanted in KALDIS.items():
        np.testing.assert_allclose(bands[0, [0, 10, 20, 40, 60, 79], frame].numpy(), wanted, rtol=0, atol=2e-3)


@pytest.mark.parametrize("bands", [23, 80])
@pytest.mark.parametrize("samples", [400, 559, 560, 9000])
def test_bands_are_those_of_transformers(samples: int, bands: int) -> None:
    audio_utils = pytest.importorskip("transformers.audio_utils", reason="needs the extra 'hub'")
    signal = 0.1 * torch.randn(2, samples, generator=torch.Generator().manual_seed(samples)) + 0.3
    filters = audio_utils.mel_filter_bank(
        num_frequency_bins=257, num_mel_filters=bands, min_frequency=20, max_frequency=8000, sampling_rate=16_000,
        norm=None, mel_scale="kaldi", triangularize_in_mel_space=True,
    )  # fmt: skip
    wanted = [
        audio_utils.spectrogram(
            row, audio_utils.window_function(400, "povey", periodic=False), frame_length=400, hop_length=160,
            fft_length=512, power=2.0, center=False, preemphasis=0.97, mel_filters=filters, log_mel="log",
            mel_floor=2.0**-23, remove_dc_offset=True,
        )
        for row in signal.numpy()
    ]  # fmt: skip
    np.testing.assert_allclose(KaldiFbank(bands)(signal).numpy(), np.stack(wanted), rtol=0, atol=1e-3)


def test_a_gradient_reaches_the_samples_even_in_silence() -> None:
    fbank = KaldiFbank()
    silence = torch.zeros(1, 4000, requires_grad=True)
    fbank(silence).sum().backward()
    assert silence.grad is not None and silence.grad.isfinite().all()
    signal = (0.1 * torch.randn(1, 2000, dtype=torch.float64)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: fbank.double()(x)[:, ::20, ::5], signal, fast_mode=True)
