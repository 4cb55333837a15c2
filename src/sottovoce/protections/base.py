"""From a sound file to the same file with a perturbation, and the report that lies beside it."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import torch
from pydantic import BaseModel, ConfigDict, ValidationError
from torch import Tensor

from sottovoce import __version__
from sottovoce.audio import files
from sottovoce.audio.files import Recording
from sottovoce.audio.resampling import MODEL_RATE, resample
from sottovoce.errors import SottovoceError
from sottovoce.metrics import snr
from sottovoce.protections.adding import add_within
from sottovoce.writing import write_text

SHORTEST = 0.05
"""Seconds; a file has to be longer than this to hold speech."""


class FileReport(BaseModel):
    """What was done to one file; measured on the written file, read back from disk.

    Kept beside it as JSON, so that a rerun can tell that the file is done.

    Attributes:
        version: of sottovoce.
        source, target: as they were named.
        source_sha256, target_sha256: hexadecimal digests of the two files.
        snr: 10·log10(Σ original² / Σ (protected - original)²) over the file's own samples, in dB.
    """

    model_config = ConfigDict(ser_json_inf_nan="strings")

    version: str = __version__
    source: str
    target: str
    source_sha256: str
    target_sha256: str
    snr: float

    @classmethod
    def of(cls, target: Path) -> Self | None:
        """The report that lies beside a protected file, if there is one of this kind."""
        try:
            return cls.model_validate_json(report_path(target).read_bytes())
        except (OSError, ValidationError):
            return None

    def is_current(self, source: Path, target: Path) -> bool:
        """Whether `target` still is, to the byte, what this version of sottovoce made of `source`."""
        if self.version != __version__ or not (source.is_file() and target.is_file()):
            return False
        return (self.source_sha256, self.target_sha256) == (sha256(source), sha256(target))

    def save(self) -> None:
        """Write it beside the protected file.

        Raises:
            SottovoceError: it cannot be written.
        """
        write_text(report_path(Path(self.target)), self.model_dump_json(indent=2) + "\n")


def report_path(target: Path) -> Path:
    """Where the report on a protected file lies."""
    return target.with_name(target.name + ".sottovoce.json")


def sha256(path: Path) -> str:
    """Hexadecimal digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_source(source: Path, target: Path) -> tuple[Recording, Tensor]:
    """The recording in a file, and what models hear of it.

    Returns:
        The recording; and float32 `(samples,)` in mono at 16 kHz.

    Raises:
        SottovoceError: there is nothing to protect in it, or `target` cannot be written or is the file itself.
    """
    check_apart(source, target)
    recording = files.read(source)
    heard = heard_by_models(recording, source)
    files.check_target(target, recording)
    return recording, heard


def check_apart(source: Path, target: Path) -> None:
    """Make sure that a target is not the source itself.

    Raises:
        SottovoceError: it is.
    """
    if target.exists() and source.exists() and target.samefile(source):
        raise SottovoceError(f"{source}: the target is the original itself; choose another target")


def heard_by_models(recording: Recording, source: Path) -> Tensor:
    """The recording in mono at 16 kHz, float32 `(samples,)`.

    Raises:
        SottovoceError: it is too short or silent, so that there is nothing to protect.
    """
    if recording.seconds <= SHORTEST:
        raise SottovoceError(f"{source}: {1000 * recording.seconds:.0f} ms are too short to protect; take over 50 ms")
    if not recording.samples.any():
        raise SottovoceError(f"{source}: all samples are zero, there is nothing to protect; check the recording")
    heard = files.as_mono_16k(recording)
    if not heard.any():
        raise SottovoceError(f"{source}: the channels cancel one another out; protect them as separate files")
    return torch.from_numpy(heard)


def write_changed(recording: Recording, change: Tensor, floor: float, target: Path) -> Recording:
    """Write a recording with a perturbation and read it back.

    The person's own samples stay as they are, in their rate, channels, subtype and length; only the perturbation is
    resampled and added to every channel.

    Args:
        recording: the person's.
        change: `(samples,)` in mono at 16 kHz.
        floor: SNR in dB that the written samples keep.
        target: the file to write; replaced if it exists.

    Returns:
        What the written file holds.

    Raises:
        SottovoceError: the target cannot be written; nothing is left half-written.
    """
    resampled = resample(change.double().numpy(), MODEL_RATE, recording.rate, recording.frames)
    files.write(target, replace(recording, samples=add_within(recording, resampled, floor, target)))
    return files.read(target)


def facts(source: Path, target: Path, recording: Recording, written: Recording) -> dict[str, Any]:
    """What every `FileReport` says."""
    pair = (torch.from_numpy(each.samples.reshape(1, -1)) for each in (recording, written))
    return {
        "source": str(source),
        "target": str(target),
        "source_sha256": sha256(source),
        "target_sha256": sha256(target),
        "snr": snr(*pair).item(),
    }
