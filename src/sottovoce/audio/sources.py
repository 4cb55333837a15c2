"""Recordings to protect: checked, read and resampled for the models."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from sottovoce.audio import files
from sottovoce.audio.files import Recording
from sottovoce.audio.resampling import MODEL_RATE, resample
from sottovoce.errors import SottovoceError

SHORTEST = 0.05
"""Recordings of up to this duration in seconds are refused."""


@dataclass(frozen=True, eq=False)
class Source:
    """A recording to protect.

    Attributes:
        path: the file it was read from.
        recording: its samples and format.
        heard: each channel at 16 kHz, float32 `(channels, samples)`.
        sha256: hexadecimal digest of the file when it was read.
    """

    path: Path
    recording: Recording
    heard: Tensor
    sha256: str


def open_source(source: Path, target: Path) -> Source:
    """Read a recording, and check before any work is done that the target can be written.

    Raises:
        SottovoceError: the recording cannot be read, is silent or too short, or the target cannot be written or is the
            source itself.
    """
    check_apart(source, target)
    digest = sha256(source) if source.is_file() else ""
    recording = files.read(source)
    heard = heard_by_models(recording, source)
    files.check_target(target, recording)
    return Source(source, recording, heard, digest)


def heard_by_models(recording: Recording, source: Path) -> Tensor:
    """Each channel of a recording at 16 kHz, float32 `(channels, samples)`.

    Example:
        >>> heard_by_models(Recording(np.full((44_100, 2), 0.1), rate=44_100), Path("stereo.wav")).shape
        torch.Size([2, 16000])

    Args:
        recording: the recording.
        source: its file, for messages.

    Raises:
        SottovoceError: the recording is silent or too short to protect.
    """
    if recording.seconds <= SHORTEST:
        raise SottovoceError(f"{source}: {1000 * recording.seconds:.0f} ms are too short to protect; use over 50 ms")
    if not recording.samples.any():
        raise SottovoceError(f"{source}: all samples are zero, so there is nothing to protect; check the recording")
    channels = resample(recording.samples, recording.rate, MODEL_RATE).astype(np.float32)
    return torch.from_numpy(np.ascontiguousarray(channels.T))


def check_apart(source: Path, target: Path) -> None:
    """Check that source and target are not the same file.

    Raises:
        SottovoceError: they are the same file.
    """
    if target.exists() and source.exists() and target.samefile(source):
        raise SottovoceError(f"{source}: the target is the original file itself; choose another target")


def sha256(path: Path) -> str:
    """SHA-256 digest of a file in hexadecimal.

    Raises:
        SottovoceError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SottovoceError(f"{path}: the file cannot be read ({error.strerror}); check its permissions") from error
