"""From a noisy sound file to an enhanced one."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from sottovoce.audio import files
from sottovoce.audio.resampling import MODEL_RATE, resample
from sottovoce.victims.enhancers import Enhancer
from sottovoce.workflows.changing import check_apart
from sottovoce.workflows.enhancing import enhance


def clean_file(source: Path, target: Path, enhancer: Enhancer, progress: Callable[[float], None]) -> str:
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
