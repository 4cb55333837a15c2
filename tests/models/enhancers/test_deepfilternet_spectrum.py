import torch
from torch.nn import functional

from sottovoce.models.enhancers.deepfilternet_spectrum import (
    BINS,
    HOP,
    SIZE,
    Spectrum,
    deep_filtered,
    running_mean,
    widths,
)


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(5))


def test_the_bands_are_those_of_the_published_configuration() -> None:
    published = [2] * 13 + [5, 5, 7, 7, 8, 10, 12, 13, 15, 18, 20, 24, 28, 31, 37, 42, 50, 56, 67]
    assert widths() == published and sum(published) == BINS


def test_the_running_mean_is_the_recursion() -> None:
    values, start = noise(2, 300, 4), noise(4)
    state, expected = start.double().expand(2, -1), []
    for value in values.double().unbind(1):
        state = 0.99 * state + 0.01 * value
        expected.append(state)
    torch.testing.assert_close(running_mean(values, start).double(), torch.stack(expected, 1), atol=1e-5, rtol=1e-5)


def test_the_spectrum_is_that_of_torch_with_the_window_of_vorbis() -> None:
    spectrum, hops = Spectrum(), noise(2, 6, HOP)
    place = torch.arange(SIZE, dtype=torch.float64) + 0.5
    window = torch.sin(torch.pi / 2 * torch.sin(torch.pi * place / SIZE) ** 2).float()
    padded = functional.pad(hops.flatten(1), (HOP, 0))
    plain = torch.stft(padded, SIZE, HOP, window=window, center=False, return_complex=True).transpose(1, 2)
    torch.testing.assert_close(spectrum.analysis(hops), plain / SIZE)
    back = spectrum.synthesis(spectrum.analysis(hops))
    torch.testing.assert_close(back[:, 1:], hops[:, :-1])


def test_filtering_over_time_takes_the_oldest_first() -> None:
    hops, delays = torch.complex(noise(1, 9, 96), noise(1, 9, 96).flip(1)), torch.zeros(1, 9, 96, 5)
    delays[..., 1] = 1.0  # of the latest five, the second: three hops ago
    late = deep_filtered(hops, delays.to(hops))
    torch.testing.assert_close(late[:, 3:], hops[:, :-3])
    assert not late[:, :3].any()


def test_long_silence_stays_finite() -> None:
    spectrum, silence = Spectrum(), torch.zeros(1, 12_000, HOP)
    for feature in spectrum.features(spectrum.analysis(silence)):
        assert feature.isfinite().all()
