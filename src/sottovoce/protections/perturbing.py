"""The perturbation of a whole recording: windows, a few at a time, attacked and put back."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from sottovoce.attacks import Attack
from sottovoce.audio import files, windows
from sottovoce.audio.batch import pad, unpad
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.models.enhancers import Enhancer
from sottovoce.protections.presets import erasing, steps_of, targeted
from sottovoce.protections.settings import ProtectSettings
from sottovoce.threats.objectives import Noise, Objective

AT_ONCE = 2
"""Windows in a batch; more of them take more memory and save little time."""


def perturbation(
    waveform: Tensor,
    wanted: Tensor | None,
    settings: ProtectSettings,
    enhancers: Sequence[Enhancer],
    progress: Callable[[float], None],
) -> Tensor:
    """Search for the perturbation of a recording.

    Args:
        waveform: `(samples,)` float32 at 16 kHz.
        wanted: what the enhancers should give, the same shape; None for silence.
        settings: attack and budget.
        enhancers: to be fooled all at once.
        progress: called with the finished share.

    Returns:
        The same shape, to be added.

    Raises:
        SottovoceError: no gradient flows through an enhancer.
    """
    level = max(1.0, float(waveform.abs().max()))  # float files may exceed full scale, attacks may not
    where = windows.spans(len(waveform), math.lcm(*(enhancer.seam for enhancer in enhancers)))
    changes: list[Tensor] = []
    for first in range(0, len(where), AT_ONCE):
        places = where[first : first + AT_ONCE]
        target = None if wanted is None else pad([wanted[place] for place in places])[0]
        forward = partial(_forward, progress, first / len(where), len(places) / len(where))
        attack, objective = make_attack(settings, target, forward)
        originals, lengths = (t.to(enhancers[0].device) for t in pad([waveform[place] / level for place in places]))
        result = attack(enhancers, originals, objective, lengths=lengths)
        changes += unpad((result.adversarial - originals).cpu() * level, lengths)
    progress(1.0)
    return windows.join(changes, where)


def _forward(progress: Callable[[float], None], done: float, share: float, part: float) -> None:
    progress(done + share * part)


def make_attack(
    settings: ProtectSettings, target: Tensor | None, progress: Callable[[float], None]
) -> tuple[Attack, Objective]:
    """The attack and objective that a person's settings name.

    Args:
        settings: attack and SNR.
        target: what the enhancers should give, `(batch, samples)`; None for nothing intelligible.
        progress: called with the finished share, from 0 to 1.
    """
    steps = steps_of(settings.attack, is_targeted=target is not None)

    def stepped(number: int) -> None:
        progress(number / steps)

    if target is None:
        return erasing(settings.attack, settings.snr, progress=stepped)
    return targeted(settings.attack, settings.snr, target, progress=stepped)


def wanted_output(settings: ProtectSettings, samples: int) -> tuple[Tensor | None, list[str]]:
    """What the settings ask an enhancer to give for a recording.

    Args:
        settings: target and seed.
        samples: length of the recording at 16 kHz.

    Returns:
        `(samples,)` float32 at 16 kHz, or None for silence; and notes for the report.

    Raises:
        SottovoceError: the target is a file that cannot be read.
    """
    if settings.target == "silence":
        return None, []
    if settings.target == "noise":
        generator = torch.Generator().manual_seed(settings.seed)
        return Noise(samples, generator=generator).waveform[0], []
    speech = files.as_mono_16k(files.read(Path(settings.target)))
    missing = samples - len(speech)
    notes = []
    if missing > 0:
        notes.append(f"the target speech is {missing / MODEL_RATE:.2f} s shorter; silence was put after it")
    elif missing < 0:
        notes.append(f"the target speech is {-missing / MODEL_RATE:.2f} s longer; its end was cut off")
    return torch.from_numpy(np.pad(speech, (0, max(0, missing)))[:samples]), notes
