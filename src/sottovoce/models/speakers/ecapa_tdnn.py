"""ECAPA-TDNN (Desplanques et al., 2020): speaker embeddings from filterbanks.

Computes what SpeechBrain's implementation does, so that its published weights can be loaded.
"""

from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.spectral import STFT, hz_to_mel, mel_to_hz
from sottovoce.models.speakers.base import SpeakerEncoder

BANDS, EMBEDDING, ATTENTION, SQUEEZED, SCALE = 80, 192, 128, 128, 8
DILATIONS = (2, 3, 4)
RANGE_DB = 80.0
SPEECHBRAINS_NAMES = {
    "conv.conv.": "conv.",
    "norm.norm.": "norm.",
    "res2net_block.blocks.": "res2.",
    "se_block.conv1.conv.": "squeeze.",
    "se_block.conv2.conv.": "excite.",
    "mfa.": "aggregation.",
    "asp.": "pooling.",
    "asp_bn.norm.": "norm.",
    "fc.conv.": "linear.",
}
FRAMES_NEEDED = max(DILATIONS) + 1
"""Reflection padding needs more frames than it adds at either end."""


class Fbank(nn.Module):
    """Filterbank in dB with its mean over time subtracted: 25 ms Hamming windows every 10 ms, 80 bands, 80 dB range.

    SpeechBrain's triangles are symmetric in Hz around their centres, unlike those of `mel_filterbank`.

    Shape:
        `(batch, samples)` → `(batch, 80, 1 + samples // 160)`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stft = STFT(size=400, hop=160, window="hamming")
        edges = mel_to_hz(torch.linspace(0.0, float(hz_to_mel(8000.0)), BANDS + 2, dtype=torch.float64))
        bins = torch.linspace(0.0, 8000.0, 201, dtype=torch.float64)
        distance = (bins - edges[1:-1, None]).abs() / (edges[1:-1] - edges[:-2])[:, None]
        self.filters: Tensor
        self.register_buffer("filters", (1.0 - distance).clamp(min=0.0).float(), persistent=False)

    def forward(self, waveforms: Tensor) -> Tensor:
        spectrum = self.stft(waveforms)[..., : 1 + waveforms.shape[-1] // 160]
        power = self.filters @ (spectrum.real.square() + spectrum.imag.square())
        decibels = 10.0 * torch.log10(power.clamp(min=1e-10))
        decibels = torch.maximum(decibels, decibels.amax((1, 2), keepdim=True) - RANGE_DB)
        return decibels - decibels.mean(-1, keepdim=True)


class TDNN(nn.Module):
    """Convolution over time with reflection padding, ReLU, batch normalisation: `(batch, channels, frames)`."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int = 1, dilation: int = 1) -> None:
        super().__init__()
        self.padding = dilation * (kernel - 1) // 2
        self.conv = nn.Conv1d(channels_in, channels_out, kernel, dilation=dilation)
        self.norm = nn.BatchNorm1d(channels_out)

    def forward(self, hidden: Tensor) -> Tensor:
        normalised: Tensor = self.norm(
            torch.relu(self.conv(functional.pad(hidden, (self.padding, self.padding), mode="reflect")))
        )
        return normalised


