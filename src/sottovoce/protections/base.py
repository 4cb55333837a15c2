"""The one way of a file through a protection: read, perturb each channel, write, read back, measure, report."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, SerializeAsAny, ValidationError
from torch import Tensor

from sottovoce import __version__
from sottovoce.audio import files
from sottovoce.audio.files import Recording
from sottovoce.audio.formats import Layout, quantized, written_subtype
from sottovoce.audio.resampling import MODEL_RATE, resample
from sottovoce.audio.sources import Source, heard_by_models, open_source, sha256
from sottovoce.errors import SottovoceError
from sottovoce.reversible import difference
from sottovoce.reversible.companion import Companion, check_lossless, companion_path
from sottovoce.reversible.keys import Secret
from sottovoce.writing import write_text

Progress = Callable[[float], None]
"""Called with the finished share, from 0 to 1."""

_BLOCK = 1 << 20
_ATTEMPTS = 20
_MARGIN = 0.999
_TOLERANCE = 1e-6
"""dB by which sums in another order may differ."""


class Effect(BaseModel):
    """What a protection did to its listeners, measured on the written file; each protection has its own.

    Attributes:
        notes: what a person should know besides.
    """

    model_config = ConfigDict(ser_json_inf_nan="strings")

    notes: list[str] = []

    def lines(self) -> list[str]:
        """What to tell a person, a sentence or two each, without a full stop."""
        raise NotImplementedError


class Protection(Protocol):
    """What a person asks for.

    Attributes:
        name: what reports call it.
        snr: minimum SNR in dB that each channel of the written file keeps.
        device: where its networks run.
    """

    name: str
    snr: float
    device: torch.device

    def identity(self) -> dict[str, object]:
        """Everything that the protected samples and the report depend on: settings, weights, contents of files."""
        ...

    def perturb(self, heard: Tensor, progress: Progress) -> Tensor:
        """The perturbation of each channel.

        Args:
            heard: float32 `(channels, samples)` at 16 kHz in [-1, 1], on `device`; no channel is silent and no two
                are equal.
            progress: called with the finished share.

        Returns:
            The same shape, to be added.

        Raises:
            SottovoceError: there is nothing that can be done with this recording.
        """
        ...

    def measure(self, before: Tensor, after: Tensor) -> Effect:
        """Compare original and written file, each channel `(channels, samples)` at 16 kHz, on the CPU."""
        ...


class Made(BaseModel):
    """What a rerun has to know about a protected file.

    Attributes:
        version: of sottovoce.
        protection: its name.
        identity: see `Protection.identity`.
        source_sha256, target_sha256: hexadecimal digests of the two files.
    """

    model_config = ConfigDict(ser_json_inf_nan="strings")

    version: str = __version__
    protection: str
    identity: dict[str, Any]
    source_sha256: str
    target_sha256: str

    @classmethod
    def of(cls, target: Path) -> Self | None:
        """What the report beside a protected file says, if there is one."""
        try:
            return cls.model_validate_json(report_path(target).read_bytes())
        except (OSError, ValidationError):
            return None


class Report(Made):
    """What was done to one file, measured on the written file. Kept beside it as JSON.

    Attributes:
        source, target: as they were named.
        seconds: duration.
        snr: 10·log10(Σ original² / Σ (protected - original)²) over the file's own samples in dB, that of the channel
            where it is lowest.
        effect: what the protection did to its listeners.
        companion_bytes: size of the companion; 0 without one.
        encrypted_original_bytes: size of the original itself, coded without loss and encrypted; 0 without companion.
        notes: what a person should know besides.
    """

    source: str
    target: str
    seconds: float
    snr: float
    effect: SerializeAsAny[Effect]
    companion_bytes: int = 0
    encrypted_original_bytes: int = 0
    notes: list[str] = []

    def lines(self) -> list[str]:
        """What to tell a person."""
        told = [f"SNR {self.snr:.1f} dB", *self.effect.lines()]
        if self.companion_bytes:
            sizes = f"companion {self.companion_bytes} bytes"
            told.append(f"{sizes} (the original itself, encrypted: {self.encrypted_original_bytes})")
        return [*told, *self.effect.notes, *self.notes]

    def line(self) -> str:
        """The summary in one line."""
        return f"{self.source} → {self.target}: {'; '.join(self.lines())}"


def protect_file(
    source: str | Path,
    target: str | Path,
    protection: Protection,
    *,
    secret: Secret | None = None,
    progress: Progress = lambda _: None,
) -> Report:
    """Protect a sound file.

    The person's own samples stay as they are, in their rate, channels, subtype and length; only the perturbation,
    made for each channel at 16 kHz, is resampled and added.

    Args:
        source: any sound file of more than 50 ms that is not silent.
        target: the file to write, with a report beside it; replaced if it exists.
        protection: `Words`, `Voice` or `Keyword`.
        secret: seals a companion beside the target, from which `restore_file` gives the original back bit for bit.
        progress: called with the finished share, from 0 to 1.

    Returns:
        The report.

    Raises:
        SottovoceError: the source cannot be protected, the target cannot be written, or it would be lossy although a
            companion is wanted; nothing is left half-written.
    """
    opened, target = open_source(Path(source), Path(target)), Path(target)
    if secret is not None:
        check_lossless(target, opened.recording)
    try:
        change = _perturbation(opened.heard, protection, progress)
    except SottovoceError as error:
        raise SottovoceError(f"{source}: {error}") from error
    written = _write(opened.recording, change, protection.snr, target)
    report = _measured(opened, target, protection, written)
    if secret is not None:
        companion = Companion.of(opened.recording, written)
        size = companion.write(companion_path(target), secret)
        alone = len(difference.encode_alone(opened.recording.samples, opened.recording.subtype))
        sizes = {"companion_bytes": size, "encrypted_original_bytes": alone + size - len(companion.coded)}
        report = report.model_copy(update=sizes)
    write_text(report_path(target), report.model_dump_json(indent=2) + "\n")
    return report


def done_before(
    source: str | Path, target: str | Path, protection: Protection, *, secret: Secret | None = None
) -> bool:
    """Whether `target` is, to the byte, what this version made of the same source with the same protection before.

    With a secret, its companion must be there as well, belong to the target, and open with that secret.
    """
    source, target = Path(source), Path(target)
    made = Made.of(target)
    if made is None or (made.version, made.protection) != (__version__, protection.name):
        return False
    if not (source.is_file() and target.is_file()) or made.identity != _identity(protection):
        return False
    if (made.source_sha256, made.target_sha256) != (sha256(source), sha256(target)):
        return False
    if secret is None:
        return True
    try:
        return Companion.read(companion_path(target), secret).belongs_to(files.read(target))
    except SottovoceError:
        return False


def report_path(target: Path) -> Path:
    """Where the report on a protected file lies."""
    return target.with_name(target.name + ".sottovoce.json")


def _perturbation(heard: Tensor, protection: Protection, progress: Progress) -> Tensor:
    """The perturbation of every channel: equal channels get equal ones, silent channels none."""
    distinct, places = torch.unique(heard, dim=0, return_inverse=True)
    change, sounding = torch.zeros_like(distinct), distinct.any(1)
    levels = distinct[sounding].abs().amax(1, keepdim=True).clamp(min=1.0)  # float files may exceed full scale
    found = protection.perturb((distinct[sounding] / levels).to(protection.device), progress)
    change[sounding] = found.to(change) * levels
    progress(1.0)
    return change[places]


def _write(recording: Recording, change: Tensor, snr: float, target: Path) -> Recording:
    resampled = resample(change.T.double().numpy(), MODEL_RATE, recording.rate, recording.frames)
    files.write(target, replace(recording, samples=add_within(recording, resampled, snr, target)))
    return files.read(target)


def _measured(opened: Source, target: Path, protection: Protection, written: Recording) -> Report:
    ratio, notes = _lowest_snr(opened.recording.samples, written.samples), list[str]()
    if ratio < protection.snr - _TOLERANCE:
        notes.append(
            f"the SNR is below {protection.snr:g} dB because of the lossy format; a WAV or FLAC target keeps it"
        )
    if ratio == float("inf"):
        notes.append("nothing could be changed within this SNR")
    return Report(
        protection=protection.name,
        identity=_identity(protection),
        source_sha256=opened.sha256,
        target_sha256=sha256(target),
        source=str(opened.path),
        target=str(target),
        seconds=opened.recording.seconds,
        snr=ratio,
        effect=protection.measure(opened.heard, heard_by_models(written, target)),
        notes=notes,
    )


def _identity(protection: Protection) -> dict[str, Any]:
    """The identity as JSON gives it back."""
    known: dict[str, Any] = json.loads(json.dumps(protection.identity()))
    return known


def _lowest_snr(original: NDArray[np.float64], written: NDArray[np.float64]) -> float:
    """In dB, of the channel where it is lowest; channels that are silent or did not change have none."""
    energies, changes = np.square(original).sum(0), np.square(written - original).sum(0)
    counted = (energies > 0) & (changes > 0)
    ratios = 10.0 * np.log10(energies[counted] / changes[counted])
    return float(ratios.min(initial=np.inf))


def add_within(recording: Recording, change: NDArray[np.float64], snr: float, target: Path) -> NDArray[np.float64]:
    """Add a perturbation, in each channel scaled down just so far that the samples as written keep the SNR.

    Args:
        recording: the person's recording.
        change: `(frames, channels)` at its rate.
        snr: 10·log10(Σ original² / Σ (written - original)²) in dB to keep in every channel.
        target: the file to write; its suffix decides the rounding.

    Returns:
        `(frames, channels)` as an integer or float subtype will hold them. No sample leaves full scale that was within
        it before. A lossy encoder comes after this and is not accounted for.
    """
    subtype = written_subtype(target.suffix, Layout(recording.format, recording.subtype, recording.endian))
    allowed = np.square(recording.samples).sum(0) * 10.0 ** (-snr / 10.0)
    gains = np.ones(recording.channels)
    for _ in range(_ATTEMPTS):
        written, spent = _added(recording.samples, gains * change, subtype)
        over = spent > allowed
        if not over.any():
            return written
        gains[over] *= _MARGIN * np.sqrt(allowed[over] / spent[over])
    written[:, over] = quantized(recording.samples[:, over], subtype)
    return written


def _added(
    samples: NDArray[np.float64], change: NDArray[np.float64], subtype: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The written samples, and in each channel the energy of what changed; in blocks to spare memory."""
    written, spent = np.empty_like(samples), np.zeros(samples.shape[1])
    for start in range(0, len(samples), _BLOCK):
        block = slice(start, start + _BLOCK)
        own = samples[block]
        changed = np.clip(own + change[block], np.minimum(own, -1.0), np.maximum(own, 1.0))
        written[block] = quantized(changed, subtype)
        spent += np.square(written[block] - own).sum(0)
    return written, spent
