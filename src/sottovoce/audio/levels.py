"""How loud the channels of a recording are, and how loud a change is beside them."""

import numpy as np
from numpy.typing import NDArray

from sottovoce.audio.blocks import paired
from sottovoce.audio.files import Sound
from sottovoce.audio.views import centred


def energies(sound: Sound) -> NDArray[np.float64]:
    """The energy of each channel without its mean: a constant offset is no signal.

    Example:
        >>> from sottovoce.audio.files import Recording
        >>> energies(Recording(np.array([[0.5, 0.3], [-0.5, 0.3]]), rate=16_000))
        array([0.5, 0. ])
    """
    found = np.zeros(sound.channels)
    for block in centred(sound):
        found += np.square(block).sum(0)
    return found


def snrs(original: Sound, changed: Sound) -> NDArray[np.float64]:
    """10·log10(Σ original² / Σ (changed - original)²) of each channel in dB, the original without its mean.

    Infinite where nothing changed, and minus infinity where a silent channel did.
    """
    changes = np.zeros(original.channels)
    for own, other in paired(original.blocks(), changed.blocks()):
        changes += np.square(other - own).sum(0)
    ratios = np.full(original.channels, np.inf)
    some = changes > 0
    with np.errstate(divide="ignore"):
        ratios[some] = 10.0 * np.log10(energies(original)[some] / changes[some])
    return ratios