class SERes2Block(nn.Module):
    """Squeeze-excitation Res2Net block (section 3.2): `(batch, channels, frames)`."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        part = channels // SCALE
        self.tdnn1 = TDNN(channels, channels)
        self.res2 = nn.ModuleList(TDNN(part, part, 3, dilation) for _ in range(SCALE - 1))
        self.tdnn2 = TDNN(channels, channels)
        self.squeeze = nn.Conv1d(channels, SQUEEZED, 1)
        self.excite = nn.Conv1d(SQUEEZED, channels, 1)

    def forward(self, inputs: Tensor) -> Tensor:
        first, *others = self.tdnn1(inputs).chunk(SCALE, 1)
        parts, carried = [first], torch.zeros_like(first)
        for part, block in zip(others, self.res2, strict=True):
            carried = block(part + carried)
            parts.append(carried)
        hidden = self.tdnn2(torch.cat(parts, 1))
        gate = torch.sigmoid(self.excite(torch.relu(self.squeeze(hidden.mean(-1, keepdim=True)))))
        gated: Tensor = inputs + gate * hidden
        return gated


class AttentiveStatistics(nn.Module):
    """Weighted mean and standard deviation over time, with channel- and context-dependent weights (section 3.1).

    Shape:
        `(batch, channels, frames)` → `(batch, 2·channels)`.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.tdnn = TDNN(3 * channels, ATTENTION)
        self.conv = nn.Conv1d(ATTENTION, channels, 1)

    def forward(self, hidden: Tensor) -> Tensor:
        even = torch.full_like(hidden[:, :1], 1.0 / hidden.shape[-1])
        context = [statistic[..., None].expand_as(hidden) for statistic in self._statistics(hidden, even)]
        scores = self.conv(torch.tanh(self.tdnn(torch.cat([hidden, *context], 1))))
        return torch.cat(self._statistics(hidden, scores.softmax(-1)), 1)

    @staticmethod
    def _statistics(hidden: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        mean = (weights * hidden).sum(-1)
        variance = (weights * (hidden - mean[..., None]).square()).sum(-1)
        return mean, variance.clamp(min=1e-12).sqrt()


class ECAPATDNN(SpeakerEncoder):
    """Filterbank, a frame layer, three SE-Res2 blocks, their aggregation, attentive statistics, a 192-d embedding.

    Args:
        channels: C in the paper, 512 or 1024; a multiple of 8.
        aggregated: channels of the aggregation, 1536 in the paper; 3·C in SpeechBrain's published network.

    Example:
        >>> ECAPATDNN(channels=16, aggregated=24).eval()(0.1 * torch.randn(2, 8000)).shape
        torch.Size([2, 192])
    """

    architecture = "ecapa-tdnn"
    shortest = 160 * (FRAMES_NEEDED - 1)

    def __init__(self, channels: int = 512, aggregated: int = 1536) -> None:
        super().__init__()
        self.config = {"channels": channels, "aggregated": aggregated}
        """The constructor's arguments."""
        self.fbank = Fbank()
        self.blocks = nn.ModuleList([TDNN(BANDS, channels, 5), *(SERes2Block(channels, d) for d in DILATIONS)])
        self.aggregation = TDNN(3 * channels, aggregated)
        self.pooling = AttentiveStatistics(aggregated)
        self.norm = nn.BatchNorm1d(2 * aggregated)
        self.linear = nn.Linear(2 * aggregated, EMBEDDING)

    def embed(self, waveforms: Tensor) -> Tensor:
        return self.embed_features(self.fbank(waveforms))

    def embed_features(self, features: Tensor) -> Tensor:
        """Embeddings `(batch, 192)` from filterbanks `(batch, 80, frames)` with at least 5 frames."""
        outputs = [features]
        for block in self.blocks:
            outputs.append(block(outputs[-1]))
        pooled = self.norm(self.pooling(self.aggregation(torch.cat(outputs[2:], 1))))
        embeddings: Tensor = self.linear(pooled)
        return embeddings

    @classmethod
    def from_speechbrain(cls, state: dict[str, Tensor]) -> Self:
        """Build from the state dictionary of the `embedding_model` of SpeechBrain's `spkrec-ecapa-voxceleb`.

        Raises:
            RuntimeError: if a tensor is missing, unexpected or of another shape.
            KeyError: if the layers that tell the size are missing.
        """
        ours = {_renamed(key): tensor for key, tensor in state.items()}
        network = cls(channels=len(ours["blocks.0.conv.weight"]), aggregated=len(ours["aggregation.conv.weight"]))
        ours["linear.weight"] = ours["linear.weight"].squeeze(-1)
        network.load_state_dict(ours)
        return network.eval()


def _renamed(key: str) -> str:
    for theirs, ours in SPEECHBRAINS_NAMES.items():
        key = key.replace(theirs, ours)
    return key
