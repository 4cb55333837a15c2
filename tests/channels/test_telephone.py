"""G.711 against libsndfile's, and the telephone's band on tones."""

import io
import math

import numpy as np
import pytest
import scipy.signal
import soundfile
import torch

from sottovoce.channels import G711, Telephone


@pytest.mark.parametrize(("law", "subtype"), [("mu", "ULAW"), ("a", "ALAW")])
def test_all_16_bit_integers_are_coded_as_libsndfile_does(law: str, subtype: str) -> None:
    integers, buffer = np.arange(-32768, 32768).astype(np.int16), io.BytesIO()
    soundfile.write(buffer, integers, 8000, format="WAV", subtype=subtype)
    wanted, _ = soundfile.read(io.BytesIO(buffer.getvalue()), dtype="int16")
    found = G711(law)(torch.from_numpy(integers / 32768).float()[None])[0]
    np.testing.assert_array_equal((found * 32768).numpy(), wanted)
    assert len(np.unique(wanted)) >= 255


@pytest.mark.parametrize(
    ("frequency", "gain"), [(100.0, 0.0), (290.0, 0.0), (310.0, 1.0), (1000.0, 1.0), (3390.0, 1.0), (3500.0, 0.0)]
)
@pytest.mark.parametrize("law", ["mu", "a"])
def test_tones_in_the_band_come_through_in_place(frequency: float, gain: float, law: str) -> None:
    tone = 0.5 * torch.sin(2 * math.pi * frequency * torch.arange(16_000).double() / 16_000)[None]
    heard = Telephone(law).double()(tone)
    error = (heard - gain * tone).square().mean() / tone.square().mean()
    assert error < (10**-3.3 if gain else 10**-4), "G.711 gives 33 dB and more for loud sounds"


def test_it_is_the_same_as_with_scipys_resampling_and_libsndfiles_code() -> None:
    generator, band = np.random.default_rng(0), scipy.signal.firwin(1001, [500, 3000], pass_zero=False, fs=16_000)
    sound = 0.2 * scipy.signal.fftconvolve(generator.normal(size=20_000), band)
    narrow, buffer = scipy.signal.resample(sound, len(sound) // 2), io.BytesIO()
    soundfile.write(buffer, narrow, 8000, format="WAV", subtype="ULAW")
    coded, _ = soundfile.read(io.BytesIO(buffer.getvalue()))
    wanted = scipy.signal.resample(coded, len(sound))
    spectrum, frequencies = np.fft.rfft(wanted), np.fft.rfftfreq(len(wanted), 1 / 16_000)
    wanted = np.fft.irfft(spectrum * ((frequencies >= 300) & (frequencies <= 3400)), len(wanted))
    heard = Telephone()(torch.from_numpy(sound)[None])[0].numpy()
    difference = 10 * np.log10(np.square(wanted).sum() / np.square(heard - wanted).sum())
    noise = 10 * np.log10(np.square(sound).sum() / np.square(sound - wanted).sum())
    assert noise > 33 and difference > noise + 6, (noise, difference)


@pytest.mark.parametrize("samples", [1000, 1001])
def test_the_gradient_is_that_of_the_filters(samples: int) -> None:
    waveforms = (0.1 * torch.randn(1, samples, generator=torch.Generator().manual_seed(0)).double()).requires_grad_()
    weights = torch.randn(samples, generator=torch.Generator().manual_seed(1)).double()
    telephone, bare = Telephone().double(), Telephone().double()
    bare.code = torch.nn.Identity()
    wanted, found = (torch.autograd.grad((each(waveforms) * weights).sum(), waveforms)[0] for each in (bare, telephone))
    torch.testing.assert_close(found, wanted)
    step = 0.01 * torch.randn(1, samples, generator=torch.Generator().manual_seed(2)).double()
    change = ((bare(waveforms + step) - bare(waveforms)) * weights).sum()
    torch.testing.assert_close((wanted * step).sum(), change)  # the filters are linear
    assert not torch.equal(telephone(waveforms), bare(waveforms))


@pytest.mark.parametrize("law", ["mu", "a"])
def test_silence_stays_silent(law: str) -> None:
    assert Telephone(law)(torch.zeros(1, 801)).abs().max() < 1e-6
