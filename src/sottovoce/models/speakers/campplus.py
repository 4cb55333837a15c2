"""CAM++ (Wang et al., 2023): speaker embeddings from a densely connected network that masks what is out of context.

H. Wang, S. Zheng, Y. Chen, L. Cheng and Q. Chen, "CAM++: A Fast and Efficient Network for Speaker Verification Using
Context-Aware Masking", Interspeech 2023. Computes what 3D-Speaker's implementation does, so that its published weights
can be loaded.
"""

import re
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.kaldi import HOP, SIZE, KaldiFbank
from sottovoce.errors import SottovoceError
from sottovoce.models.speakers.base import SpeakerEncoder
from sottovoce.weights.third_party import fetched_folder

BANDS = 80
BOTTLENECK = 4
"""Channels before each dilated convolution, in multiples of those it adds."""
DILATIONS = (1, 2, 2)
SEGMENT = 100
"""Frames that share a mask's local context: 2 s."""
FRAMES_NEEDED = 3
"""The standard deviation needs two frames after every other one is left out."""
FILE = "campplus.safetensors"
THRESHOLD = 0.430
"""Cosine at the equal error rate, 0.28 %, of the first 3 s of 1482 utterances by 28 speakers (LibriSpeech's
train-clean-5), measured by `equal_error_threshold` in `evaluation/voice.py`."""
PUBLISHED_NAMES = {
    "xvector.out_nonlinear.batchnorm.": "norm.",
    "xvector.tdnn.": "tdnn.",
    "xvector.dense.": "output.",
    "cam_layer.linear_local.": "local.",
    "cam_layer.linear1.": "squeeze.",
    "cam_layer.linear2.": "excite.",
    "nonlinear1.batchnorm.": "norm.",
    "nonlinear2.batchnorm.": "local_norm.",
    "nonlinear.batchnorm.": "norm.",
    "linear1.": "conv.",
    "linear.": "conv.",
    "conv1.": "first.conv.",
    "bn1.": "first.norm.",
    "conv2.": "second.conv.",
    "bn2.": "second.norm.",
    "shortcut.0.": "shortcut.conv.",
    "shortcut.1.": "shortcut.norm.",
}


class Residual(nn.Module):
    """Two 3×3 convolutions beside a shortcut, with every `stride`th band: `(batch, channels, bands, frames)`."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.first, self.second = _conv2d(channels, channels, stride), _conv2d(channels, channels)
        self.shortcut = nn.Identity() if stride == 1 else _conv2d(channels, channels, stride, kernel=1)

    def forward(self, hidden: Tensor) -> Tensor:
        inner = self.second(torch.relu(self.first(hidden)))
        return torch.relu(inner + self.shortcut(hidden))


class Head(nn.Module):
    """Convolutions over bands and frames (section 2.3): `(batch, 80, frames)` → `(batch, 10·channels, frames)`."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _conv2d(1, channels)
        self.residuals = nn.Sequential(*(Residual(channels, stride) for stride in (2, 1, 2, 1)))
        self.second = _conv2d(channels, channels, 2)

    def forward(self, features: Tensor) -> Tensor:
        hidden = torch.relu(self.first(features[:, None]))
        return torch.relu(self.second(self.residuals(hidden))).flatten(1, 2)


