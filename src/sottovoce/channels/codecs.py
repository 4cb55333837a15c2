"""Lossy codecs with a straight-through gradient."""

import io

import numpy as np
import soundfile
import torch
from torch import Tensor, nn

from sottovoce.audio.batch import full_lengths, pad, unpad
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.ranges import number

FORMATS = {"opus": ("OGG", "OPUS"), "vorbis": ("OGG", "VORBIS"), "mp3": ("MP3", "MPEG_LAYER_III")}


class Codec(nn.Module):
    """Encodes and decodes each row; the gradient treats this as the identity (straight-through estimator).

    Args:
        name: "opus", "vorbis" or "mp3".
        compression: libsndfile's compression level, from 0 (best quality) to 0.9 (among the smallest files);
            at most 1.

    Raises:
        ValueError: there is no such codec, or the compression is out of range.

    Example:
        >>> tone = 0.2 * torch.sin(2 * torch.pi * 440 * torch.arange(3200) / 16_000)[None]
        >>> decoded = Codec("vorbis")(tone)
        >>> decoded.shape, torch.equal(decoded, tone)
        (torch.Size([1, 3200]), False)
    """

    def __init__(self, name: str = "opus", compression: float = 0.5) -> None:
        super().__init__()
        if name not in FORMATS:
            raise ValueError(f"name must be one of {', '.join(FORMATS)}; got {name!r}")
        self.format, self.subtype = FORMATS[name]
        self.compression = number("compression", compression, least=0, most=1)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` in [-1, 1] to the same shape, zero in the padding."""
        own = full_lengths(waveforms) if lengths is None else lengths
        decoded, _ = pad([self._decoded(row) for row in unpad(waveforms.detach().cpu(), own.cpu())])
        missing = waveforms.shape[-1] - decoded.shape[-1]
        decoded = nn.functional.pad(decoded, (0, missing)).to(waveforms)
        return waveforms + (decoded - waveforms).detach()

    def _decoded(self, row: Tensor) -> Tensor:
        buffer = io.BytesIO()
        settings = {"format": self.format, "subtype": self.subtype, "compression_level": self.compression}
        soundfile.write(buffer, row.double().numpy(), MODEL_RATE, **settings)
        buffer.seek(0)
        samples, _ = soundfile.read(buffer, dtype="float32")
        found = np.zeros(len(row), np.float32)
        found[: len(samples)] = samples[: len(row)]
        return torch.from_numpy(found)
