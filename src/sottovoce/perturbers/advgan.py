"""AdvGAN: targeted perturbations of keywords in one forward pass (Wang et al., 2020, section IV)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.batch import map_rows
from sottovoce.errors import SottovoceError
from sottovoce.models.base import Labelled
from sottovoce.perturbers.base import Perturber
from sottovoce.ranges import number
from sottovoce.threats.budgets import SNRFloor

KERNEL, STRIDE = 32, 2
ENCODER = (16, 32, 32, 64, 64, 128, 128, 256)
DECODER = (128, 128, 64, 64, 32, 32, 16, 1)
JUDGE = (32, 64, 64, 128, 128, 256, 256, 512, 512, 1024, 2048)
JUDGE_KERNEL = 31
LEVEL, FAINTEST = 0.05, 1e-4
"""RMS to which every clip is scaled for the network (-26 dBFS), and RMS below which a clip counts as silent; both
about the clip's mean."""
CLIP = 16_384
"""Input length of the discriminator in samples."""


class Conditioned(nn.Module):
    """A gain and an offset per channel for each target class; the identity if there is only one class."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.table = nn.Embedding(classes, 2 * channels) if classes > 1 else None
        if self.table is not None:
            nn.init.normal_(self.table.weight, std=0.1)

    def forward(self, hidden: Tensor, targets: Tensor | None) -> Tensor:
        if self.table is None:
            return hidden
        gain, offset = torch.chunk(self.table(targets)[..., None], 2, 1)
        return hidden * (1 + gain) + offset


class AdvGAN(Labelled, Perturber):
    """The generator: x* = x + G(x), or x + G(x, target) with one network for all targets (the paper's footnote 3).

    Eight strided convolutions of length 32 and eight transposed ones. Each decoder output is concatenated with the
    encoder map of the same length, taken before its activation, and goes through a PReLU with one parameter. The last
    layer is a tanh, clipped to ±`limit` as in the authors' code. The paper leaves the conditioning open; here the
    target scales and shifts every channel.

    Args:
        labels: the classifier's classes. With more than one, `forward` needs `targets`.
        width: factor on all channels; 1 is full size.
        limit: largest change of a sample.
        levelled: whether every clip is scaled to the same level for the network, and the perturbation scaled back.
            Not in the paper; see `gains`.
        snr: minimum signal-to-noise ratio of the perturbation (dB), clip by clip; None for no minimum, as in the paper.

    Example:
        >>> generator = AdvGAN(["yes", "no"], width=1 / 16, snr=20.0).eval()
        >>> clips = 0.1 * torch.randn(2, 16_000)
        >>> generator(clips, targets=torch.tensor([0, 1])).shape
        torch.Size([2, 16000])
    """

    architecture = "advgan"

    def __init__(
        self,
        labels: Sequence[str],
        width: float = 1.0,
        limit: float = 0.3,
        levelled: bool = True,
        snr: float | None = None,
    ) -> None:
        super().__init__()
        self.labels, self.width, self.levelled = tuple(labels), width, levelled
        self.limit = number("limit", limit, above=0)
        self.snr = None if snr is None else number("snr", snr)
        encoder = [max(1, round(width * channels)) for channels in ENCODER]
        decoder = [max(1, round(width * channels)) for channels in DECODER[:-1]] + [1]
        padding = KERNEL // 2 - 1
        self.down = nn.ModuleList(
            nn.Conv1d(before, after, KERNEL, STRIDE, padding)
            for before, after in zip([1, *encoder[:-1]], encoder, strict=True)
        )
        entering = [encoder[-1], *(a + b for a, b in zip(decoder[:-1], encoder[-2::-1], strict=True))]
        self.up = nn.ModuleList(
            nn.ConvTranspose1d(before, after, KERNEL, STRIDE, padding)
            for before, after in zip(entering, decoder, strict=True)
        )
        channels = [*encoder, *entering[1:]]
        self.activations = nn.ModuleList(nn.PReLU() for _ in channels)
        self.conditions = nn.ModuleList(Conditioned(count, len(self.labels)) for count in channels)
        self.apply(xavier)

    @property
    def config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        settings = {name: getattr(self, name) for name in ("width", "limit", "levelled", "snr")}
        return {"labels": list(self.labels), **settings}

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None, targets: Tensor | None = None) -> Tensor:
        """The adversarial waveforms, the same shape.

        Args:
            waveforms: `(batch, samples)` float32 in [-1, 1] at 16 kHz, right-padded.
            lengths: `(batch,)` in samples.
            targets: int64 `(batch,)`, indices into `labels`; required with more than one label.

        Raises:
            SottovoceError: if `targets` is required and missing.
        """
        if len(self.labels) > 1 and targets is None:
            raise SottovoceError(f"choose a target label: {', '.join(self.labels)}")
        return map_rows(self._changed, waveforms, lengths, *([] if targets is None else [targets.to(waveforms.device)]))

    def perturbation(self, waveforms: Tensor, targets: Tensor | None = None) -> Tensor:
        """G(x), `(batch, samples)`, for rows of equal length."""
        gains = self.gains(waveforms)
        changes = (self._generated(waveforms * gains, targets) / gains).clamp(-self.limit, self.limit)
        if self.snr is None:
            return changes
        floor = SNRFloor(self.snr)
        return floor.project(changes, floor.limits(waveforms))

    def gains(self, waveforms: Tensor) -> Tensor:
        """Gains that bring every row to the same level, `(batch, 1)`; ones unless the network is `levelled`.

        Classifiers are nearly insensitive to the level of a clip, but a loss on the amplitude of the perturbation is
        not: with the published loss, loud clips end at an SNR of 29 dB and half of the attacks on them fail, while
        quiet clips end at 12 dB.
        """
        if not self.levelled:
            return torch.ones_like(waveforms[:, :1])
        return LEVEL / waveforms.var(-1, correction=0, keepdim=True).sqrt().clamp(min=FAINTEST)

    def _generated(self, waveforms: Tensor, targets: Tensor | None) -> Tensor:
        samples, layers = waveforms.shape[-1], len(self.down)
        hidden = functional.pad(waveforms, (0, -samples % STRIDE**layers))[:, None]
        maps: list[Tensor] = []
        for layer, activation, condition in zip(self.down, self.activations, self.conditions, strict=False):
            maps.append(condition(layer(hidden), targets))
            hidden = activation(maps[-1])
        later = zip(self.activations[layers:], self.conditions[layers:], reversed(maps[:-1]), strict=True)
        for layer, (activation, condition, beside) in zip(self.up, later, strict=False):
            hidden = activation(condition(torch.cat([layer(hidden), beside], 1), targets))
        return torch.tanh(self.up[-1](hidden))[:, 0, :samples]

    def _changed(self, waveforms: Tensor, targets: Tensor | None = None) -> Tensor:
        return (waveforms + self.perturbation(waveforms, targets)).clamp(-1.0, 1.0)


class Discriminator(nn.Module):
    """Scores clips: 1 for recorded, 0 for perturbed (least squares, so there is no softmax, unlike in the figure).

    Args:
        width: factor on all channels; 1 is full size.

    Shape:
        `(batch, samples)` of at most 16,384 samples → `(batch,)`.

    Example:
        >>> Discriminator(width=1 / 32).eval()(torch.zeros(2, 16_000)).shape
        torch.Size([2])
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        channels = [1, *(max(1, round(width * count)) for count in JUDGE)]
        layers: list[nn.Module] = []
        for place, (before, after) in enumerate(pairwise(channels), start=1):
            layers += [nn.Conv1d(before, after, JUDGE_KERNEL, STRIDE, JUDGE_KERNEL // 2), nn.BatchNorm1d(after)]
            layers += [nn.LeakyReLU(0.03)] + ([nn.Dropout(0.5)] if place in (3, 6, 9) else [])
        self.layers = nn.Sequential(*layers, nn.Conv1d(channels[-1], 1, 1), nn.LeakyReLU(0.03), nn.Flatten())
        self.linear = nn.Linear(CLIP // STRIDE ** len(JUDGE), 1)
        self.apply(xavier)

    def forward(self, waveforms: Tensor) -> Tensor:
        clips = functional.pad(waveforms, (0, CLIP - waveforms.shape[-1]))[:, None]
        verdict: Tensor = self.linear(self.layers(clips))[:, 0]
        return verdict


def xavier(module: nn.Module) -> None:
    """Initialise convolutions from the normal distribution of Glorot and Bengio (2010; algorithm 1, line 1)."""
    if isinstance(module, (nn.Conv1d, nn.ConvTranspose1d)):
        nn.init.xavier_normal_(module.weight)
