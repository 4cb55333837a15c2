"""What a change costs: terms that an attack weighs against its objective."""

from typing import Protocol

import torch
from torch import Tensor

from sottovoce.audio.batch import length_mask, mean_square
from sottovoce.audio.spectral import MelPower

BANDS = 40


class Penalty(Protocol):
    """A cost of the attacked waveforms, whatever the victim makes of them."""

    def __call__(self, candidates: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """The cost per example, 0 for no change: `(batch,)`; both waveforms `(batch, samples)`, zero in the padding."""
        ...


class MeanSquare:
    """Mean squared change of the samples, the first term of OPT (paper A, algorithm 1)."""

    def __call__(self, candidates: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return mean_square(candidates - originals, lengths)


class LogMelChange:
    """Mean squared change of the log-mel spectrogram, in nepers of power.

    Ours. Recognisers listen to such spectrograms, so that this keeps the protected file readable for a friendly one
    that uses no enhancer, which an SNR alone does not.

    Args:
        weight: factor.
        floor: added to each band's power before the logarithm, as a share of the original's mean band power.
    """

    def __init__(self, weight: float = 0.05, floor: float = 1e-3) -> None:
        self.weight, self.floor = weight, floor
        self.power = MelPower(bands=BANDS, low=60.0, high=7600.0)

    def __call__(self, candidates: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        power = self.power.to(candidates.device)
        frames = power.stft.frames(lengths)
        before, after = power(originals), power(candidates)
        usual = before.sum((1, 2)) / (frames * BANDS)
        floor = (self.floor * usual + 1e-12)[:, None, None]
        change = torch.log((after + floor) / (before + floor))
        own = length_mask(frames, change.shape[-1])[:, None]
        return self.weight * (change * own).square().sum((1, 2)) / (frames * BANDS)
