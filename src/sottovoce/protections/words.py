"""A sound file in, a protected one and a report out."""

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict

from sottovoce.audio import files
from sottovoce.audio.files import Recording
from sottovoce.evaluation.enhance import enhance
from sottovoce.evaluation.noting import noting
from sottovoce.metrics import energy_drop, perturbation_gain
from sottovoce.models.enhancers import Enhancer
from sottovoce.protections.base import FileReport, facts, open_source, write_changed
from sottovoce.protections.perturbing import perturbation, wanted_output
from sottovoce.protections.settings import ProtectSettings
from sottovoce.weights.fingerprint import fingerprint


class Effect(BaseModel):
    """What the written file does to one enhancer.

    Attributes:
        energy_drop: how much less comes out of it than for the original, in dB.
        perturbation_gain: how much it amplifies the perturbation, in dB.
    """

    model_config = ConfigDict(ser_json_inf_nan="strings")

    energy_drop: float
    perturbation_gain: float


class Report(FileReport):
    """What was done to one file so that enhancers fail.

    Attributes:
        settings: how the file was protected.
        weights: hexadecimal digests of the enhancers' weights, by enhancer.
        seconds: duration.
        effects: by enhancer.
        notes: what a person should know besides.
    """

    settings: ProtectSettings
    weights: dict[str, str]
    seconds: float
    effects: dict[str, Effect]
    notes: list[str]

    def line(self) -> str:
        """The summary in one line."""
        effects = ", ".join(f"{name} {-effect.energy_drop:+.1f} dB" for name, effect in self.effects.items())
        return "; ".join([f"{self.source} → {self.target}: SNR {self.snr:.1f} dB, output of {effects}", *self.notes])


def done(source: Path, target: Path, settings: ProtectSettings, enhancers: Mapping[str, Enhancer]) -> bool:
    """Whether `target` is, to the byte, what this version made of the same source, settings and weights before."""
    report = Report.of(target)
    if report is None or (report.settings, report.weights) != (settings, _fingerprints(enhancers)):
        return False
    return report.is_current(source, target)


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
    recording, heard = open_source(source, target)
    wanted, notes = wanted_output(settings, len(heard))
    change = perturbation(heard, wanted, settings, list(enhancers.values()), progress)
    written = write_changed(recording, change, settings.snr, target)
    report = _measured(source, target, settings, enhancers, recording, written, notes)
    report.save()
    return report


def _measured(
    source: Path,
    target: Path,
    settings: ProtectSettings,
    enhancers: Mapping[str, Enhancer],
    recording: Recording,
    written: Recording,
    notes: list[str],
) -> Report:
    known = facts(source, target, recording, written)
    if known["snr"] < settings.snr:
        notes.append(f"the SNR is below {settings.snr:g} dB because of the lossy format; a WAV or FLAC target keeps it")
    if known["snr"] == float("inf"):
        notes.append("nothing could be changed within this SNR")
    signals = [torch.from_numpy(files.as_mono_16k(each)) for each in (recording, written)]
    with noting(notes):
        effects = {name: _effect(enhancer, *signals) for name, enhancer in enhancers.items()}
    return Report(
        **known,
        settings=settings,
        weights=_fingerprints(enhancers),
        seconds=recording.seconds,
        effects=effects,
        notes=notes,
    )


def _effect(enhancer: Enhancer, original: torch.Tensor, protected: torch.Tensor) -> Effect:
    enhanced, enhanced_protected = (enhance(enhancer, signal)[None] for signal in (original, protected))
    gain = perturbation_gain(enhanced, enhanced_protected, original[None], protected[None])
    return Effect(energy_drop=energy_drop(enhanced, enhanced_protected).item(), perturbation_gain=gain.item())


def _fingerprints(enhancers: Mapping[str, Enhancer]) -> dict[str, str]:
    return {name: fingerprint(enhancer) for name, enhancer in enhancers.items()}