class MaskedLayer(nn.Module):
    """A dilated convolution under a mask that sees the whole recording and 2 s of it (section 2.2).

    Shape:
        `(batch, channels, frames)` → `(batch, growth, frames)`.
    """

    def __init__(self, channels: int, growth: int, dilation: int) -> None:
        super().__init__()
        inner = BOTTLENECK * growth
        self.norm = nn.BatchNorm1d(channels)
        self.conv = nn.Conv1d(channels, inner, 1, bias=False)
        self.local_norm = nn.BatchNorm1d(inner)
        self.local = nn.Conv1d(inner, growth, 3, padding=dilation, dilation=dilation, bias=False)
        self.squeeze = nn.Conv1d(inner, inner // 2, 1)
        self.excite = nn.Conv1d(inner // 2, growth, 1)

    def forward(self, hidden: Tensor) -> Tensor:
        hidden = torch.relu(self.local_norm(self.conv(torch.relu(self.norm(hidden)))))
        local = functional.avg_pool1d(hidden, SEGMENT, SEGMENT, ceil_mode=True)
        context = hidden.mean(-1, keepdim=True) + local
        mask = torch.sigmoid(self.excite(torch.relu(self.squeeze(context))))
        masked: Tensor = self.local(hidden) * mask.repeat_interleave(SEGMENT, -1)[..., : hidden.shape[-1]]
        return masked


class DenseBlock(nn.Module):
    """Layers that each add channels to all before, then a transition that halves them: `(batch, channels, frames)`."""

    def __init__(self, channels: int, layers: int, growth: int, dilation: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(MaskedLayer(channels + n * growth, growth, dilation) for n in range(layers))
        total = channels + layers * growth
        self.norm = nn.BatchNorm1d(total)
        self.conv = nn.Conv1d(total, total // 2, 1, bias=False)

    def forward(self, hidden: Tensor) -> Tensor:
        for layer in self.layers:
            hidden = torch.cat([hidden, layer(hidden)], 1)
        halved: Tensor = self.conv(torch.relu(self.norm(hidden)))
        return halved


class CAMPPlus(SpeakerEncoder):
    """Kaldi's log mel bands less their mean, 2-D convolutions, three masked dense blocks, statistics, an embedding.

    Args:
        head: channels of the 2-D convolutions.
        channels: channels before the first dense block.
        growth: channels that each layer of a block adds.
        layers: number of layers of each of the three blocks.
        embedding: size of the embedding.

    Example:
        >>> small = CAMPPlus(head=4, channels=16, growth=4, layers=(2, 2, 2))
        >>> small.eval()(0.1 * torch.randn(2, 8000)).shape
        torch.Size([2, 192])
    """

    architecture = "campplus"
    shortest = SIZE + HOP * (FRAMES_NEEDED - 1)

    def __init__(
        self,
        head: int = 32,
        channels: int = 128,
        growth: int = 32,
        layers: Sequence[int] = (12, 24, 16),
        embedding: int = 192,
    ) -> None:
        super().__init__()
        self.config = {
            "head": head,
            "channels": channels,
            "growth": growth,
            "layers": list(layers),
            "embedding": embedding,
        }
        """The constructor's arguments."""
        self.fbank = KaldiFbank(BANDS)
        self.head = Head(head)
        self.tdnn = _together(
            nn.Conv1d(head * BANDS // 8, channels, 5, stride=2, padding=2, bias=False), nn.BatchNorm1d(channels)
        )
        blocks = []
        for count, dilation in zip(layers, DILATIONS, strict=True):
            blocks.append(DenseBlock(channels, count, growth, dilation))
            channels = (channels + count * growth) // 2
        self.blocks = nn.Sequential(*blocks)
        self.norm = nn.BatchNorm1d(channels)
        self.output = _together(
            nn.Conv1d(2 * channels, embedding, 1, bias=False), nn.BatchNorm1d(embedding, affine=False)
        )

    @classmethod
    def pretrained(cls, folder: str | Path | None = None) -> Self:
        """3D-Speaker's weights for Chinese and English, in evaluation mode, with their threshold.

        Args:
            folder: holds `campplus.safetensors`; None for the one in the cache.

        Raises:
            SottovoceError: the file is missing or holds something else.
        """
        path = (fetched_folder(cls.architecture) if folder is None else Path(folder)) / FILE
        try:
            network = cls.from_3d_speaker(load_file(path))
        except OSError as error:
            raise SottovoceError(f"{path}: cannot be read: {error.strerror or error}") from error
        except (SafetensorError, RuntimeError, KeyError) as error:
            raise SottovoceError(f"{path}: not the weights of CAM++; fetch them again") from error
        network.threshold = THRESHOLD
        return network

    @classmethod
    def from_3d_speaker(cls, state: dict[str, Tensor]) -> Self:
        """Build from the state dictionary of 3D-Speaker's network, in evaluation mode.

        Raises:
            RuntimeError: if a tensor is missing, unexpected or of another shape.
            KeyError: if the layers that tell the size are missing.
        """
        ours = {_renamed(key): tensor for key, tensor in state.items()}
        found = [re.match(r"blocks\.(\d)\.layers\.\d+\.local\.", key) for key in ours]
        counts = [sum(match is not None and match[1] == block for match in found) for block in "012"]
        network = cls(
            head=len(ours["head.first.conv.weight"]),
            channels=len(ours["tdnn.conv.weight"]),
            growth=len(ours["blocks.0.layers.0.local.weight"]),
            layers=counts,
            embedding=len(ours["output.conv.weight"]),
        )
        network.load_state_dict(ours)
        return network.eval()

    def embed(self, waveforms: Tensor) -> Tensor:
        features = self.fbank(waveforms)
        return self.embed_features(features - features.mean(-1, keepdim=True))

    def embed_features(self, features: Tensor) -> Tensor:
        """Embeddings `(batch, size)` from log mel bands less their mean, `(batch, 80, frames)`, at least 3 frames."""
        hidden = torch.relu(self.norm(self.blocks(torch.relu(self.tdnn(self.head(features))))))
        statistics = torch.cat([hidden.mean(-1), hidden.std(-1)], 1)
        embeddings: Tensor = self.output(statistics[..., None])[..., 0]
        return embeddings


def _conv2d(channels_in: int, channels_out: int, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    conv = nn.Conv2d(channels_in, channels_out, kernel, stride=(stride, 1), padding=kernel // 2, bias=False)
    return _together(conv, nn.BatchNorm2d(channels_out))


def _together(conv: nn.Module, norm: nn.Module) -> nn.Sequential:
    return nn.Sequential(OrderedDict(conv=conv, norm=norm))


def _renamed(key: str) -> str:
    """Our name of a tensor; 3D-Speaker counts from 1."""
    key = re.sub(r"layer(\d)\.(\d)\.", lambda found: f"residuals.{2 * int(found[1]) - 2 + int(found[2])}.", key)
    key = re.sub(
        r"xvector\.block(\d)\.tdnnd(\d+)\.",
        lambda found: f"blocks.{int(found[1]) - 1}.layers.{int(found[2]) - 1}.",
        key,
    )
    key = re.sub(r"xvector\.transit(\d)\.", lambda found: f"blocks.{int(found[1]) - 1}.", key)
    for theirs, ours in PUBLISHED_NAMES.items():
        key = key.replace(theirs, ours)
    return key
