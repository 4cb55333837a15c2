"""A small network that hears as Whisper does: a surrogate to attack where Whisper itself is not at hand."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.batch import full_lengths, length_mask, zero_padding
from sottovoce.models.base import Model
from sottovoce.models.recognizers.log_mel import HOP, WhisperLogMel

BANDS = 80
STRIDE = 2
FRAME = STRIDE * HOP
"""Samples per state."""
SIGHT = 100
"""States to either side that a layer attends to, 2 s, so that a long recording is heard as the crops of training."""
NEAR = 6.0
"""States within which the heads look at first."""
UNSEEN = -1e4
"""Added to the scores of what is not attended to; finite, for a softmax over nothing would be NaN."""


class WhisperStudent(Model):
    """The states of Whisper's encoder from a Transformer of 5 million weights, 50 per second.

    Whisper's log-mel bands and convolutions, then Transformer layers (Vaswani et al., 2017) with a learned bias for
    every distance (Raffel et al., 2020) instead of positions. A linear layer gives the teacher's states, another one
    those in the middle of the teacher. It writes no text: an attack that moves its states is meant to move the
    teacher's, and with them what the teacher writes.

    Args:
        width: channels.
        layers: number of Transformer layers, even.
        heads: number of attention heads.
        inner: channels within a layer's two linear layers.
        channels: of the teacher's states; 384 for Whisper tiny.en.

    Attributes:
        mean, scale: `(2, channels)` of the teacher's middle and last states over its training material. The states
            given here are normalised: `states * scale[1] + mean[1]` are the teacher's own.

    Example:
        >>> student = WhisperStudent(width=16, layers=2, heads=2, inner=32).eval()
        >>> student(torch.zeros(1, 16_000)).shape
        torch.Size([1, 50, 384])
    """

    architecture = "whisper-student"

    def __init__(
        self, width: int = 320, layers: int = 4, heads: int = 5, inner: int = 1088, channels: int = 384
    ) -> None:
        super().__init__()
        if layers % 2 or width % heads:
            raise ValueError("layers must be even, and width a multiple of the heads")
        self.config = {"width": width, "layers": layers, "heads": heads, "inner": inner, "channels": channels}
        """The constructor's arguments."""
        self.log_mel = WhisperLogMel(BANDS)
        self.convolutions = nn.ModuleList(
            [nn.Conv1d(BANDS, width, 3, 1, 1), nn.Conv1d(width, width, 3, STRIDE, 1)],
        )
        self.layers = nn.ModuleList(_Layer(width, heads, inner) for _ in range(layers))
        self.heads = nn.ModuleList(nn.Sequential(nn.LayerNorm(width), nn.Linear(width, channels)) for _ in range(2))
        self.mean: Tensor
        self.scale: Tensor
        self.register_buffer("mean", torch.zeros(2, channels))
        self.register_buffer("scale", torch.ones(2, channels))

    def own_frames(self, lengths: Tensor) -> Tensor:
        """Number of states of rows of `lengths (batch,)` in samples: `(batch,)`."""
        return torch.div(lengths + FRAME - 1, FRAME, rounding_mode="floor")

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The teacher's last states, normalised, differentiable with respect to the waveforms.

        Args:
            waveforms: `(batch, samples)` float32 at 16 kHz, right-padded.
            lengths: `(batch,)` in samples; None when every row is full.

        Returns:
            `(batch, frames, channels)`, of the row's own sound only; zeros after a row's last frame.
        """
        return self.middle_and_last(waveforms, lengths)[1]

    def middle_and_last(self, waveforms: Tensor, lengths: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The teacher's states in its middle and at its end; see `forward`."""
        own = full_lengths(waveforms) if lengths is None else lengths.to(waveforms.device)
        counts = self.own_frames(own)
        longest = int(counts.max())
        # a whole frame of silence after the longest row, so that the spectrogram reflects none of its sound
        padded = functional.pad(zero_padding(waveforms, own), (0, max(0, (longest + 1) * FRAME - waveforms.shape[-1])))
        bands = self.log_mel(padded[:, : (longest + 1) * FRAME])[..., : STRIDE * longest]
        first = functional.gelu(self.convolutions[0](bands * length_mask(STRIDE * counts, STRIDE * longest)[:, None]))
        second = self.convolutions[1](first * length_mask(STRIDE * counts, STRIDE * longest)[:, None])
        hidden = functional.gelu(second).transpose(1, 2)
        inside = length_mask(counts, longest)
        places = torch.arange(longest, device=hidden.device)
        distances = (places - places[:, None]).clamp(-SIGHT - 1, SIGHT + 1) + SIGHT + 1
        padding = torch.where(inside, 0.0, UNSEEN)[:, None, None]
        padding = padding[:1] if bool(inside.all()) else padding
        found = list[Tensor]()
        for number, layer in enumerate(self.layers, 1):
            hidden = layer(hidden, distances, padding)
            if number in (len(self.layers) // 2, len(self.layers)):
                found.append(self.heads[len(found)](hidden).float() * inside[..., None])
        return found[0], found[1]


class _Layer(nn.Module):
    """Attention and two linear layers, each on normalised channels and added to them."""

    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__()
        self.heads, self.size = heads, width // heads
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.inputs, self.outputs = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.bias = nn.Parameter(_first_bias(heads))
        self.wide, self.narrow = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, hidden: Tensor, distances: Tensor, padding: Tensor) -> Tensor:
        batch, frames, width = hidden.shape
        parts = self.inputs(self.norms[0](hidden)).view(batch, frames, 3, self.heads, self.size)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        bias = functional.pad(self.bias, (1, 1), value=UNSEEN)[:, distances] + padding
        scores = self.size**-0.5 * queries @ keys.transpose(-1, -2)
        heard = (scores + bias.to(scores.dtype)).softmax(-1).to(values.dtype) @ values
        hidden = hidden + self.outputs(heard.transpose(1, 2).reshape(batch, frames, width))
        added: Tensor = self.narrow(functional.gelu(self.wide(self.norms[1](hidden))))
        return hidden + added


def _first_bias(heads: int) -> Tensor:
    """What the scores gain by each distance at first, `(heads, distances)`: the last head looks everywhere alike.

    The others look at neighbours, each at other ones, like the kernel of a convolution. Attention that has to find
    them first learns at half the speed.
    """
    centres = torch.linspace(-NEAR, NEAR, heads - 1)[:, None]
    local = -0.5 * (torch.arange(-SIGHT, SIGHT + 1) - centres).abs()
    return functional.pad(local, (0, 0, 0, 1))
