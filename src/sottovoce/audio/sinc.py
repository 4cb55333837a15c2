"""Differentiable sample rate conversion by a whole factor, in plain torch."""

import torch
from torch import Tensor, nn
from torch.nn import functional

REACH = 72
"""Samples of the lower rate that the kernel reaches to either side."""
SHARPNESS = 10.0
"""Of the Kaiser window: 100 dB of attenuation from half the lower rate on."""
EDGE = 0.955
"""Where the kernel has half its height, as a part of half the lower rate; it is flat up to 0.91."""
BLOCK = 160
"""Samples of the lower rate that one product of matrices gives or takes."""


class Sinc(nn.Module):
    """Resampling up or down by a whole factor, with linear phase and without delay.

    Sample k of the lower rate is sample `factor`·k of the higher one. Both ways, the band above 91 % of half the lower
    rate fades out. A waveform is silent outside, so a padded batch gives what its rows give one by one.

    Example:
        >>> sinc, tone = Sinc(3), torch.sin(torch.arange(1600.0) / 5)[None]
        >>> high = sinc.up(tone)
        >>> high.shape
        torch.Size([1, 4800])
        >>> (sinc.down(high) - tone)[:, 150:-150].abs().max() < 1e-4
        tensor(True)

    Args:
        factor: higher rate over lower rate.

    Shape:
        up: `(batch, samples)` → `(batch, factor · samples)`.
        down: `(batch, samples)` → `(batch, ceil(samples / factor))`.
    """

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor, self.reach = factor, REACH * factor
        places = torch.arange(-self.reach, self.reach + 1, dtype=torch.float64)
        window = torch.kaiser_window(len(places), periodic=False, beta=SHARPNESS, dtype=torch.float64)
        kernel = torch.sinc(places * EDGE / factor) * window
        kernel = (kernel / kernel.sum()).float()
        low, high = torch.arange(-REACH, BLOCK + REACH), torch.arange(-self.reach, factor * BLOCK + self.reach)
        self.rising: Tensor
        rising = factor * _at(kernel, torch.arange(factor * BLOCK) - factor * low[:, None])
        self.register_buffer("rising", rising, persistent=False)
        self.falling: Tensor
        falling = _at(kernel, high[:, None] - factor * torch.arange(BLOCK))
        self.register_buffer("falling", falling, persistent=False)

    def up(self, waveforms: Tensor) -> Tensor:
        """To the higher rate."""
        samples = waveforms.shape[-1]
        return _by_blocks(waveforms, BLOCK, self.rising)[:, : samples * self.factor]

    def down(self, waveforms: Tensor) -> Tensor:
        """To the lower rate."""
        samples = -(-waveforms.shape[-1] // self.factor)
        return _by_blocks(waveforms, BLOCK * self.factor, self.falling)[:, :samples]


def _at(kernel: Tensor, places: Tensor) -> Tensor:
    """The values of a kernel at whole places about its middle, 0 beyond its ends."""
    middle = len(kernel) // 2
    return kernel[(places + middle).clamp(0, 2 * middle)] * (places.abs() <= middle)


def _by_blocks(waveforms: Tensor, size: int, matrix: Tensor) -> Tensor:
    """Multiply each block of `size` samples, with what lies around it, by a matrix."""
    around, blocks = (len(matrix) - size) // 2, max(1, -(-waveforms.shape[-1] // size))
    padded = functional.pad(waveforms, (around, around + blocks * size - waveforms.shape[-1]))
    return (padded.unfold(-1, len(matrix), size) @ matrix).flatten(1)
