"""Recordings to protect: checked, read and resampled for the models."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from sottovoce.audio import files
from sottovoce.audio.files import Recording
from sottovoce.audio.resampling import MODEL_RATE, resample
from sottovoce.errors import SottovoceError
from sottovoce.journal import check_free, sha256

SHORTEST = 0.05
"""Recordings of up to this duration in seconds are refused."""


@dataclass(frozen=True, eq=False)
class Source:
    """A recording to protect.

    Attributes:
        path: the file it was read from.
        recording: its samples and format.
        heard: each channel at 16 kHz, see `heard_by_models`.
        sha256: hexadecimal digest of the file when it was read.
        mode: its permissions, which everything that is made from it gets.
    """

    path: Path
    recording: Recording
    heard: Tensor
    sha256: str
    mode: int


def open_source(source: Path, target: Path, *, overwrite: bool = False) -> Source:
    """Read a recording, and check before any work is done that the target can be written.

    Raises:
        SottovoceError: the recording cannot be read, is silent or too short, the target cannot be written or is the
            source itself, or it would replace a file that sottovoce did not write.
    """
    check_apart(source, target)
    check_free(target, overwrite=overwrite)
    digest = sha256(source) if source.is_file() else ""
    recording = files.read(source)
    heard = heard_by_models(recording, source)
    files.check_target(target, recording)
    return Source(source, recording, heard, digest, source.stat().st_mode & 0o777)


def heard_by_models(recording: Recording, source: Path) -> Tensor:
    """Each channel of a recording at 16 kHz without its mean, float32 `(channels, samples)`.

    A constant offset is no sound: it must not count as signal.

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
    if not np.ptp(recording.samples, 0).any():
        raise SottovoceError(f"{source}: all samples are the same, so there is nothing to protect; check the recording")
    centred = recording.samples - recording.samples.mean(0)
    channels = resample(centred, recording.rate, MODEL_RATE).astype(np.float32)
    return torch.from_numpy(np.ascontiguousarray(channels.T))


def check_apart(source: Path, target: Path) -> None:
    """Check that source and target are not the same file.

    Raises:
        SottovoceError: they are the same file.
    """
    if target.exists() and source.exists() and target.samefile(source):
        raise SottovoceError(f"{source}: the target is the original file itself; choose another target")
