"""Channels that are drawn anew each time: what a perturbation has to work through, whatever comes."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.batch import full_lengths, map_rows, zero_padding
from sottovoce.ranges import integer, number


class OneOf(nn.Module):
    """One of several modules, drawn anew for every batch.

    Args:
        modules: from waveforms to waveforms of the same shape.
        generator: random generator of the draws.

    Raises:
        ValueError: there is no module.

    Example:
        >>> from sottovoce.channels import MedianSmoothing, Quantization
        >>> either = OneOf([MedianSmoothing(3), Quantization(8192)], generator=torch.Generator().manual_seed(0))
        >>> either(torch.zeros(1, 160)).shape
        torch.Size([1, 160])
    """

    def __init__(self, modules: list[nn.Module], *, generator: torch.Generator) -> None:
        super().__init__()
        if not modules:
            raise ValueError("modules must hold at least one")
        self.choices, self.generator = nn.ModuleList(modules), generator

    @property
    def seam(self) -> int:
        """Samples of whose multiples window starts must be for every module; see `Chain.seam`."""
        return math.lcm(*(int(getattr(module, "seam", 1)) for module in self.choices))

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` to the same shape."""
        drawn = int(torch.randint(len(self.choices), (), generator=self.generator))
        heard: Tensor = self.choices[drawn](waveforms, lengths)
        return heard


class RandomEqualizer(nn.Module):
    """A filter with random gains, a smooth curve over frequency, without delay; another one for every batch.

    Args:
        spread: standard deviation of the gains in dB at frequencies 1 kHz apart, between which they are interpolated.
        generator: random generator of the gains.

    Raises:
        ValueError: the spread is negative or not finite.

    Example:
        >>> equalizer = RandomEqualizer(0.0, generator=torch.Generator().manual_seed(0))
        >>> tone = 0.1 * torch.sin(torch.arange(1600.0))[None]
        >>> torch.allclose(equalizer(tone), tone, atol=1e-6)
        True
    """

    POINTS = 9

    def __init__(self, spread: float = 3.0, *, generator: torch.Generator) -> None:
        super().__init__()
        self.spread, self.generator = number("spread", spread, least=0), generator

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` to the same shape, zero in the padding."""
        levels = self.spread * torch.randn(1, 1, self.POINTS, generator=self.generator)

        def filtered(rows: Tensor) -> Tensor:
            spectrum = torch.fft.rfft(rows)
            curve = functional.interpolate(levels, spectrum.shape[-1], mode="linear", align_corners=True)[0]
            heard: Tensor = torch.fft.irfft(spectrum * 10.0 ** (curve.to(rows) / 20.0), rows.shape[-1])
            return heard

        return map_rows(filtered, waveforms, lengths)


class RandomShift(nn.Module):
    """A delay of a random number of samples, another one for every batch; what leaves a row at its end is lost.

    No listener's frames then begin where those of the search did.

    Args:
        most: largest delay in samples.
        generator: random generator of the delays.

    Raises:
        ValueError: `most` is no positive integer.

    Example:
        >>> shift = RandomShift(1, generator=torch.Generator().manual_seed(0))
        >>> {tuple(shift(torch.tensor([[1.0, 2.0]])).flatten().tolist()) for _ in range(20)} == {(1.0, 2.0), (0.0, 1.0)}
        True
    """

    def __init__(self, most: int = 319, *, generator: torch.Generator) -> None:
        super().__init__()
        self.most, self.generator = integer("most", most), generator

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` to the same shape, zero in the padding."""
        own = full_lengths(waveforms) if lengths is None else lengths
        delay = int(torch.randint(self.most + 1, (), generator=self.generator))
        moved = functional.pad(zero_padding(waveforms, own), (delay, 0))[:, : waveforms.shape[-1]]
        return zero_padding(moved, own)
