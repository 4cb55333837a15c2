"""Real convolutions against torch's complex transform."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.audio.spectral import STFT
from sottovoce.exporting.spectra import RealSTFT


@given(samples=st.integers(1, 2000), window=st.sampled_from(["hann", "hamming"]), seed=st.integers(0, 9))
def test_it_is_the_transform_and_its_inverse(samples: int, window: str, seed: int) -> None:
    stft = STFT(size=128, hop=64, window=window)
    real_stft = RealSTFT(stft)
    waveforms = torch.randn(2, samples, generator=torch.Generator().manual_seed(seed))
    spectrum = stft(waveforms)
    real, imaginary = real_stft(waveforms)
    torch.testing.assert_close(torch.complex(real, imaginary), spectrum, rtol=0, atol=1e-4)
    torch.testing.assert_close(real_stft.inverse(real, imaginary, samples), waveforms, rtol=0, atol=1e-5)
    changed = spectrum * torch.linspace(0.0, 2.0, 65)[:, None]
    parts = real_stft.inverse(changed.real, changed.imag, samples)
    torch.testing.assert_close(parts, stft.inverse(changed, samples), rtol=0, atol=1e-5)


def test_other_overlaps_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        RealSTFT(STFT(size=400, hop=160, window="hann"))
