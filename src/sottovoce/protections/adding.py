"""A person's own samples and a perturbation, added within an SNR that holds after rounding; a block at a time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from sottovoce.audio.blocks import Samples, paired
from sottovoce.audio.files import Sound
from sottovoce.audio.formats import Layout, quantized, written_subtype
from sottovoce.audio.levels import energies
from sottovoce.audio.views import as_samples

_ATTEMPTS = 20
_MARGIN = 0.999


class Sum:
    """A recording with a perturbation, in each channel scaled down just so far that the samples as written keep an SNR.

    No sample leaves full scale that was within it before. A lossy encoder comes after this and is not accounted for.

    Args:
        own: the person's recording.
        change: the perturbation, float32 `(channels, samples)` at 16 kHz.
        snr: 10·log10(Σ original² / Σ (written - original)²) in dB to keep in every channel, the original without its
            mean: a constant offset is no signal.
        target: the file to write; its suffix decides the rounding.

    Example:
        >>> import torch
        >>> from sottovoce.audio.files import Recording
        >>> tone = Recording(np.tile([[0.5], [-0.5]], (50, 1)), rate=16_000)
        >>> total = Sum(tone, torch.full((1, 100), 0.5), snr=20.0, target=Path("a.wav"))
        >>> [round(float(np.abs(written - own).max()), 3) for own, written in total.blocks()]
        [0.05]
    """

    def __init__(self, own: Sound, change: Tensor, snr: float, target: Path) -> None:
        self.own, self.change, self.snr = own, change, snr
        self.subtype = written_subtype(target.suffix, Layout(own.format, own.subtype, own.endian))
        self.gains, self._survives = np.ones(own.channels), False
        allowed = energies(own) * 10.0 ** (-snr / 10.0)
        for _ in range(_ATTEMPTS):
            spent = self._spent()
            over = spent > allowed
            if not over.any():
                break
            self.gains[over] *= _MARGIN * np.sqrt(allowed[over] / spent[over])
        else:
            self.gains[over] = 0.0
            spent = self._spent()
        wanted = change.any(1).numpy()
        self._survives = bool(wanted.any() and (spent[wanted] > 0).all())

    def survives(self) -> bool:
        """Whether every channel that should change does, after rounding."""
        return self._survives

    def blocks(self) -> Iterator[tuple[Samples, Samples]]:
        """The own samples and those to write, each `(frames, channels)`."""
        for own, change in paired(self.own.blocks(), as_samples(self.change, self.own)):
            changed = np.clip(own + self.gains * change, np.minimum(own, -1.0), np.maximum(own, 1.0))
            written = quantized(changed, self.subtype)
            still = self.gains == 0.0
            written[:, still] = quantized(own[:, still], self.subtype)
            yield own, written

    def _spent(self) -> NDArray[np.float64]:
        """The energy of what changes in each channel."""
        spent = np.zeros(self.own.channels)
        for own, written in self.blocks():
            spent += np.square(written - own).sum(0)
        return spent
