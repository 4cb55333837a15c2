"""Wave-U-Net (Stoller et al., 2018) for enhancement, and U-Net_At, which adds self-attention (Yang et al., 2020)."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.batch import map_rows
from sottovoce.models.enhancers.base import Enhancer

SEGMENT = 16_384
"""Samples per forward pass."""
CHANNELS = 24
"""Channels of the first level; level i has i times as many."""
LONGEST_ATTENDED = 1024
SLOPE = 0.2
DOWN, UP = 15, 5
"""Kernel sizes of the encoder and decoder convolutions."""


class Attention(nn.Module):
    """Causal scaled dot-product self-attention over time (Yang et al., 2020, section 2).

    The paper states neither width nor position. Queries, keys and values are 1×1 convolutions of the feature map with a
    quarter of its channels; the keys at time t are those of h₀ … h_t, as in the paper.

    Shape:
        `(batch, channels, time)` → `(batch, channels // 4, time)`.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.width = channels // 4
        self.projections = nn.Conv1d(channels, 3 * self.width, 1)

    def forward(self, hidden: Tensor) -> Tensor:
        query, key, value = torch.chunk(self.projections(hidden).transpose(1, 2).contiguous()[:, None], 3, -1)
        context: Tensor = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        return context[:, 0].transpose(1, 2)


class UpBlock(nn.Module):
    """Linear upsampling by 2, concatenation of the skip (and the attention's output), and a convolution."""

    def __init__(self, channels_in: int, skipped: int, channels_out: int, *, attention: bool) -> None:
        super().__init__()
        self.attention = Attention(channels_in) if attention else None
        context = channels_in // 4 if attention else 0
        self.conv = nn.Conv1d(channels_in + skipped + context, channels_out, UP, padding=UP // 2)

    def forward(self, hidden: Tensor, skip: Tensor) -> Tensor:
        longer = functional.interpolate(hidden, scale_factor=2, mode="linear", align_corners=False)
        beside = [] if self.attention is None else [self.attention(longer)]
        return functional.leaky_relu(self.conv(torch.cat([longer, skip, *beside], 1)), SLOPE)


class WaveUNet(Enhancer):
    """Separates speech and noise in segments of 16,384 samples.

    As published, the last segment of a recording ends with it and overlaps the segment before.

    Args:
        levels: number of halvings of the sampling rate. Wave-U-Net enhances best with 9; U-Net_At has 8 (the paper's 17
            blocks read as 8 down, one bottleneck, 8 up).
        attention: whether maps of at most 1,024 time steps have self-attention.
        width: factor on all channels; 1 is full size.

    Example:
        >>> WaveUNet(levels=3, width=0.2).eval()(torch.zeros(1, 20_000)).shape
        torch.Size([1, 20000])
    """

    architecture = "wave-unet"

    def __init__(self, levels: int = 9, attention: bool = False, width: float = 1.0) -> None:
        super().__init__()
        self.config = {"levels": levels, "attention": attention, "width": width}
        """The constructor's arguments."""
        sizes = [max(4, round(CHANNELS * level * width)) for level in range(1, levels + 2)]
        self.down = nn.ModuleList(
            nn.Conv1d(before, after, DOWN, padding=DOWN // 2)
            for before, after in zip([1, *sizes[:-2]], sizes[:-1], strict=True)
        )
        self.between = nn.Conv1d(sizes[-2], sizes[-1], DOWN, padding=DOWN // 2)
        self.up = nn.ModuleList(
            UpBlock(
                sizes[level + 1],
                sizes[level],
                sizes[level],
                attention=attention and SEGMENT >> level <= LONGEST_ATTENDED,
            )
            for level in reversed(range(levels))
        )
        self.out = nn.Conv1d(sizes[0] + 1, 2, 1)
        self.apply(_initialise)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        return map_rows(self._enhanced, waveforms, lengths)

    def separate(self, segments: Tensor) -> Tensor:
        """Speech and noise, `(batch, 2, 16384)`, from `segments (batch, 16384)`."""
        hidden = segments[:, None]
        skips: list[Tensor] = []
        for conv in self.down:
            skips.append(functional.leaky_relu(conv(hidden), SLOPE))
            hidden = skips[-1][..., ::2]
        hidden = functional.leaky_relu(self.between(hidden), SLOPE)
        for block, skip in zip(self.up, reversed(skips), strict=True):
            hidden = block(hidden, skip)
        return torch.tanh(self.out(torch.cat([hidden, segments[:, None]], 1)))

    def _enhanced(self, waveforms: Tensor) -> Tensor:
        rows, samples = waveforms.shape
        whole = functional.pad(waveforms, (0, max(0, SEGMENT - samples)))
        size = whole.shape[-1]
        starts = [min(start, size - SEGMENT) for start in range(0, math.ceil(size / SEGMENT) * SEGMENT, SEGMENT)]
        segments = torch.cat([whole[:, start : start + SEGMENT] for start in starts])
        speech = self.separate(segments)[:, 0].view(len(starts), rows, SEGMENT)
        overlap = len(starts) * SEGMENT - size
        pieces = [*speech[:-1], speech[-1][:, overlap:]]
        return torch.cat(pieces, -1)[:, :samples]


def _initialise(module: nn.Module) -> None:
    """Initialise as He et al. (2015), which preserves the variance from layer to layer.

    PyTorch's default shrinks it to a sixth per layer, and the innermost layers receive no signal for hundreds of steps.
    """
    if isinstance(module, nn.Conv1d):
        nn.init.kaiming_normal_(module.weight, a=SLOPE)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
