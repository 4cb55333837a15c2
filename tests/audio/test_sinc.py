import numpy as np
import pytest
import torch
from torch import Tensor

from sottovoce.audio.batch import pad
from sottovoce.audio.resampling import resample
from sottovoce.audio.sinc import Sinc


def tone(hertz: float, rate: int, samples: int) -> Tensor:
    return torch.sin(2 * torch.pi * hertz * torch.arange(samples, dtype=torch.float64) / rate).float()[None]


@pytest.mark.parametrize("factor", [2, 3])
def test_in_the_band_it_is_soxr(factor: int) -> None:
    generator = np.random.default_rng(1)
    spectrum = np.fft.rfft(generator.normal(size=8000))
    spectrum[int(0.88 * len(spectrum)) :] = 0
    low = np.fft.irfft(spectrum).astype(np.float32)
    high = resample(low, 16_000, 16_000 * factor)
    sinc = Sinc(factor)
    up, down = sinc.up(torch.from_numpy(low)[None])[0].numpy(), sinc.down(torch.from_numpy(high)[None])[0].numpy()
    middle = slice(200 * factor, -200 * factor)  # the two kernels are not equally long at the ends
    assert np.abs(up - high)[middle].max() < 1e-3 and np.abs(down - low)[200:-200].max() < 1e-3


def test_a_tone_beyond_the_lower_band_is_gone() -> None:
    down = Sinc(3).down(tone(8_200, 48_000, 9_600))
    assert down[:, 200:-200].abs().max() < 1e-4


def test_an_impulse_stays_where_it_is() -> None:
    sinc, impulse = Sinc(3), torch.zeros(1, 1000)
    impulse[0, 400] = 1.0
    high = sinc.up(impulse)[0]
    assert high.argmax() == 1200
    torch.testing.assert_close(high[1201:1600], high[:1200].flip(0)[:399])
    assert sinc.down(high[None])[0].argmax() == 400


@pytest.mark.parametrize("samples", [0, 1, 159, 160, 161, 1000])
def test_lengths(samples: int) -> None:
    sinc = Sinc(3)
    assert sinc.up(torch.zeros(2, samples)).shape == (2, 3 * samples)
    assert sinc.down(torch.zeros(2, samples)).shape == (2, -(-samples // 3))


def test_a_padded_batch_gives_what_its_rows_give_one_by_one() -> None:
    sinc, rows = Sinc(3), [torch.randn(size, generator=torch.Generator().manual_seed(size)) for size in (700, 3, 321)]
    waveforms, _ = pad(rows)
    for row, high, low in zip(rows, sinc.up(waveforms), sinc.down(waveforms), strict=True):
        torch.testing.assert_close(high[: 3 * len(row)], sinc.up(row[None])[0])
        alone = sinc.down(row[None])[0]
        torch.testing.assert_close(low[: len(alone)], alone)


def test_gradients_are_those_of_a_linear_map() -> None:
    sinc = Sinc(3).double()
    waveforms = torch.randn(1, 40, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: sinc.down(sinc.up(x)), waveforms)
