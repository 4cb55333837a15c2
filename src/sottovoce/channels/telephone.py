"""The telephone: a narrow band and eight bits a sample."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.batch import map_rows, zero_padding
from sottovoce.channels.band import BandPass

BAND = 300.0, 3400.0
"""Hz; the band of a telephone channel, as in ITU-T G.712 and P.48."""
INT16 = 32768.0


class G711(nn.Module):
    """Coding and decoding of samples in eight bits (ITU-T G.711); the gradient passes straight through.

    Args:
        law: "mu" (North America, Japan) or "a" (elsewhere).

    Raises:
        ValueError: there is no such law.

    Example:
        >>> (G711("mu")(torch.tensor([[0.0, 0.001, 0.5, 1.0]])) * 32768).tolist()
        [[0.0, 32.0, 16764.0, 32124.0]]
    """

    steps: Tensor
    levels: Tensor

    def __init__(self, law: str = "mu") -> None:
        super().__init__()
        if law not in ("mu", "a"):
            raise ValueError(f"law must be one of mu, a; got {law!r}")
        self.law = law
        steps, levels = _table(law)
        self.register_buffer("steps", steps / INT16, persistent=False)
        self.register_buffer("levels", levels / INT16, persistent=False)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` of any rate to the same shape, zero in the padding; elsewhere A-law has no zero."""
        places = torch.bucketize(waveforms.detach().abs(), self.steps, right=True)
        coded = torch.where(waveforms < 0, -self.levels[places], self.levels[places])
        return zero_padding(waveforms + (coded - waveforms).detach(), lengths)


class Telephone(nn.Module):
    """What is heard at the other end of a telephone line: the band, 8 kHz, `G711`, and the same band again.

    The bands are ideal filters without delay, and what comes back is aligned with the original. The gradient is that of
    the filters; the rounding lets it pass.

    Args:
        law: "mu" or "a".
        low, high: the band in Hz, below 4 kHz.

    Raises:
        ValueError: there is no such law, or the band is none or not below 4 kHz.

    Example:
        >>> time = torch.arange(1600) / 16_000
        >>> tones = torch.stack([0.5 * torch.sin(2 * torch.pi * pitch * time) for pitch in (100.0, 1000.0, 5000.0)])
        >>> (2 * Telephone()(tones).square().mean(-1)).sqrt().round(decimals=2).tolist()
        [0.0, 0.5, 0.0]
    """

    def __init__(self, law: str = "mu", low: float = BAND[0], high: float = BAND[1]) -> None:
        super().__init__()
        if not high < 4000.0:
            raise ValueError(f"high must be below 4000 Hz, half the telephone's rate; got {high}")
        self.band, self.code = BandPass(low, high), G711(law)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` in [-1, 1] to the same shape, zero in the padding."""
        return map_rows(self._called, waveforms, lengths)

    def _called(self, waveforms: Tensor) -> Tensor:
        even = functional.pad(waveforms, (0, waveforms.shape[-1] % 2))
        coded = self.code(self.band(even)[:, ::2])  # what is left of the band fits into half the rate
        spread = torch.stack([2.0 * coded, torch.zeros_like(coded)], -1).flatten(1)
        heard: Tensor = self.band(spread)
        return heard[:, : waveforms.shape[-1]]


def _table(law: str) -> tuple[Tensor, Tensor]:
    """The magnitudes from which on the next code is taken, `(127,)`, and those that the codes stand for, `(128,)`.

    In 16-bit integers. Codes are eight segments of 16 steps each; in every segment but A-law's second the steps are
    twice as wide as in the one before.
    """
    segment, step = torch.arange(128) // 16, torch.arange(128) % 16
    if law == "mu":
        levels = 4 * ((2 * step + 33) * 2**segment - 33)
        steps = 4 * ((step + 16) * 2 ** (segment + 1) - 33)
    else:
        levels = torch.where(segment == 0, 16 * step + 8, 8 * (2 * step + 33) * 2 ** (segment - 1).clamp(min=0))
        steps = levels - torch.where(segment == 0, 8, 8 * 2 ** (segment - 1).clamp(min=0))
    return steps[1:], levels
