"""The one way of a file through a protection: read, perturb each channel, write, read back, measure, report."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from sottovoce import __version__
from sottovoce.audio import files
from sottovoce.audio.extras import Extras
from sottovoce.audio.files import Sound, Untitled
from sottovoce.audio.levels import snrs
from sottovoce.audio.sources import Source, open_source
from sottovoce.audio.video import around, is_video
from sottovoce.audio.views import hear, hear_channels, views
from sottovoce.errors import NotProtectedError, SottovoceError
from sottovoce.journal import check_free, note, sha256, was_made_from
from sottovoce.protections.adding import Sum
from sottovoce.protections.report import Effect, Report
from sottovoce.reversible.companion import Companion, check_lossless, companion_path
from sottovoce.reversible.keys import Secret, perturbation_key
from sottovoce.writing import Staged, check_name

Progress = Callable[[float], None]
"""Called with the finished share, from 0 to 1."""

_TOLERANCE = 1e-6
"""dB by which sums in another order may differ."""


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
        """Compare original and written file: the same view of both, `(1, samples)` at 16 kHz, on the CPU.

        The lists in an effect have an item for each view; `Effect.merged` joins those of several.
        """
        ...


@runtime_checkable
class Keyed(Protocol):
    """A protection whose perturbation may depend on a key.

    Attributes:
        needs_key: whether it does.
    """

    @property
    def needs_key(self) -> bool: ...

    def unlocked(self, key: bytes) -> Self:
        """The same protection under a key of 16 bytes."""
        ...


def protect_file(
    source: str | Path,
    target: str | Path,
    protection: Protection,
    *,
    secret: Secret | None = None,
    overwrite: bool = False,
    progress: Progress = lambda _: None,
) -> Report:
    """Protect a sound file, or the sound of a video.

    The person's own samples stay as they are, in their rate, channels, subtype and length, and so does everything else
    that the file holds; only the perturbation, made for each channel at 16 kHz, is resampled and added. Target and
    companion appear together, once the written file has been read back and measured and the way back has been tried.

    Args:
        source: any sound file of more than 50 ms that is not silent.
        target: the file to write; the suffix of a video only for one from a video of the same suffix.
        protection: `Words`, `Voice`, `WordsAndVoice` or `Keyword`.
        secret: seals a companion beside the target, from which `restore_file` gives the original back; the
            perturbation of a keyed generator depends on it.
        overwrite: whether `target` may replace a file that sottovoce did not write.
        progress: called with the finished share, from 0 to 1.

    Returns:
        The report.

    Raises:
        SottovoceError: the source cannot be protected, the target cannot be written, it would be lossy although a
            companion is wanted, a keyed generator gets no secret, or it does not come out protected; nothing is
            written then.
    """
    source, target = Path(source), Path(target)
    check_name(target, ".veil")
    opened = open_source(source, target, overwrite=overwrite)
    if secret is not None:
        check_free(companion_path(target), overwrite=overwrite)
        if not is_video(target):  # whose companion does not build on samples
            check_lossless(target, opened.sound)
    with Staged(opened.mode) as staged:
        try:
            report = _stage(staged, opened, target, _unlocked(protection, secret, opened), secret, progress)
        except (SottovoceError, ValueError) as error:
            _check_unchanged(opened, error)
            raise
        _check_unchanged(opened)
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
        companion = Companion.read(companion_path(target), secret)
        return companion.belongs_to(companion.protected_in(target))
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


def _unlocked(protection: Protection, secret: Secret | None, opened: Source) -> Protection:
    if secret is None or not isinstance(protection, Keyed) or not protection.needs_key:
        return protection
    return protection.unlocked(perturbation_key(secret, opened.sha256))


def _perturbation(heard: Tensor, protection: Protection, progress: Progress) -> Tensor:
    """The perturbation of every channel: equal channels get equal ones, silent channels none."""
    places: list[int] = []
    for number, channel in enumerate(heard):
        if channel.any() and not any(torch.equal(channel, heard[place]) for place in places):
            places.append(number)
    distinct = heard if places == list(range(len(heard))) else heard[places]
    levels = distinct.abs().amax(1, keepdim=True).clamp(min=1.0)  # float files may exceed full scale
    if (levels > 1).any():
        distinct = distinct / levels
    found = protection.perturb(distinct.to(protection.device), progress).cpu()
    if (levels > 1).any():
        found = found * levels
    progress(1.0)
    if distinct is heard:
        return found
    change = torch.zeros_like(heard)
    for number, channel in enumerate(heard):
        for place, own in zip(places, found, strict=True):
            if torch.equal(channel, heard[place]):
                change[number] = own
    return change


def _stage(
    staged: Staged,
    opened: Source,
    target: Path,
    protection: Protection,
    secret: Secret | None,
    progress: Progress,
) -> Report:
    """Write target and companion under temporary names, and measure what was written."""
    content, notes = _protected(opened, target, protection, progress)
    temporary = staged.write(target, content)
    del content  # of an hour's recording, some hundred megabytes
    written = files.opened(temporary)
    report = _measured(opened, target, protection, written, notes)
    if secret is None:
        return report
    return report.model_copy(update=_seal(staged, opened, temporary if is_video(target) else written, target, secret))


def _protected(
    opened: Source, target: Path, protection: Protection, progress: Progress
) -> tuple[bytes | Iterable[bytes], list[str]]:
    """The content of the protected file, and notes on what of the original it does not keep."""
    try:
        change = _perturbation(hear_channels(opened.sound), protection, progress)
    except SottovoceError as error:
        raise SottovoceError(f"{opened.path}: {error}") from error
    total = Sum(opened.sound, change, protection.snr, target)
    if not total.survives():
        raise NotProtectedError(
            f"{opened.path}: not protected: the perturbation does not outlast rounding to {total.own.subtype} within "
            f"an SNR of {total.snr:g} dB; try more bits (a 24-bit WAV), another attack, or a lower --snr"
        )
    if is_video(target):
        bare = files.encoded(target, Untitled(opened.sound), (written for _, written in total.blocks()))
        return around(opened.path, bare, target, (written for _, written in total.blocks()))
    extras = Extras.of(opened.path)
    form = opened.sound if extras.metadata is None else Untitled(opened.sound)
    bare = files.encoded(target, form, (written for _, written in total.blocks()))
    del change, total
    content, lost = extras.added_to(bare, target.suffix)
    return content, [f"not kept in the protected file: {', '.join(lost)}"] if lost else []


def _check_unchanged(opened: Source, cause: Exception | None = None) -> None:
    if sha256(opened.path) != opened.sha256:
        raise SottovoceError(f"{opened.path}: changed while it was being protected; protect it again") from cause


def _measured(opened: Source, target: Path, protection: Protection, written: Sound, notes: list[str]) -> Report:
    ratios = snrs(opened.sound, written)
    ratio = float(ratios[ratios > -np.inf].min(initial=np.inf))  # a lossy format disturbs silence
    if ratio == float("inf"):
        raise NotProtectedError(
            f"{opened.path}: not protected: the written file holds the original's samples; try another format"
        )
    effects, listened = [], views(opened.sound)
    for weights in listened.values():
        effects.append(protection.measure(hear(opened.sound, weights)[None], hear(written, weights)[None]))
    effect = type(effects[0]).merged(effects).model_copy(update={"views": list(listened)})
    if (reason := effect.failure()) is not None:
        raise NotProtectedError(f"{opened.path}: not protected: {reason}")
    if ratio < protection.snr - _TOLERANCE:
        notes.append(
            f"the SNR is below {protection.snr:g} dB because of the lossy format; a WAV or FLAC target keeps it"
        )
    return Report(
        protection=protection.name,
        identity=json.loads(json.dumps(protection.identity())),
        source=str(opened.path),
        target=str(target),
        seconds=opened.sound.seconds,
        snr=ratio,
        effect=effect,
        notes=notes,
    )


def _seal(staged: Staged, opened: Source, written: Sound | Path, target: Path, secret: Secret) -> dict[str, int]:
    """Stage the companion, once the original has come out of it again; its size, and the encrypted original's."""
    companion, alone = Companion.of(opened.path, opened.sound, written)
    temporary = staged.write(companion_path(target), companion.seal(secret))
    coded = len(companion.coded) + (len(companion.rest) if companion.contents.before is None else 0)
    del companion
    for _ in Companion.read(temporary, secret).original_file(written):
        pass  # raises where the original does not come out
    size = temporary.stat().st_size
    return {"companion_bytes": size, "encrypted_original_bytes": size - coded + alone}
