"""The one way of a file through a protection: read, perturb each channel, write, read back, measure, report."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, SerializeAsAny
from torch import Tensor

from sottovoce import __version__
from sottovoce.audio import files
from sottovoce.audio.extras import Extras
from sottovoce.audio.files import Recording
from sottovoce.audio.formats import Layout, quantized, written_subtype
from sottovoce.audio.resampling import MODEL_RATE, resample
from sottovoce.audio.sources import Source, heard_by_models, open_source
from sottovoce.audio.views import same_views, views
from sottovoce.errors import SottovoceError
from sottovoce.journal import check_free, note, sha256, was_made_from
from sottovoce.reversible.companion import Companion, check_lossless, companion_path
from sottovoce.reversible.keys import Secret
from sottovoce.writing import Staged, check_name

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
        views: the channels, and the mean and differences of several, that were measured; see `audio.views`.
        notes: what a person should know besides.
    """

    model_config = ConfigDict(ser_json_inf_nan="strings")

    views: list[str] = []
    notes: list[str] = []

    def lines(self) -> list[str]:
        """What to tell a person, a sentence or two each, without a full stop."""
        raise NotImplementedError

    def failure(self) -> str | None:
        """Why the file does not count as protected, and what would help; None if it does."""
        return None

    def where(self, place: int) -> str:
        """Which view a figure is of, in brackets; nothing for a recording with a single one."""
        return f" ({self.views[place]})" if len(self.views) > 1 else ""


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
        """Compare original and written file: the same views of both, `(views, samples)` at 16 kHz, on the CPU."""
        ...


class Report(BaseModel):
    """What was done to one file, measured on the written file.

    Attributes:
        version: of sottovoce.
        protection: its name.
        identity: see `Protection.identity`.
        source, target: as they were named.
        seconds: duration.
        snr: 10·log10(Σ original² / Σ (protected - original)²) over the file's own samples in dB, that of the channel
            where it is lowest; a channel's mean does not count as signal.
        effect: what the protection did to its listeners.
        companion_bytes: size of the companion; 0 without one.
        encrypted_original_bytes: size of the original file itself, compressed and encrypted; 0 without companion.
        notes: what a person should know besides.
    """

    model_config = ConfigDict(ser_json_inf_nan="strings")

    version: str = __version__
    protection: str
    identity: dict[str, Any]
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
    overwrite: bool = False,
    progress: Progress = lambda _: None,
) -> Report:
    """Protect a sound file.

    The person's own samples stay as they are, in their rate, channels, subtype and length, and so does everything else
    that the file holds; only the perturbation, made for each channel at 16 kHz, is resampled and added. Target and
    companion appear together, once the written file has been read back and measured and the way back has been tried.

    Args:
        source: any sound file of more than 50 ms that is not silent.
        target: the file to write.
        protection: `Words`, `Voice` or `Keyword`.
        secret: seals a companion beside the target, from which `restore_file` gives the original back.
        overwrite: whether `target` may replace a file that sottovoce did not write.
        progress: called with the finished share, from 0 to 1.

    Returns:
        The report.

    Raises:
        SottovoceError: the source cannot be protected, the target cannot be written, it would be lossy although a
            companion is wanted, or it does not come out protected; nothing is written then.
    """
    source, target = Path(source), Path(target)
    check_name(target, ".veil")
    opened = open_source(source, target, overwrite=overwrite)
    if secret is not None:
        check_free(companion_path(target), overwrite=overwrite)
        check_lossless(target, opened.recording)
    try:
        change = _perturbation(opened.heard, protection, progress)
    except SottovoceError as error:
        raise SottovoceError(f"{source}: {error}") from error
    with Staged(opened.mode) as staged:
        temporary, notes = _write(staged, opened, change, protection.snr, target)
        written = files.read(temporary)
        report = _measured(opened, target, protection, written, notes)
        if secret is not None:
            report = report.model_copy(update=_seal(staged, opened, written, target, secret))
    made_from = _made_from(opened.sha256, target, protection)
    for path in (target, companion_path(target)) if secret is not None else (target,):
        note(path, made_from)
    return report


def done_before(
    source: str | Path, target: str | Path, protection: Protection, *, secret: Secret | None = None
) -> bool:
    """Whether `target` is, to the byte, what this version made of the same source with the same protection before.

    With a secret, its companion must be there as well, belong to the target, and open with that secret.
    """
    source, target = Path(source), Path(target)
    if not (source.is_file() and target.is_file()):
        return False
    if not was_made_from(target, _made_from(sha256(source), target, protection)):
        return False
    if secret is None:
        return True
    try:
        return Companion.read(companion_path(target), secret).belongs_to(files.read(target))
    except SottovoceError:
        return False


def _made_from(source_sha256: str, target: Path, protection: Protection) -> dict[str, object]:
    """Everything that a protected file's content depends on."""
    return {
        "version": __version__,
        "source": source_sha256,
        "suffix": target.suffix.lower(),
        "protection": protection.name,
        "identity": protection.identity(),
    }


