"""Lossy codecs at a bit rate, with a straight-through gradient."""

import io
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sottovoce.audio import ffmpeg
from sottovoce.audio.batch import full_lengths, unpad
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.errors import SottovoceError
from sottovoce.ranges import integer

CODECS: dict[str, range | tuple[int, ...]] = {
    # MPEG-2 layer III; below 40 kbit/s a frame does not hold the tag by which decoders take out the delay
    "mp3": (40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    "opus": range(8, 257),
    "aac": range(32, 73),  # of others ffmpeg's encoder misses the rate by far
}
"""Bit rates of mono sound at 16 kHz in kbit/s, by codec."""


class Codec(nn.Module):
    """Encodes and decodes each row; the gradient treats this as the identity (straight-through estimator).

    MP3 (LAME, constant bit rate) and Opus (variable bit rate) are libsndfile's. AAC-LC is ffmpeg's, whose average bit
    rate comes out up to 15 % higher than asked for. What comes back has neither the delay of encoder and decoder nor
    the filling of the last block.

    Args:
        name: "mp3", "opus" or "aac".
        kbps: bit rate in kbit/s. MP3 has those of MPEG-2 from 40 to 160, Opus any from 8 to 256, AAC any from 32 to
            72.

    Raises:
        ValueError: there is no such codec, or it has no such bit rate.
        SottovoceError: the codec needs ffmpeg, which is not installed.

    Example:
        >>> codec = Codec("mp3", 64)
        >>> round(len(codec.encode(np.zeros(160_000))) * 8 / 10_000)  # kbit/s, the head of the file included
        65
        >>> codec(torch.zeros(1, 16_000)).shape
        torch.Size([1, 16000])
    """

    def __init__(self, name: str = "opus", kbps: int = 24) -> None:
        super().__init__()
        if name not in CODECS:
            raise ValueError(f"name must be one of {', '.join(CODECS)}; got {name!r}")
        if integer("kbps", kbps) not in (rates := CODECS[name]):
            known = f"from {rates.start} to {rates[-1]}" if isinstance(rates, range) else f"one of {rates}"
            raise ValueError(f"kbps must be {known} for {name}; got {kbps}")
        if name == "aac" and not ffmpeg.is_installed():
            raise SottovoceError("aac needs ffmpeg: apt install ffmpeg, brew install ffmpeg, or see ffmpeg.org")
        self.name, self.kbps = name, kbps

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` in [-1, 1] to the same shape and range, zero in the padding."""
        own = full_lengths(waveforms) if lengths is None else lengths
        decoded = torch.zeros(waveforms.shape)
        for row, samples in zip(decoded, unpad(waveforms.detach().cpu(), own.cpu()), strict=True):
            if len(samples):
                found = self.decode(self.encode(samples.double().numpy()), len(samples))
                row[: len(samples)] = torch.from_numpy(found).clamp(-1.0, 1.0)
        return waveforms + (decoded.to(waveforms) - waveforms).detach()

    def encode(self, samples: NDArray[np.float64]) -> bytes:
        """The file that holds `samples (samples,)` at 16 kHz: MP3, Ogg or m4a."""
        if self.name == "aac":
            return _converted(_as_wav(samples), ".wav", ".m4a", "-c:a", "aac", "-b:a", f"{self.kbps}k")
        buffer = io.BytesIO()
        form = {"format": "OGG", "subtype": "OPUS"}
        level = (256 - self.kbps) / 250  # libsndfile's levels from 0 to 1 are bit rates from 256 down to 6 kbit/s
        if self.name == "mp3":  # or from 160 down to 8, which it rounds down before LAME takes the nearest
            form = {"format": "MP3", "subtype": "MPEG_LAYER_III", "bitrate_mode": "CONSTANT"}
            level = max(0.0, (160 - self.kbps - 0.5) / 152)
        soundfile.write(buffer, samples, MODEL_RATE, compression_level=level, **form)
        return buffer.getvalue()

    def decode(self, content: bytes, samples: int) -> NDArray[np.float32]:
        """The first samples of what `encode` gave: float32 `(samples,)`, zero where the codec left out the end."""
        if self.name == "aac":
            content = _converted(content, ".m4a", ".wav", "-c:a", "pcm_f32le")
        found, _ = soundfile.read(io.BytesIO(content), dtype="float32")
        return np.pad(found[:samples], (0, max(0, samples - len(found))))


def _as_wav(samples: NDArray[np.float64]) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, MODEL_RATE, format="WAV", subtype="FLOAT")
    return buffer.getvalue()


def _converted(content: bytes, source: str, target: str, *options: str) -> bytes:
    """By ffmpeg, from a container to another, both named by suffix."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / f"source{source}", Path(folder) / f"target{target}"
        before.write_bytes(content)
        ffmpeg.convert(before, after, *options)
        return after.read_bytes()
