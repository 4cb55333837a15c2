"""A person's recording: what is read from disk, and what models hear of it."""

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
"""Seconds that a file must exceed to hold speech."""


@dataclass(frozen=True, eq=False)
class Source:
    """A recording that can be protected.

    Attributes:
        path: the file.
        recording: what it holds.
        heard: each channel at 16 kHz, float32 `(channels, samples)`.
        sha256: hexadecimal digest of the file, taken when it was read.
    """

    path: Path
    recording: Recording
    heard: Tensor
    sha256: str


def open_source(source: Path, target: Path) -> Source:
    """Read a recording, and make sure that the target can be written before any work is done.

    Raises:
        SottovoceError: there is nothing to protect in it, or `target` cannot be written or is the file itself.
    """
    check_apart(source, target)
    digest = sha256(source) if source.is_file() else ""
    recording = files.read(source)
    heard = heard_by_models(recording, source)
    files.check_target(target, recording)
    return Source(source, recording, heard, digest)


def heard_by_models(recording: Recording, source: Path) -> Tensor:
    """Each channel of a recording at 16 kHz, float32 `(channels, samples)`.

    Raises:
        SottovoceError: it is too short or silent, so that there is nothing to protect.
    """
    if recording.seconds <= SHORTEST:
        raise SottovoceError(f"{source}: {1000 * recording.seconds:.0f} ms are too short to protect; take over 50 ms")
    if not recording.samples.any():
        raise SottovoceError(f"{source}: all samples are zero, there is nothing to protect; check the recording")
    channels = resample(recording.samples, recording.rate, MODEL_RATE).astype(np.float32)
    return torch.from_numpy(np.ascontiguousarray(channels.T))


def check_apart(source: Path, target: Path) -> None:
    """Make sure that a target is not the source itself.

    Raises:
        SottovoceError: it is.
    """
    if target.exists() and source.exists() and target.samefile(source):
        raise SottovoceError(f"{source}: the target is the original itself; choose another target")


def sha256(path: Path) -> str:
    """Hexadecimal digest of a file.

    Raises:
        SottovoceError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SottovoceError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
