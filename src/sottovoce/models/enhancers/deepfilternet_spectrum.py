"""What DeepFilterNet hears of a spectrum, and what it does to it, differentiable."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

RATE = 48_000
HOP = 480
SIZE = 2 * HOP
BINS = SIZE // 2 + 1
BANDS = 32
NARROWEST = 2
"""Bins of a band, at least."""
DEEP = 96
"""Bins that are filtered over time; those above are only weighted."""
TAPS = 5
DECAY = 0.99
"""Of the running means: exp(−10 ms / 1 s), rounded as in the runtime."""
LEVELS, MAGNITUDES = (-60.0, -90.0), (1e-3, 1e-4)
"""Where the running means start, from the lowest band or bin to the highest."""
CHUNK = 128


class Spectrum(nn.Module):
    """The spectrum of hops of 10 ms at 48 kHz, and what the network hears of it.

    The window is that of Vorbis, over a hop and the one before; spectra are those of the runtime, 1/960 of a plain
    Fourier transform.

    Example:
        >>> spectrum, hops = Spectrum(), torch.linspace(-1, 1, 4 * HOP).reshape(1, 4, HOP)
        >>> torch.allclose(spectrum.synthesis(spectrum.analysis(hops))[:, 1:], hops[:, :-1], atol=1e-6)
        True

    Shape:
        analysis: `(rows, hops, 480)` → complex `(rows, hops, 481)`.
        synthesis: back, one hop late.
        features: `(rows, hops, 481)` → levels `(rows, 1, hops, 32)` and the lowest bins `(rows, 2, hops, 96)`.
    """

    def __init__(self) -> None:
        super().__init__()
        rise = torch.sin(math.pi / 2 * (torch.arange(SIZE, dtype=torch.float64) + 0.5) / HOP)
        self.window: Tensor
        self.register_buffer("window", torch.sin(math.pi / 2 * rise.square()).float(), persistent=False)
        self.bands: Tensor
        self.register_buffer("bands", torch.arange(BANDS).repeat_interleave(torch.tensor(widths())), persistent=False)
        self.average: Tensor
        average = functional.one_hot(self.bands).float() / torch.tensor(widths())
        self.register_buffer("average", average, persistent=False)
        self.levels: Tensor
        self.register_buffer("levels", torch.linspace(*LEVELS, BANDS), persistent=False)
        self.magnitudes: Tensor
        self.register_buffer("magnitudes", torch.linspace(*MAGNITUDES, DEEP), persistent=False)

    def analysis(self, hops: Tensor) -> Tensor:
        """Spectra of the hops, each with the hop before it."""
        pairs = torch.cat([functional.pad(hops, (0, 0, 1, 0))[:, :-1], hops], -1)
        spectrum: Tensor = torch.fft.rfft(pairs * self.window) / SIZE
        return spectrum

    def synthesis(self, spectrum: Tensor) -> Tensor:
        """Overlapping parts added: hop k is the one before the latest of those that made spectrum k."""
        pairs: Tensor = torch.fft.irfft(spectrum, SIZE) * self.window * SIZE
        return pairs[..., :HOP] + functional.pad(pairs[..., HOP:], (0, 0, 1, 0))[:, :-1]

    def features(self, spectrum: Tensor) -> tuple[Tensor, Tensor]:
        """Levels of the bands about their running mean, and the lowest bins over the root of theirs."""
        power = (spectrum.real.square() + spectrum.imag.square()) @ self.average
        levels = 10.0 * torch.log10(power + 1e-10)
        levels = (levels - running_mean(levels, self.levels)) / 40.0
        low = spectrum[..., :DEEP]
        low = low * running_mean(low.abs(), self.magnitudes).clamp(min=1e-20).rsqrt()
        return levels[:, None], torch.stack([low.real, low.imag], 1)

    def weighted(self, spectrum: Tensor, weights: Tensor) -> Tensor:
        """Each bin times the weight of its band, `(rows, hops, 32)`."""
        return spectrum * weights[..., self.bands]


def deep_filtered(spectrum: Tensor, taps: Tensor) -> Tensor:
    """The lowest bins filtered over time, each hop and bin with a filter of its own.

    Args:
        spectrum: complex `(rows, hops, 96)`.
        taps: of the latest five hops, the oldest first: complex `(rows, hops, 96, 5)`.

    Returns:
        Complex `(rows, hops, 96)`.
    """
    latest = functional.pad(spectrum, (0, 0, TAPS - 1, 0)).unfold(1, TAPS, 1)
    return (latest * taps).sum(-1)


def running_mean(values: Tensor, start: Tensor) -> Tensor:
    """Exponential mean over time: s[k] = 0.99·s[k−1] + 0.01·values[k], where s[−1] is `start`.

    Example:
        >>> running_mean(torch.ones(1, 2, 1), torch.zeros(1)).flatten()
        tensor([0.0100, 0.0199])

    Args:
        values: `(rows, hops, channels)`.
        start: `(channels,)`.
    """
    places = torch.arange(CHUNK, device=values.device)
    ages = places[:, None] - places
    weights = torch.where(ages >= 0, (1.0 - DECAY) * DECAY ** ages.clamp(min=0).double(), 0.0).to(values)
    fading = (DECAY ** (places + 1).double()).to(values)[:, None]
    state, means = start.expand(len(values), 1, -1), []
    for chunk in torch.split(values, CHUNK, 1):
        count = chunk.shape[1]
        means.append(weights[:count, :count] @ chunk + fading[:count] * state)
        state = means[-1][:, -1:]
    return torch.cat(means, 1)


def widths() -> list[int]:
    """Numbers of bins of the 32 bands, evenly wide in equivalent rectangular bandwidths but for the narrowest.

    Example:
        >>> widths()[:3], widths()[-3:], sum(widths())
        ([2, 2, 2], [50, 56, 67], 481)
    """
    scale, found, last, over = 24.7 * 9.265, [], 0, 0
    top = 9.265 * math.log1p(RATE / 2 / scale)
    for band in range(1, BANDS + 1):
        edge = round(scale * math.expm1(band * top / BANDS / 9.265) / RATE * SIZE)
        wanted = edge - last - over
        found.append(max(wanted, NARROWEST))
        over, last = max(NARROWEST - wanted, 0), edge
    found[-1] += BINS - sum(found)
    return found
