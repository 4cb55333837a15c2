"""The original again: to the byte with a key, or approximately with the removal module."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor

from sottovoce.audio import files
from sottovoce.audio.blocks import Samples, paired
from sottovoce.audio.extras import Extras
from sottovoce.audio.files import Sound, Untitled
from sottovoce.audio.sources import check_apart, check_sound
from sottovoce.audio.video import around, is_video
from sottovoce.audio.views import as_samples, hear_channels
from sottovoce.errors import SottovoceError
from sottovoce.journal import check_free, sha256
from sottovoce.perturbers import SSED, KeyedSSED, refine
from sottovoce.perturbers.ssed import REFINEMENTS
from sottovoce.perturbers.streaming import streamed
from sottovoce.reversible.companion import Companion, check_lossless, companion_path
from sottovoce.reversible.keys import Secret, perturbation_key
from sottovoce.writing import Staged

UNCHANGED = "identical to the original already"
"""What `restore_file` says where there is nothing to do."""


def restore_file(protected: str | Path, target: str | Path, secret: Secret, *, overwrite: bool = False) -> str:
    """Write the original again from a protected file and its companion.

    Under the original's suffix the file comes back to the byte; under another, all samples do.

    Args:
        protected: the protected file, or a lossless copy of it; its companion lies beside it.
        target: the file to write.
        secret: the one that the companion was sealed with.
        overwrite: whether `target` may replace a file that sottovoce did not write.

    Returns:
        What was restored, for people.

    Raises:
        SottovoceError: the companion does not open or belongs to another file, the protected samples have been
            changed, or the target cannot be written or cannot hold the original; nothing is written.
    """
    protected, target = Path(protected), Path(target)
    check_apart(protected, target)
    companion = Companion.read(companion_path(protected), secret)
    sound = companion.protected_in(protected)
    if not companion.belongs_to(sound):
        raise SottovoceError(f"{protected}: not the file that its companion belongs to, or its sound has been changed")
    if target.is_file() and sha256(target) == companion.contents.sha256:
        return UNCHANGED
    check_free(target, overwrite=overwrite)
    files.check_folder(target)
    with Staged(protected.stat().st_mode & 0o777, ours=False) as staged:  # an original is never replaced unasked
        try:
            if target.suffix.lower() == companion.contents.suffix:
                staged.write(target, companion.original_file(sound))
                return "restored, identical to the byte"
            content, lost = _converted(companion, sound, target)
        except ValueError as error:
            raise SottovoceError(f"{companion_path(protected)}: {error}") from error
        staged.write(target, content)
    return f"restored, all samples identical; tags: {'not kept: ' + ', '.join(lost) if lost else 'kept'}"


def _converted(companion: Companion, protected: Sound | Path, target: Path) -> tuple[bytes, list[str]]:
    """The original in another container, and what of it that cannot hold."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"original{companion.contents.suffix}"
        with path.open("wb") as file:
            file.writelines(companion.original_file(protected))
        original = files.opened(path)
        files.check_target(target, original)
        check_lossless(target, original)
        return Extras.of(path).added_to(files.encoded(target, Untitled(original)), target.suffix)


def restore_approximately(
    protected: str | Path,
    target: str | Path,
    network: SSED | KeyedSSED,
    secret: Secret | None = None,
    *,
    overwrite: bool = False,
    progress: Callable[[float], None] = lambda _: None,
) -> None:
    """Write what the removal module makes of a file that `Voice` protected: close to the original.

    The file may have been changed since, by a codec, say.

    Args:
        protected: the protected file.
        target: the file to write.
        network: the generator that protected it, with its removal module.
        secret: of a keyed generator, what the companion beside the protected file was sealed with.
        overwrite: whether `target` may replace a file that sottovoce did not write.
        progress: called with the finished share, from 0 to 1.

    Raises:
        SottovoceError: the file cannot be read, the companion of a keyed generator does not open, or the target cannot
            be written.
    """
    protected, target = Path(protected), Path(target)
    check_apart(protected, target)
    check_free(target, overwrite=overwrite)
    network = _unlocked(network, protected, secret)
    sound = files.opened(protected)
    check_sound(sound, protected)
    files.check_target(target, sound)
    heard = hear_channels(sound)
    done, passes = 0, len(heard) * (REFINEMENTS + 1)

    def generated(waveform: Tensor) -> Tensor:
        nonlocal done
        done += 1
        progress(done / passes)
        return streamed(network.generator, network, waveform)

    found = torch.empty_like(heard)
    with torch.no_grad():
        for channel, change in zip(heard.to(network.device), found, strict=True):
            estimate = streamed(network.removal, network.remove, channel)
            change.copy_(refine(estimate, channel, generated) - channel)
    progress(1.0)

    def restored() -> Iterator[Samples]:
        pairs = paired(sound.blocks(), as_samples(found, sound))
        return ((own + change).clip(-1.0, 1.0) for own, change in pairs)

    bare = files.encoded(target, Untitled(sound), restored())
    with Staged(protected.stat().st_mode & 0o777) as staged:
        if is_video(target):
            staged.write(target, around(protected, bare, target, restored())[0])
        else:
            staged.write(target, Extras.of(protected).added_to(bare, target.suffix)[0])


def _unlocked(network: SSED | KeyedSSED, protected: Path, secret: Secret | None) -> SSED:
    if isinstance(network, SSED):
        return network
    if secret is None:
        raise SottovoceError(
            "this generator needs the key that the file was protected with; give --key or --passphrase"
        )
    companion = Companion.read(companion_path(protected), secret)
    return network.unlocked(perturbation_key(secret, companion.contents.sha256))
