"""Files as `protect` writes them, what they are compared with, and the codecs that they pass through."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.rows import Row
from sottovoce import metrics
from sottovoce.audio.files import Recording, as_mono_16k, read, write
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.channels import Codec, Telephone
from sottovoce.errors import NotProtectedError
from sottovoce.evaluation.controls import noise_alike
from sottovoce.protections.base import Protection, protect_file

ORIGINAL, NOISE = "original", "noise"
"""What protected files are compared with: the recordings, and white noise of the same PESQ-wb as the default gives."""
DEFAULT = "medium"
"""The row of a protection's defaults."""
SPOKEN = {"test": "librispeech-test-clean", "valid": "librispeech-mini"}
"""The corpus of each split."""
CODECS: dict[str, Callable[[], nn.Module]] = {
    "mp3 64 kbit/s": lambda: Codec("mp3", 64),
    "opus 24 kbit/s": lambda: Codec("opus", 24),
    "telephone 8 kHz": Telephone,
}


def protected(protection: Protection, recorded: Sequence[Tensor]) -> list[Tensor]:
    """What `protect_file` writes; where it refuses, since nothing would be protected, the recording as it is.

    Args:
        protection: of words or voices.
        recorded: `(samples,)` each, at 16 kHz.
    """
    found = list[Tensor]()
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "source.wav", Path(folder) / "target.wav"
        for row in recorded:
            write(source, Recording(row.double().numpy()[:, None], MODEL_RATE, "WAV", "PCM_16"))
            with suppress(NotProtectedError):
                protect_file(source, target, protection, overwrite=True)
            found.append(torch.from_numpy(as_mono_16k(read(target if target.exists() else source))))
            target.unlink(missing_ok=True)
    return found


def noisy_alike(recorded: Sequence[Tensor], made: Sequence[Tensor]) -> list[Tensor]:
    """White noise of the same PESQ-wb as each file that was made; the recording itself where none gives it."""
    found = list[Tensor]()
    for before, after in zip(recorded, made, strict=True):
        noisy = noise_alike(before, metrics.pesq(before[None], after[None]).item())
        found.append(before if noisy is None else noisy)
    return found


def quality(before: Tensor, after: Tensor) -> Row:
    """PESQ-wb and SNR of a file `(samples,)`; NaN for one that is as it was."""
    if torch.equal(before, after):
        return {"pesq": float("nan"), "snr": float("nan")}
    pair = before[None], after[None]
    return {"pesq": metrics.pesq(*pair).item(), "snr": metrics.snr(*pair).item()}