def _perturbation(heard: Tensor, protection: Protection, progress: Progress) -> Tensor:
    """The perturbation of every channel: equal channels get equal ones, silent channels none."""
    distinct, places = torch.unique(heard, dim=0, return_inverse=True)
    change, sounding = torch.zeros_like(distinct), distinct.any(1)
    levels = distinct[sounding].abs().amax(1, keepdim=True).clamp(min=1.0)  # float files may exceed full scale
    found = protection.perturb((distinct[sounding] / levels).to(protection.device), progress)
    change[sounding] = found.to(change) * levels
    progress(1.0)
    return change[places]


def _write(staged: Staged, opened: Source, change: Tensor, snr: float, target: Path) -> tuple[Path, list[str]]:
    """The protected file under its temporary name, and notes on what of the original it does not keep."""
    own = opened.recording
    resampled = resample(change.T.double().numpy(), MODEL_RATE, own.rate, own.frames)
    samples = add_within(own, resampled, snr, target)
    kept = (samples == own.samples).all(0) & change.any(1).numpy()
    if kept.any() or not change.any():
        raise SottovoceError(
            f"{opened.path}: not protected: the perturbation does not outlast rounding to {own.subtype} within an SNR "
            f"of {snr:g} dB; try more bits (a 24-bit WAV), another attack, or a lower --snr"
        )
    bare = files.encoded(target, replace(own, samples=samples, text={}))
    content, lost = Extras.of(opened.path).added_to(bare, target.suffix)
    notes = [f"not kept in the protected file: {', '.join(lost)}"] if lost else []
    return staged.write(target, content), notes


def _measured(opened: Source, target: Path, protection: Protection, written: Recording, notes: list[str]) -> Report:
    ratio = _lowest_snr(opened.recording.samples, written.samples)
    before = views(opened.heard)
    after = same_views(heard_by_models(written, target), before)
    effect = protection.measure(torch.stack(list(before.values())), after).model_copy(update={"views": list(before)})
    reason = effect.failure()
    if ratio == float("inf"):
        reason = "the written file holds the original's samples; try another format"
    if reason is not None:
        raise SottovoceError(f"{opened.path}: not protected: {reason}")
    if ratio < protection.snr - _TOLERANCE:
        notes.append(
            f"the SNR is below {protection.snr:g} dB because of the lossy format; a WAV or FLAC target keeps it"
        )
    return Report(
        protection=protection.name,
        identity=json.loads(json.dumps(protection.identity())),
        source=str(opened.path),
        target=str(target),
        seconds=opened.recording.seconds,
        snr=ratio,
        effect=effect,
        notes=notes,
    )


def _seal(staged: Staged, opened: Source, written: Recording, target: Path, secret: Secret) -> dict[str, int]:
    """Stage the companion, once the original has come out of it again; its size, and the encrypted original's."""
    companion = Companion.of(opened.path, opened.recording, written)
    temporary = staged.write(companion_path(target), companion.seal(secret))
    found = hashlib.sha256(Companion.read(temporary, secret).original_file(written)).hexdigest()
    if found != opened.sha256:
        raise SottovoceError(f"{opened.path}: changed while it was being protected; protect it again")
    size = temporary.stat().st_size
    alone = Companion.whole(opened.path, opened.recording, written)
    return {
        "companion_bytes": size,
        "encrypted_original_bytes": size + alone.plain_size - companion.plain_size,
    }


def _lowest_snr(original: NDArray[np.float64], written: NDArray[np.float64]) -> float:
    """In dB, of the channel where it is lowest; channels that are silent or did not change have none."""
    energies, changes = _energies(original), np.square(written - original).sum(0)
    counted = (energies > 0) & (changes > 0)
    ratios = 10.0 * np.log10(energies[counted] / changes[counted])
    return float(ratios.min(initial=np.inf))


def _energies(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each channel without its mean: a constant offset is no signal."""
    return np.asarray(len(samples) * samples.var(0))


def add_within(recording: Recording, change: NDArray[np.float64], snr: float, target: Path) -> NDArray[np.float64]:
    """Add a perturbation, in each channel scaled down just so far that the samples as written keep the SNR.

    Args:
        recording: the person's recording.
        change: `(frames, channels)` at its rate.
        snr: 10·log10(Σ original² / Σ (written - original)²) in dB to keep in every channel, the original without its
            mean.
        target: the file to write; its suffix decides the rounding.

    Returns:
        `(frames, channels)` as an integer or float subtype will hold them. No sample leaves full scale that was within
        it before. A lossy encoder comes after this and is not accounted for.
    """
    subtype = written_subtype(target.suffix, Layout(recording.format, recording.subtype, recording.endian))
    allowed = _energies(recording.samples) * 10.0 ** (-snr / 10.0)
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
