"""SSED: a generator that hides the speaker, and a network that removes its perturbation (Guo et al., 2024)."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.batch import map_rows
from sottovoce.perturbers.base import Perturber
from sottovoce.ranges import number

REFINEMENTS, DAMPING = 24, 0.05
STRIDE = 3
"""Files released by the authors have a spectral line at a third of the sampling rate, a trace of upsampling by 3."""


class Reflection(nn.Module):
    """Pads both ends by reflection, or with zeros if the signal is too short.

    Concatenation takes a fifth of the time of PyTorch's own reflection padding, and of its gradient.

    Args:
        size: samples at each end.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, hidden: Tensor) -> Tensor:
        size = self.size
        if hidden.shape[-1] <= size:
            return functional.pad(hidden, (size, size))
        before, after = hidden[..., 1 : size + 1].flip(-1), hidden[..., -size - 1 : -1].flip(-1)
        return torch.cat([before, hidden, after], -1)


class Conv(nn.Module):
    """Convolution with reflection padding, batch normalisation, ReLU: `(batch, channels, samples)`.

    With a change, `(2, batch, channels, 1)`, the normalised features are scaled by one plus the first half of it, and
    shifted by the second.
    """

    def __init__(self, channels_in: int, channels_out: int, kernel: int, dilation: int = 1) -> None:
        super().__init__()
        self.pad = Reflection(kernel // 2 * dilation)
        self.conv = nn.Conv1d(channels_in, channels_out, kernel, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm1d(channels_out)

    def forward(self, hidden: Tensor, change: Tensor | None = None) -> Tensor:
        normal = self.norm(self.conv(self.pad(hidden)))
        return torch.relu(normal if change is None else normal * (1 + change[0]) + change[1])


class Residual(nn.Module):
    """Two convolutions of length 3 with a shortcut; `changes` has one for each, see `Conv`."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.first, self.second = (Conv(channels, channels, 3, dilation) for _ in range(2))

    def forward(self, hidden: Tensor, changes: Tensor | None = None) -> Tensor:
        first, second = (None, None) if changes is None else changes
        moved: Tensor = hidden + self.second(self.first(hidden, first), second)
        return moved


class Decoder(nn.Module):
    """Upsampling to the sampling rate and to one channel, without an output nonlinearity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose1d(2 * channels, channels, STRIDE, STRIDE, bias=False)
        self.norm = nn.BatchNorm1d(channels)
        self.pad = Reflection(3)
        self.out = nn.Conv1d(channels, 1, 7)

    def forward(self, hidden: Tensor) -> Tensor:
        samples: Tensor = self.out(self.pad(torch.relu(self.norm(self.up(hidden)))))
        return samples[:, 0]


class MaskedNoise(nn.Module):
    """A network that maps a waveform to noise n in [-1, 1] and a mask m in [0, 1] of the same length.

    The paper does not list the layers; these agree with the audio that the authors released: a convolution of length 7,
    one of length and stride 3, six residual blocks, and one decoder each for noise and mask. The dilation doubles from
    block to block, so that an output sample depends on 24 ms on either side, a few pitch periods, instead of 3 ms; the
    only cost is look-ahead.

    Args:
        channels: channels of the first convolution, doubled after the stride; 32 is full size.
        blocks: number of residual blocks.
        normalised: stretch the mask of each utterance to [0, 1], which makes it depend on the whole utterance.

    Shape:
        `(batch, samples)`, and optionally changes of the features in every residual block, `(blocks, 2 convolutions,
        2, batch, 2 * channels, 1)`, see `Conv` → two `(batch, samples)`.

    Example:
        >>> noise, mask = MaskedNoise(channels=4, blocks=2).eval()(torch.zeros(1, 1000))
        >>> noise.shape, mask.shape
        (torch.Size([1, 1000]), torch.Size([1, 1000]))
    """

    def __init__(self, channels: int = 32, blocks: int = 6, normalised: bool = False) -> None:
        super().__init__()
        self.normalised = normalised
        self.first = Conv(1, channels, 7)
        self.down = nn.Conv1d(channels, 2 * channels, STRIDE, STRIDE, bias=False)
        self.norm = nn.BatchNorm1d(2 * channels)
        self.blocks = nn.ModuleList(Residual(2 * channels, 1 << number) for number in range(blocks))
        self.noise, self.mask = Decoder(channels), Decoder(channels)

    @property
    def context(self) -> int:
        """Number of samples on either side that an output sample depends on, rounded up to whole strides."""
        needed = 3 + STRIDE * (1 + 2 * ((1 << len(self.blocks)) - 1)) + 3
        return -(-needed // STRIDE) * STRIDE

    def forward(self, waveforms: Tensor, changes: Tensor | None = None) -> tuple[Tensor, Tensor]:
        samples = waveforms.shape[-1]
        whole = functional.pad(waveforms, (0, -samples % STRIDE))[:, None]
        hidden = torch.relu(self.norm(self.down(self.first(whole))))
        for place, block in enumerate(self.blocks):
            hidden = block(hidden, None if changes is None else changes[place])
        noise = torch.tanh(self.noise(hidden))[:, :samples]
        mask = torch.sigmoid(self.mask(hidden))[:, :samples]
        if self.normalised:
            low, high = mask.amin(-1, keepdim=True), mask.amax(-1, keepdim=True)
            mask = (mask - low) / (high - low + 1e-8)
        return noise, mask


class Perturbed(NamedTuple):
    """The output of the generator or the removal module and its parts, each `(batch, samples)`."""

    waveforms: Tensor
    noise: Tensor
    mask: Tensor


class SSED(Perturber):
    """The generator x' = x + ε·n⊙m and the removal module x̂ = x' + ε·n'⊙m', with separate weights (eq. 1 and 4).

    Calling the module runs the generator; `remove` runs the removal module. Both clip their output to [-1, 1], which
    the paper does not mention.

    Args:
        channels, blocks, normalised: as in `MaskedNoise`, for both networks.
        epsilon: ε, the largest change of a sample.

    Example:
        >>> network = SSED(channels=4, blocks=2, epsilon=0.01).eval()
        >>> speech = 0.1 * torch.randn(1, 1000)
        >>> protected = network(speech)
        >>> bool((protected - speech).abs().max() <= 0.01 + 1e-6)
        True
        >>> network.remove(protected).shape
        torch.Size([1, 1000])
    """

    architecture = "ssed"

    def __init__(self, channels: int = 32, blocks: int = 6, normalised: bool = False, epsilon: float = 0.05) -> None:
        super().__init__()
        self.channels, self.blocks, self.normalised = channels, blocks, normalised
        self.epsilon = number("epsilon", epsilon, above=0)
        self.generator = MaskedNoise(channels, blocks, normalised)
        self.removal = MaskedNoise(channels, blocks, normalised)

    @property
    def config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {name: getattr(self, name) for name in ("channels", "blocks", "normalised", "epsilon")}

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Hide the speaker: `(batch, samples)` float32 in [-1, 1] to the same shape, zero in the padding."""
        return map_rows(lambda rows: self.perturbed(rows).waveforms, waveforms, lengths)

    def remove(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Remove the perturbation approximately; the same shapes as for `forward`."""
        return map_rows(lambda rows: self.removed(rows).waveforms, waveforms, lengths)

    def perturbed(self, waveforms: Tensor, changes: Tensor | None = None) -> Perturbed:
        """The generator's output with its parts, for rows of equal length; changes as for `MaskedNoise`."""
        return self._added(self.generator, waveforms, changes)

    def removed(self, waveforms: Tensor, changes: Tensor | None = None) -> Perturbed:
        """The removal module's output with its parts, for rows of equal length; changes as for `MaskedNoise`."""
        return self._added(self.removal, waveforms, changes)

    def _added(self, network: MaskedNoise, waveforms: Tensor, changes: Tensor | None) -> Perturbed:
        noise, mask = network(waveforms, changes)
        return Perturbed((waveforms + self.epsilon * noise * mask).clamp(-1.0, 1.0), noise, mask)


def refine(found: Tensor, perturbed: Tensor, generator: Callable[[Tensor], Tensor], steps: int = REFINEMENTS) -> Tensor:
    """Improve an estimate of the original by solving x' = G(x) for x with the iteration x ← x + ω·(x' - G(x)).

    Not in the paper. It needs the generator G. Only a small ω converges, because the perturbation of a trained
    generator changes more than its input does.

    Args:
        found: the initial estimate, e.g. the output of the removal module or the perturbed recording.
        perturbed: x', the same shape.
        generator: G, which keeps the shape.
        steps: number of iterations.
    """
    for _ in range(steps):
        found = found + DAMPING * (perturbed - generator(found))
    return found
