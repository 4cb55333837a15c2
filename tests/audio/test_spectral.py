"""Spectral features against librosa's and torch's, and each row of a padded batch against the row alone."""

import librosa
import numpy as np
import pytest
import scipy.fft
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce.audio import MFCC, STFT, LogMel, MelPower, mel_filterbank, pad
from sottovoce.audio.spectral import dct_matrix, hz_to_mel, magnitude, mel_to_hz, with_phase_of

SHAPES = [(512, 256, "hamming"), (512, 128, "hann"), (400, 160, "hann"), (64, 8, "hann")]


def noise(*shape: int) -> torch.Tensor:
    return 0.1 * torch.randn(*shape, generator=torch.Generator().manual_seed(shape[-1]))


@pytest.mark.parametrize(("size", "hop", "window"), SHAPES)
def test_stft_is_librosas(size: int, hop: int, window: str) -> None:
    signal = noise(4000)
    ours = STFT(size=size, hop=hop, window=window)(signal[None])[0].numpy()
    theirs = librosa.stft(signal.numpy(), n_fft=size, hop_length=hop, window=window, pad_mode="constant")
    np.testing.assert_allclose(ours[:, : theirs.shape[1]], theirs, rtol=0, atol=2e-5)


@settings(max_examples=40)
@given(samples=st.integers(min_value=1, max_value=3000), shape=st.sampled_from(SHAPES))
def test_inverse_gives_every_sample_back(samples: int, shape: tuple[int, int, str]) -> None:
    size, hop, window = shape
    stft, signal = STFT(size=size, hop=hop, window=window), noise(2, samples)
    spectrum = stft(signal)
    assert spectrum.shape[-1] == stft.frames(torch.tensor([samples])).item()
    torch.testing.assert_close(stft.inverse(spectrum, samples), signal, rtol=0, atol=1e-6)


@settings(max_examples=40)
@given(
    samples=st.integers(min_value=1, max_value=2000),
    more=st.integers(min_value=0, max_value=2000),
    shape=st.sampled_from(SHAPES),
)
def test_a_padded_row_has_its_own_frames_and_only_those(samples: int, more: int, shape: tuple[int, int, str]) -> None:
    size, hop, window = shape
    stft, row = STFT(size=size, hop=hop, window=window), noise(samples)
    batch, lengths = pad([row, noise(samples + more)])
    spectrum, alone = stft(batch), stft(row[None])
    own = int(stft.frames(lengths)[0])
    torch.testing.assert_close(spectrum[:1, :, :own], alone, rtol=0, atol=1e-6)
    assert (spectrum[0, :, own:] == 0).all()
    changed, changed_alone = 0.5 * alone.real + 1j * alone.imag, spectrum.clone()
    changed_alone[0, :, :own] = changed[0]
    inverse = stft.inverse(changed_alone, samples + more)[:1, :samples]
    torch.testing.assert_close(inverse, stft.inverse(changed, samples), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("bands", "size", "rate", "low", "high"), [(80, 400, 16000, 0, 8000), (40, 512, 8000, 60, 3800)]
)
def test_mel_filterbank_is_librosas(bands: int, size: int, rate: int, low: float, high: float) -> None:
    ours = mel_filterbank(bands=bands, fft_size=size, rate=rate, low=low, high=high)
    theirs = librosa.filters.mel(sr=rate, n_fft=size, n_mels=bands, fmin=low, fmax=high, htk=True, norm=None)
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=0, atol=1e-5)


@given(hertz=st.floats(min_value=0, max_value=24000))
def test_mel_scale_is_librosas_and_its_inverse(hertz: float) -> None:
    assert hz_to_mel(hertz).item() == pytest.approx(float(librosa.hz_to_mel(hertz, htk=True)))
    assert mel_to_hz(hz_to_mel(hertz)).item() == pytest.approx(hertz, abs=1e-6)


def test_log_mel_is_librosas() -> None:
    signal = noise(8000)
    ours = LogMel(MelPower())(signal[None])[0].numpy()
    theirs = librosa.feature.melspectrogram(
        y=signal.numpy(), sr=16000, n_fft=400, hop_length=160, n_mels=80, htk=True, norm=None, pad_mode="constant"
    )
    np.testing.assert_allclose(ours[:, : theirs.shape[1]], np.log(theirs + 1e-10), rtol=0, atol=1e-3)


def test_dct_is_scipys() -> None:
    theirs = scipy.fft.dct(np.eye(40), type=2, norm="ortho", axis=0)[:13]
    np.testing.assert_allclose(dct_matrix(13, 40).numpy(), theirs, rtol=0, atol=1e-6)


def test_mfcc_is_librosas() -> None:
    signal = noise(8000)
    log_mel = LogMel(MelPower(bands=40))(signal[None])[0].numpy()
    theirs = librosa.feature.mfcc(S=log_mel, n_mfcc=13, dct_type=2, norm="ortho")
    np.testing.assert_allclose(MFCC(LogMel(MelPower(bands=40)))(signal[None])[0].numpy(), theirs, rtol=0, atol=1e-4)


def test_magnitude_and_phase_make_the_spectrum() -> None:
    spectrum = STFT()(noise(1, 2000))
    torch.testing.assert_close(magnitude(spectrum), spectrum.abs(), rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(with_phase_of(magnitude(spectrum), spectrum), spectrum)


def test_gradients_are_finite_in_silence() -> None:
    silence = torch.zeros(1, 1000, requires_grad=True)
    stft = STFT()
    spectrum = stft(silence)
    stft.inverse(with_phase_of(torch.log1p(magnitude(spectrum)), spectrum), 1000).sum().backward()
    assert silence.grad is not None and silence.grad.isfinite().all()
