"""A sound file in, a protected one and a report out."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Self

import torch
from pydantic import BaseModel, ConfigDict, ValidationError

from sottovoce import __version__
from sottovoce.audio import files
from sottovoce.audio.files import Recording
from sottovoce.audio.resampling import MODEL_RATE, resample
from sottovoce.errors import SottovoceError
from sottovoce.metrics import energy_drop, perturbation_gain, snr
from sottovoce.models.fingerprint import fingerprint
from sottovoce.victims.enhancers import Enhancer
from sottovoce.workflows.adding import add_within
from sottovoce.workflows.enhancing import enhance
from sottovoce.workflows.noting import noting
from sottovoce.workflows.perturbing import perturbation, wanted_output
from sottovoce.workflows.settings import ProtectSettings
from sottovoce.writing import write_text

SHORTEST = 0.05
"""Seconds; a file has to be longer than this to hold speech."""


class Effect(BaseModel):
    """What the written file does to one enhancer.

    Attributes:
        energy_drop: how much less comes out of it than for the original, in dB.
        perturbation_gain: how much it amplifies the perturbation, in dB.
    """

    model_config = ConfigDict(ser_json_inf_nan="strings")

    energy_drop: float
    perturbation_gain: float


class Report(BaseModel):
    """What was done to one file; measured on the written file, read back from disk.

    Kept beside it as JSON, so that a rerun can tell that the file is done.

    Attributes:
        version: of sottovoce.
        source, target: as they were named.
        source_sha256, target_sha256: hexadecimal digests of the two files.
        settings: how the file was protected.
        weights: hexadecimal digests of the enhancers' weights, by enhancer.
        seconds: duration.
        snr: 10·log10(Σ original² / Σ (protected - original)²) over the file's own samples, in dB.
        effects: by enhancer.
        notes: what a person should know besides.
    """

    model_config = ConfigDict(ser_json_inf_nan="strings")

    version: str = __version__
    source: str
    target: str
    source_sha256: str
    target_sha256: str
    settings: ProtectSettings
    weights: dict[str, str]
    seconds: float
    snr: float
    effects: dict[str, Effect]
    notes: list[str]

    @classmethod
    def of(cls, target: Path) -> Self | None:
        """The report that lies beside a protected file, if there is one."""
        try:
            return cls.model_validate_json(report_path(target).read_bytes())
        except (OSError, ValidationError):
            return None

    def line(self) -> str:
        """The summary in one line."""
        effects = ", ".join(f"{name} {-effect.energy_drop:+.1f} dB" for name, effect in self.effects.items())
        return "; ".join([f"{self.source} → {self.target}: SNR {self.snr:.1f} dB, output of {effects}", *self.notes])


def report_path(target: Path) -> Path:
    """Where the report on a protected file lies."""
    return target.with_name(target.name + ".sottovoce.json")


def done(source: Path, target: Path, settings: ProtectSettings, enhancers: Mapping[str, Enhancer]) -> bool:
    """Whether `target` is, to the byte, what this version made of the same source, settings and weights before."""
    report = Report.of(target)
    if report is None or not (source.is_file() and target.is_file()):
        return False
    made_with = (report.version, report.settings, report.weights)
    if made_with != (__version__, settings, _fingerprints(enhancers)):
        return False
    return (report.source_sha256, report.target_sha256) == (sha256(source), sha256(target))


def protect_file(
    source: Path,
    target: Path,
    settings: ProtectSettings,
    enhancers: Mapping[str, Enhancer],
    progress: Callable[[float], None] = lambda _: None,
) -> Report:
    """Protect a sound file.

    The person's own samples stay as they are, in their rate, channels, subtype and length; only the perturbation,
    searched for in mono at 16 kHz, is resampled and added to every channel.

    Args:
        source: any sound file of more than 50 ms that is not silent.
        target: the file to write, with a report beside it; replaced if it exists.
        settings: how.
        enhancers: the models that `settings.against` names, as `load_enhancers` gives them.
        progress: called with the finished share, from 0 to 1.

    Returns:
        The report.

    Raises:
        SottovoceError: the source cannot be protected or the target cannot be written; nothing is left half-written.
    """
    if target.exists() and source.exists() and target.samefile(source):
        raise SottovoceError(f"{source}: the target is the original itself; choose another target")
    recording = files.read(source)
    heard = heard_by_models(recording, source)
    files.check_target(target, recording)
    wanted, notes = wanted_output(settings, len(heard))
    change = perturbation(heard, wanted, settings, list(enhancers.values()), progress)
    resampled = resample(change.double().numpy(), MODEL_RATE, recording.rate, recording.frames)
    samples = add_within(recording, resampled, settings.snr, target)
    files.write(target, replace(recording, samples=samples))
    del samples
    report = _measured(source, target, settings, enhancers, recording, notes)
    write_text(report_path(target), report.model_dump_json(indent=2) + "\n")
    return report


def heard_by_models(recording: Recording, source: Path) -> torch.Tensor:
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


def _measured(
    source: Path,
    target: Path,
    settings: ProtectSettings,
    enhancers: Mapping[str, Enhancer],
    recording: Recording,
    notes: list[str],
) -> Report:
    written = files.read(target)
    reached = snr(*(torch.from_numpy(each.samples.reshape(1, -1)) for each in (recording, written))).item()
    if reached < settings.snr:
        notes.append(f"the SNR is below {settings.snr:g} dB because of the lossy format; a WAV or FLAC target keeps it")
    if reached == float("inf"):
        notes.append("nothing could be changed within this SNR")
    signals = [torch.from_numpy(files.as_mono_16k(each)) for each in (recording, written)]
    with noting(notes):
        effects = {name: _effect(enhancer, *signals) for name, enhancer in enhancers.items()}
    return Report(
        source=str(source),
        target=str(target),
        source_sha256=sha256(source),
        target_sha256=sha256(target),
        settings=settings,
        weights=_fingerprints(enhancers),
        seconds=recording.seconds,
        snr=reached,
        effects=effects,
        notes=notes,
    )


def _effect(enhancer: Enhancer, original: torch.Tensor, protected: torch.Tensor) -> Effect:
    enhanced, enhanced_protected = (enhance(enhancer, signal)[None] for signal in (original, protected))
    gain = perturbation_gain(enhanced, enhanced_protected, original[None], protected[None])
    return Effect(energy_drop=energy_drop(enhanced, enhanced_protected).item(), perturbation_gain=gain.item())


def _fingerprints(enhancers: Mapping[str, Enhancer]) -> dict[str, str]:
    return {name: fingerprint(enhancer) for name, enhancer in enhancers.items()}


def sha256(path: Path) -> str:
    """Hexadecimal digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
