"""Hiding who speaks in a sound file, and having the voice back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sottovoce.audio import files
from sottovoce.audio.files import Recording
from sottovoce.audio.formats import Layout, keeps, layout_for
from sottovoce.audio.resampling import MODEL_RATE, resample
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.voice import Judge, Likeness, likeness
from sottovoce.perturbers import SSED, MaskedNoise, Stream, refine
from sottovoce.perturbers.ssed import REFINEMENTS
from sottovoce.protections.base import FileReport, facts, heard_by_models, open_source, write_changed
from sottovoce.reversible import residual
from sottovoce.reversible.companion import Companion, Contents, digest
from sottovoce.reversible.keys import Secret
from sottovoce.weights.fingerprint import fingerprint

SNR_FLOOR = 20.0
"""dB that a protected file keeps even where the generator is louder."""
CHUNK = 10 * MODEL_RATE


class Hidden(FileReport):
    """What was done to one file to hide its voice.

    Attributes:
        perturber: the model.
        weights: hexadecimal digest of its weights.
        voice: how alike the two files' voices still are.
        companion_bytes: size of the companion; 0 without one.
        encrypted_original_bytes: size of the original itself, coded without loss (FLAC, or zstandard where it has
            floating point) and encrypted, which would do the same; 0 without companion.
    """

    perturber: str
    weights: str
    voice: Likeness | None = None
    companion_bytes: int = 0
    encrypted_original_bytes: int = 0

    def line(self) -> str:
        """The summary in one line."""
        text = f"{self.source} → {self.target}: SNR {self.snr:.1f} dB"
        if self.voice is not None:
            text = f"{text}; {self.voice.line()}"
        if not self.companion_bytes:
            return f"{text}; without a key the voice comes back approximately at best"
        sizes = f"companion {self.companion_bytes} bytes"
        return f"{text}; {sizes} (the original itself, encrypted: {self.encrypted_original_bytes})"


def companion_path(protected: Path) -> Path:
    """Where the companion of a protected file lies."""
    return protected.with_name(protected.name + ".veil")


def hidden_before(source: Path, target: Path, network: SSED, *, with_companion: bool) -> bool:
    """Whether `target` is, to the byte, what this version made of the same source with the same weights before."""
    report = Hidden.of(target)
    if report is None or report.weights != fingerprint(network):
        return False
    if with_companion and not (report.companion_bytes and companion_path(target).is_file()):
        return False
    return report.is_current(source, target)


def hide_file(
    source: Path,
    target: Path,
    network: SSED,
    name: str,
    secret: Secret | None = None,
    judge: Judge | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Hidden:
    """Hide who speaks in a sound file.

    The person's own samples stay as they are; only the perturbation, made in mono at 16 kHz, is resampled and added to
    every channel.

    Args:
        source: any sound file of more than 50 ms that is not silent.
        target: the file to write; replaced if it exists.
        network: generator and removal module.
        name: what the network is called, for the companion.
        secret: with it a companion is written beside the target, from which `restore_file` has the original back.
        judge: compares the two files' voices for the report.
        progress: called with the finished share, from 0 to 1.

    Raises:
        SottovoceError: the source cannot be protected, the target cannot be written, or it would be lossy although a
            companion is wanted; nothing is left half-written.
    """
    recording, heard = open_source(source, target)
    if secret is not None:
        _check_lossless(target, recording)
    with torch.no_grad():
        change = _streamed(network.generator, network, heard.float(), lambda share: progress(0.5 * share)) - heard
    protected = write_changed(recording, change, SNR_FLOOR, target)
    known = facts(source, target, recording, protected)
    report = Hidden(**known, perturber=name, weights=fingerprint(network))
    if judge is not None:
        voice = likeness(judge, heard, torch.from_numpy(files.as_mono_16k(protected)))
        report = report.model_copy(update={"voice": voice})
    if secret is not None:
        report = report.model_copy(update=_companion(recording, protected, target, network, name, secret, progress))
    report.save()
    return report


def _companion(
    recording: Recording,
    protected: Recording,
    target: Path,
    network: SSED,
    name: str,
    secret: Secret,
    progress: Callable[[float], None],
) -> dict[str, int]:
    """Write the companion; its size, and that of the encrypted original."""
    contents = Contents(
        protected=digest(protected.samples, protected.rate),
        original=digest(recording.samples, recording.rate),
        rate=recording.rate,
        format=recording.format,
        subtype=recording.subtype,
        endian=recording.endian,
        text=dict(recording.text),
        perturber=name,
        weights=fingerprint(network),
    )
    predicted = predict_original(protected, network, lambda share: progress(0.5 + 0.5 * share))
    coded = residual.encode(recording.samples, predicted, recording.subtype)
    size = Companion(contents, coded).write(companion_path(target), secret)
    plain = residual.encode(recording.samples, np.zeros_like(recording.samples), recording.subtype)
    return {"companion_bytes": size, "encrypted_original_bytes": len(plain) + size - len(coded)}


def restore_file(
    protected: Path, target: Path, network: SSED, secret: Secret, progress: Callable[[float], None] = lambda _: None
) -> Recording:
    """Write the original again, bit for bit, from a protected file and its companion.

    Args:
        protected: the protected file, or a lossless copy of it; its companion lies beside it.
        target: the file to write.
        network: the network that the file was protected with.
        secret: the one that the companion was sealed with.
        progress: called with the finished share, from 0 to 1.

    Returns:
        The original.

    Raises:
        SottovoceError: the companion does not open, belongs to another file or another network, the protected samples
            have been changed, or the target cannot hold the original; nothing is written.
    """
    recording = files.read(protected)
    companion = Companion.read(companion_path(protected), secret)
    contents = companion.contents
    if digest(recording.samples, recording.rate) != contents.protected:
        raise SottovoceError(f"{protected}: not the file that its companion belongs to, or its sound has been changed")
    if fingerprint(network) != contents.weights:
        raise SottovoceError(f"{protected}: was protected with other weights of {contents.perturber}; name those")
    predicted = predict_original(recording, network, progress)
    samples = residual.decode(companion.residual, predicted, contents.subtype)
    original = Recording(samples, contents.rate, contents.format, contents.subtype, contents.endian, contents.text)
    if digest(samples, contents.rate) != contents.original:
        raise SottovoceError(f"{protected}: this machine computes differently; the original does not come out exactly")
    files.check_target(target, original)
    _check_lossless(target, original)
    files.write(target, original)
    return original


def restore_approximately(
    protected: Path, target: Path, network: SSED, progress: Callable[[float], None] = lambda _: None
) -> None:
    """Write what the removal module makes of a protected file, refined: near the original, without any key.

    Raises:
        SottovoceError: the file cannot be read or the target not be written.
    """
    recording = files.read(protected)
    heard_by_models(recording, protected)
    files.check_target(target, recording)
    heard, passes = torch.from_numpy(files.as_mono_16k(recording)), iter(range(REFINEMENTS + 1))

    def generated(waveform: Tensor) -> Tensor:
        progress(next(passes) / REFINEMENTS)
        return _streamed(network.generator, network, waveform, lambda _: None)

    with torch.no_grad():
        found = refine(_streamed(network.removal, network.remove, heard, lambda _: None), heard, generated)
    change = resample((found - heard).double().numpy(), MODEL_RATE, recording.rate, recording.frames)
    files.write(target, replace(recording, samples=(recording.samples + change[:, None]).clip(-1.0, 1.0)))


def predict_original(
    recording: Recording, network: SSED, progress: Callable[[float], None] = lambda _: None
) -> NDArray[np.float64]:
    """The removal module's estimate of the original's samples `(frames, channels)`, in double precision.

    Double precision throughout, so that two machines agree to far less than a step of the samples.
    """
    heard = torch.from_numpy(resample(recording.samples.mean(axis=1), recording.rate, MODEL_RATE))
    precise = SSED(**network.config).double().eval()
    precise.load_state_dict(network.state_dict())
    with torch.no_grad():
        change = _streamed(precise.removal, precise.remove, heard, progress) - heard
    resampled = resample(change.numpy(), MODEL_RATE, recording.rate, recording.frames)
    predicted: NDArray[np.float64] = recording.samples + resampled[:, None]
    return predicted


def _streamed(
    network: MaskedNoise,
    transform: Callable[[Tensor], Tensor],
    waveform: Tensor,
    progress: Callable[[float], None],
) -> Tensor:
    """`(samples,)` through the network in bounded memory."""
    if network.normalised:
        return transform(waveform[None])[0]
    stream, pieces = Stream(network, transform), []
    for start in range(0, len(waveform), CHUNK):
        pieces.append(stream.push(waveform[start : start + CHUNK]))
        progress(min(1.0, (start + CHUNK) / len(waveform)))
    return torch.cat([*pieces, stream.flush()])


def _check_lossless(target: Path, recording: Recording) -> None:
    layout = layout_for(target.suffix, Layout(recording.format, recording.subtype, recording.endian))
    if not keeps(layout.subtype, recording.subtype):
        raise SottovoceError(
            f"{target}: {layout.format} does not keep {recording.subtype} samples exactly; choose .wav or .flac"
        )
