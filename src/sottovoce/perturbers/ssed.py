"""SSED: a generator that hides the speaker, and a module that removes the perturbation again (paper 004, section 3)."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.batch import by_length, zero_padding
from sottovoce.perturbers.base import Perturber

REFINEMENTS, DAMPING = 24, 0.05
STRIDE = 3
"""The authors' released files have a line at a third of the sampling rate, the mark of one such up-sampling."""


class Conv(nn.Module):
    """Convolution with reflecting ends, batch normalisation, ReLU: `(batch, channels, samples)`."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int, dilation: int = 1) -> None:
        super().__init__()
        self.padding = kernel // 2 * dilation
        self.conv = nn.Conv1d(channels_in, channels_out, kernel, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm1d(channels_out)

    def forward(self, hidden: Tensor) -> Tensor:
        return torch.relu(self.norm(self.conv(_reflected(hidden, self.padding))))


class Residual(nn.Module):
    """Two convolutions of length 3 beside a shortcut."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.first, self.second = (Conv(channels, channels, 3, dilation) for _ in range(2))

    def forward(self, hidden: Tensor) -> Tensor:
        moved: Tensor = hidden + self.second(self.first(hidden))
        return moved


class Decoder(nn.Module):
    """Back to the sampling rate and to one channel, of any range."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose1d(2 * channels, channels, STRIDE, STRIDE, bias=False)
        self.norm = nn.BatchNorm1d(channels)
        self.out = nn.Conv1d(channels, 1, 7)

    def forward(self, hidden: Tensor) -> Tensor:
        samples: Tensor = self.out(_reflected(torch.relu(self.norm(self.up(hidden))), 3))
        return samples[:, 0]


class MaskedNoise(nn.Module):
    """Noise n in [-1, 1] and a mask m in [0, 1] from a waveform, both of its length.

    The paper has no table of layers; this one agrees with the audio that its authors released: a convolution of length
    7, one of length and stride 3, six residual blocks, and for noise and mask a decoder each. Every block has twice the
    dilation of the one before, so that a sample depends on 24 ms on either side, some periods of a voice, and not
    only on 3 ms; that costs nothing but look-ahead.

    Args:
        channels: of the first convolution; twice as many after the stride. 32 is full size.
        blocks: residual blocks.
        normalised: stretch each utterance's mask to [0, 1], so that it is not local any more.

    Shape:
        `(batch, samples)` → two `(batch, samples)`.
    """

    def __init__(self, channels: int = 32, blocks: int = 6, normalised: bool = False) -> None:
        super().__init__()
        self.normalised = normalised
        self.first = Conv(1, channels, 7)
        self.down = nn.Conv1d(channels, 2 * channels, STRIDE, STRIDE, bias=False)
        self.norm = nn.BatchNorm1d(2 * channels)
        self.blocks = nn.Sequential(*(Residual(2 * channels, 1 << number) for number in range(blocks)))
        self.noise, self.mask = Decoder(channels), Decoder(channels)

    @property
    def context(self) -> int:
        """Samples on either side that an output sample depends on, rounded up to whole strides."""
        needed = 3 + STRIDE * (1 + 2 * ((1 << len(self.blocks)) - 1)) + 3
        return -(-needed // STRIDE) * STRIDE

    def forward(self, waveforms: Tensor) -> tuple[Tensor, Tensor]:
        samples = waveforms.shape[-1]
        whole = functional.pad(waveforms, (0, -samples % STRIDE))[:, None]
        hidden = self.blocks(torch.relu(self.norm(self.down(self.first(whole)))))
        noise = torch.tanh(self.noise(hidden))[:, :samples]
        mask = torch.sigmoid(self.mask(hidden))[:, :samples]
        if self.normalised:
            low, high = mask.amin(-1, keepdim=True), mask.amax(-1, keepdim=True)
            mask = (mask - low) / (high - low + 1e-8)
        return noise, mask


class Perturbed(NamedTuple):
    """What one of the two networks makes of `waveforms (batch, samples)`; all of that shape."""

    waveforms: Tensor
    noise: Tensor
    mask: Tensor


class SSED(Perturber):
    """The generator x' = x + ε·n⊙m, and the removal module x̂ = x' + ε·n'⊙m' with weights of its own (eq. 1 and 4).

    As a module it is the generator; `remove` is the way back. The samples are kept within [-1, 1], which the paper
    does not say.

    Args:
        channels, blocks, normalised: as in `MaskedNoise`, for both.
        epsilon: ε, the largest change of a sample.
    """

    architecture = "ssed"

    def __init__(self, channels: int = 32, blocks: int = 6, normalised: bool = False, epsilon: float = 0.05) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.config: dict[str, Any] = {
            "channels": channels,
            "blocks": blocks,
            "normalised": normalised,
            "epsilon": epsilon,
        }
        """The constructor's arguments."""
        self.generator = MaskedNoise(channels, blocks, normalised)
        self.removal = MaskedNoise(channels, blocks, normalised)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Hide the speaker: `(batch, samples)` float32 in [-1, 1] to the same shape, zero in the padding."""
        return zero_padding(by_length(lambda rows: self.perturbed(rows).waveforms, waveforms, lengths), lengths)

    def remove(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Take the perturbation off again, approximately: the same shapes."""
        return zero_padding(by_length(lambda rows: self.removed(rows).waveforms, waveforms, lengths), lengths)

    def perturbed(self, waveforms: Tensor) -> Perturbed:
        """The generator's output with its parts, for rows of equal length."""
        return self._added(self.generator, waveforms)

    def removed(self, waveforms: Tensor) -> Perturbed:
        """The removal module's output with its parts, for rows of equal length."""
        return self._added(self.removal, waveforms)

    def _added(self, network: MaskedNoise, waveforms: Tensor) -> Perturbed:
        noise, mask = network(waveforms)
        return Perturbed((waveforms + self.epsilon * noise * mask).clamp(-1.0, 1.0), noise, mask)


def refine(found: Tensor, perturbed: Tensor, generator: Callable[[Tensor], Tensor], steps: int = REFINEMENTS) -> Tensor:
    """An estimate of the original brought nearer by solving x' = G(x) for x.

    Ours. Whoever has the generator can put an estimate through it and see by how much the outcome misses the perturbed
    recording; x ← x + ω·(x' - G(x)) takes a share of that off. Only a small share converges, as a trained
    perturbation changes more than its input does.

    Args:
        found: the estimate, e.g. the removal module's, or the perturbed recording itself.
        perturbed: x', the same shape.
        generator: G, from such a tensor to its like.
        steps: how many.
    """
    for _ in range(steps):
        found = found + DAMPING * (perturbed - generator(found))
    return found


def _reflected(hidden: Tensor, size: int) -> Tensor:
    """Reflection at both ends; zeros where the signal is too short to be reflected.

    Pieces put together, which takes a fifth of the time of PyTorch's own reflection and of its gradient.
    """
    if hidden.shape[-1] <= size:
        return functional.pad(hidden, (size, size))
    before, after = hidden[..., 1 : size + 1].flip(-1), hidden[..., -size - 1 : -1].flip(-1)
    return torch.cat([before, hidden, after], -1)
