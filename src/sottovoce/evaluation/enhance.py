"""Enhancement of recordings and sound files of any length."""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from sottovoce.audio import files, windows
from sottovoce.audio.resampling import MODEL_RATE, resample
from sottovoce.audio.sources import check_apart
from sottovoce.audio.video import is_video
from sottovoce.errors import SottovoceError
from sottovoce.journal import check_free, note, sha256
from sottovoce.models.chain import device_of, end_of
from sottovoce.models.devices import choose_device
from sottovoce.models.enhancers import Enhancer
from sottovoce.models.loading import load_listener
from sottovoce.writing import check_name


def load_enhancers(names: Iterable[str], device: str = "cpu") -> dict[str, nn.Module]:
    """Load enhancers by name.

    Args:
        names: names or paths of enhancers, or chains of them joined by "+".
        device: "cpu", "cuda", "cuda:N" or "auto".

    Returns:
        The enhancers by name, in the given order.

    Raises:
        SottovoceError: there is no such model or device, or a model is damaged or not an enhancer.

    Example:
        >>> list(load_enhancers(["dnn"]))
        ['dnn']
    """
    chosen, found = choose_device(device), dict[str, nn.Module]()
    for name in names:
        listener = load_listener(name)
        if not isinstance(end_of(listener), Enhancer):
            raise SottovoceError(f"{name}: not an enhancer; name one, such as metricgan-plus")
        found[name] = listener.to(chosen)
    return found


def enhance(enhancer: nn.Module, waveform: Tensor) -> Tensor:
    """Enhance a recording of any length, in overlapping windows if it is longer than 20 s.

    Args:
        enhancer: an enhancer or a chain of them.
        waveform: `(samples,)` float32 at 16 kHz.

    Returns:
        `(samples,)` on the CPU.

    Example:
        >>> from sottovoce.channels import MedianSmoothing
        >>> enhance(MedianSmoothing(size=3), torch.tensor([0.0, 1.0, 0.0, 0.0]))
        tensor([0., 0., 0., 0.])
    """
    return enhance_batch(enhancer, waveform[None])[0]


@torch.no_grad()
def enhance_batch(enhancer: nn.Module, waveforms: Tensor) -> Tensor:
    """The same for recordings of equal length, `(batch, samples)`."""
    where = windows.spans(waveforms.shape[1], getattr(enhancer, "seam", 1))
    pieces = [enhancer(waveforms[:, place].to(device_of(enhancer))).cpu() for place in where]
    return torch.stack([windows.join(row, where) for row in zip(*pieces, strict=True)])


def enhance_file(
    source: Path,
    target: Path,
    enhancer: nn.Module,
    progress: Callable[[float], None],
    *,
    overwrite: bool = False,
) -> str:
    """Enhance every channel of a file and keep its rate, length and format.

    Enhancers work at 16 kHz, so the result contains nothing above 8 kHz.

    Args:
        source: a sound file.
        target: the file to write.
        enhancer: an enhancer or a chain of them.
        progress: called after each channel with the fraction done.
        overwrite: whether `target` may replace a file that sottovoce did not write.

    Returns:
        A line that says what was done.

    Raises:
        SottovoceError: the source cannot be read, or the target cannot be written; no incomplete file remains.
    """
    check_name(target)
    check_apart(source, target)
    if is_video(target):
        raise SottovoceError(f"{target}: enhance writes sound only; choose a suffix such as .wav")
    check_free(target, overwrite=overwrite)
    recording = files.read(source)
    files.check_target(target, recording)
    channels = []
    for number, channel in enumerate(recording.samples.T):
        heard = resample(channel, recording.rate, MODEL_RATE, math.ceil(recording.seconds * MODEL_RATE))
        level = max(1.0, float(np.abs(heard).max()))  # float files may exceed full scale
        enhanced = enhance(enhancer, torch.from_numpy(heard / level).float()).double().numpy() * level
        channels.append(resample(enhanced, MODEL_RATE, recording.rate, recording.frames))
        progress((number + 1) / recording.samples.shape[1])
    samples = np.stack(channels, 1)
    if recording.subtype not in ("FLOAT", "DOUBLE"):
        samples = samples.clip(-1.0, 1.0)
    files.write(target, replace(recording, samples=samples))
    note(target, {"enhanced": sha256(source)})
    return f"{source} → {target}: enhanced"
