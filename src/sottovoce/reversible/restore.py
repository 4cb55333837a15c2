"""The original again: to the byte with a key, or approximately with the removal module."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor

from sottovoce.audio import files
from sottovoce.audio.extras import Extras
from sottovoce.audio.resampling import MODEL_RATE, resample
from sottovoce.audio.sources import check_apart, heard_by_models
from sottovoce.errors import SottovoceError
from sottovoce.journal import check_free
from sottovoce.perturbers import SSED, refine
from sottovoce.perturbers.ssed import REFINEMENTS
from sottovoce.perturbers.streaming import streamed
from sottovoce.reversible.companion import Companion, check_lossless, companion_path
from sottovoce.reversible.keys import Secret
from sottovoce.writing import Staged


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
    try:
        original = companion.original_file(files.read(protected))
    except ValueError as error:
        raise SottovoceError(f"{protected}: {error}") from error
    if target.is_file() and target.read_bytes() == original:
        return "identical to the original already"
    check_free(target, overwrite=overwrite)
    mode = protected.stat().st_mode & 0o777
    if target.suffix.lower() == companion.contents.suffix:
        files.check_folder(target)
        with Staged(mode) as staged:
            staged.write(target, original)
        return "restored, identical to the byte"
    content, lost = _converted(original, companion.contents.suffix, target)
    with Staged(mode) as staged:
        staged.write(target, content)
    return f"restored, all samples identical; tags: {'not kept: ' + ', '.join(lost) if lost else 'kept'}"


def _converted(original: bytes, suffix: str, target: Path) -> tuple[bytes, list[str]]:
    """The original in another container, and what of it that cannot hold."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"original{suffix}"
        path.write_bytes(original)
        recording = files.read(path)
        files.check_target(target, recording)
        check_lossless(target, recording)
        return Extras.of(path).added_to(files.encoded(target, replace(recording, text={})), target.suffix)


def restore_approximately(
    protected: str | Path,
    target: str | Path,
    network: SSED,
    *,
    overwrite: bool = False,
    progress: Callable[[float], None] = lambda _: None,
) -> None:
    """Write what the removal module makes of a file that `Voice` protected: close to the original, without a key.

    Args:
        protected: the protected file.
        target: the file to write.
        network: the generator that protected it, with its removal module.
        overwrite: whether `target` may replace a file that sottovoce did not write.
        progress: called with the finished share, from 0 to 1.

    Raises:
        SottovoceError: the file cannot be read or the target cannot be written.
    """
    protected, target = Path(protected), Path(target)
    check_apart(protected, target)
    check_free(target, overwrite=overwrite)
    recording = files.read(protected)
    files.check_target(target, recording)
    heard = heard_by_models(recording, protected)
    done, passes = 0, len(heard) * (REFINEMENTS + 1)

    def generated(waveform: Tensor) -> Tensor:
        nonlocal done
        done += 1
        progress(done / passes)
        return streamed(network.generator, network, waveform)

    found = []
    with torch.no_grad():
        for channel in heard.to(network.device):
            estimate = streamed(network.removal, network.remove, channel)
            found.append((refine(estimate, channel, generated) - channel).cpu())
    change = resample(torch.stack(found, 1).double().numpy(), MODEL_RATE, recording.rate, recording.frames)
    progress(1.0)
    restored = replace(recording, samples=(recording.samples + change).clip(-1.0, 1.0), text={})
    content, _ = Extras.of(protected).added_to(files.encoded(target, restored), target.suffix)
    with Staged(protected.stat().st_mode & 0o777) as staged:
        staged.write(target, content)
