"""A CTC recogniser after DeepSpeech 2 (Amodei et al., 2016)."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from sottovoce.audio.batch import full_lengths, length_mask, zero_padding
from sottovoce.audio.spectral import LogMel, MelPower
from sottovoce.models.base import Model
from sottovoce.models.recognizers.base import ByCTC
from sottovoce.models.recognizers.recurrent import BidirectionalGRU
from sottovoce.text.ctc import LETTERS, greedy
from sottovoce.text.spelling import plain

BANDS = 80
FLOOR = 1e-6
"""Added to the power of each band; of the order of quantisation noise."""
KERNEL, STRIDE = 11, 2


class DeepSpeech(ByCTC, Model):
    """A differentiable recogniser with 50 frames per second.

    Eighty log-mel bands every 10 ms with their mean over the recording subtracted; two convolutions over time, the
    first with stride 2; bidirectional GRUs; a linear layer.

    Args:
        hidden: channels of the convolutions and units of each GRU direction.
        layers: number of recurrent layers.

    Example:
        >>> recognizer = DeepSpeech(hidden=8, layers=1).eval()
        >>> recognizer(torch.zeros(1, 16_000)).shape
        torch.Size([1, 51, 29])
    """

    architecture = "deep-speech"
    name = "deep-speech"
    language = "en"
    alphabet: ClassVar[tuple[str, ...]] = ("", *LETTERS)

    def __init__(self, hidden: int = 256, layers: int = 3) -> None:
        super().__init__()
        self.config = {"hidden": hidden, "layers": layers}
        """The constructor's arguments."""
        self.features = LogMel(MelPower(bands=BANDS), floor=FLOOR)
        self.convolutions = nn.ModuleList(
            [
                nn.Conv1d(BANDS, hidden, KERNEL, STRIDE, KERNEL // 2, bias=False),
                nn.Conv1d(hidden, hidden, KERNEL, 1, KERNEL // 2, bias=False),
            ]
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(hidden) for _ in self.convolutions)
        self.recurrent = BidirectionalGRU(hidden, layers)
        self.linear = nn.Linear(2 * hidden, len(self.alphabet))

    def frames(self, lengths: Tensor) -> Tensor:
        """Number of frames for `lengths (batch,)` in samples: `(batch,)`."""
        return torch.div(self.features.power.stft.frames(lengths) + STRIDE - 1, STRIDE, rounding_mode="floor")

    def logits(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Scores of the characters, differentiable with respect to the waveforms.

        Args:
            waveforms: `(batch, samples)` float32 at 16 kHz, right-padded.
            lengths: `(batch,)` in samples; None when every row is full.

        Returns:
            `(batch, frames, characters)` before the softmax; undefined after the last frame of a row.
        """
        own = full_lengths(waveforms) if lengths is None else lengths.to(waveforms.device)
        bands = self.features(zero_padding(waveforms, own))
        counts = self.features.power.stft.frames(own)
        inside = length_mask(counts, bands.shape[-1])[:, None]
        mean = (bands * inside).sum(-1, keepdim=True) / counts[:, None, None]
        hidden = (bands - mean) * inside
        frames = self.frames(own)
        inside = length_mask(frames, -(-hidden.shape[-1] // STRIDE))[:, None]
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            hidden = torch.relu(norm(convolution(hidden))) * inside
        scores: Tensor = self.linear(self.recurrent(hidden.transpose(1, 2), frames))
        return scores

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The same as `logits`."""
        return self.logits(waveforms, lengths)

    @torch.inference_mode()
    def transcribe(self, waveforms: Tensor, lengths: Tensor | None = None) -> list[str]:
        """Transcribe a batch by greedy decoding; see `Recognizer.transcribe`."""
        frames = self.frames(full_lengths(waveforms) if lengths is None else lengths)
        return [plain(text) for text in greedy(self.logits(waveforms, lengths), frames, self.alphabet)]
