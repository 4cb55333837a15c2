"""The original again: bit for bit with a key, or approximately with the removal module."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from sottovoce.audio import files
from sottovoce.audio.files import Recording
from sottovoce.audio.resampling import MODEL_RATE, resample
from sottovoce.audio.sources import heard_by_models
from sottovoce.errors import SottovoceError
from sottovoce.perturbers import SSED, refine
from sottovoce.perturbers.ssed import REFINEMENTS
from sottovoce.perturbers.streaming import streamed
from sottovoce.reversible.companion import Companion, check_lossless, companion_path
from sottovoce.reversible.keys import Secret


def restore_file(protected: str | Path, target: str | Path, secret: Secret) -> Recording:
    """Write the original again, bit for bit, from a protected file and its companion.

    Args:
        protected: the protected file, or a lossless copy of it; its companion lies beside it.
        target: the file to write.
        secret: the one that the companion was sealed with.

    Returns:
        The original.

    Raises:
        SottovoceError: the companion does not open or belongs to another file, the protected samples have been
            changed, or the target cannot hold the original; nothing is written.
    """
    protected, target = Path(protected), Path(target)
    recording = files.read(protected)
    try:
        original = Companion.read(companion_path(protected), secret).original_of(recording)
    except ValueError as error:
        raise SottovoceError(f"{protected}: {error}") from error
    files.check_target(target, original)
    check_lossless(target, original)
    files.write(target, original)
    return original


def restore_approximately(
    protected: str | Path, target: str | Path, network: SSED, progress: Callable[[float], None] = lambda _: None
) -> None:
    """Write what the removal module makes of a file that `Voice` protected: close to the original, without a key.

    Args:
        protected: the protected file.
        target: the file to write.
        network: the generator that protected it, with its removal module.
        progress: called with the finished share, from 0 to 1.

    Raises:
        SottovoceError: the file cannot be read or the target cannot be written.
    """
    protected, target = Path(protected), Path(target)
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
    files.write(target, replace(recording, samples=(recording.samples + change).clip(-1.0, 1.0)))
