"""Enhancers by name, and recordings and sound files of any length through them."""

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
from sottovoce.errors import SottovoceError
from sottovoce.models.chain import device_of, end_of
from sottovoce.models.devices import choose_device
from sottovoce.models.enhancers import Enhancer
from sottovoce.models.loading import load_listener


def load_enhancers(names: Iterable[str], device: str = "cpu") -> dict[str, nn.Module]:
    """Load each enhancer once.

    Args:
        names: names or paths of enhancers, or chains of them; see `load_listener`.
        device: see `choose_device`.

    Returns:
        The enhancers by these names.

    Raises:
        SottovoceError: there is no such model, it is damaged, or it is no enhancer.
    """
    chosen, found = choose_device(device), dict[str, nn.Module]()
    for name in names:
        listener = load_listener(name)
        if not isinstance(end_of(listener), Enhancer):
            raise SottovoceError(f"{name}: not an enhancer; name one, such as metricgan-plus")
        found[name] = listener.to(chosen)
    return found


@torch.no_grad()
def enhance(enhancer: nn.Module, waveform: Tensor) -> Tensor:
    """Enhance a recording of any length, in windows if it is long.

    Args:
        enhancer: any.
        waveform: `(samples,)` float32 at 16 kHz.

    Returns:
        The same shape, on the CPU.
    """
    where = windows.spans(len(waveform), getattr(enhancer, "seam", 1))
    pieces = [enhancer(waveform[None, place].to(device_of(enhancer)))[0].cpu() for place in where]
    return windows.join(pieces, where)


def enhance_file(source: Path, target: Path, enhancer: nn.Module, progress: Callable[[float], None]) -> str:
    """Enhance every channel of a file, in its own rate, length and format.

    Enhancers hear up to 8 kHz; what lies above is noise to them and is not written.

    Args:
        source: a sound file.
        target: the file to write; replaced if it exists.
        enhancer: any.
        progress: called with the finished share, from 0 to 1.

    Returns:
        What was done, in a line.

    Raises:
        SottovoceError: the source cannot be read, or the target cannot be written; nothing is left half-written.
    """
    check_apart(source, target)
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
    return f"{source} → {target}: enhanced"
