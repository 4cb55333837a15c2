"""What a change costs: terms that an attack weighs against its objective."""

from typing import Protocol

import torch
from torch import Tensor

from sottovoce.audio.batch import length_mask, mean_square
from sottovoce.audio.spectral import MelPower, dct_matrix

BANDS, COEFFICIENTS = 25, 13


class Penalty(Protocol):
    """A cost of the attacked waveforms, whatever the victim makes of them."""

    def __call__(self, candidates: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """The cost per example, 0 for no change: `(batch,)`; both waveforms `(batch, samples)`, zero in the padding."""
        ...


class MeanSquare:
    """Mean squared change of the samples, the first term of OPT (paper A, algorithm 1)."""

    def __call__(self, candidates: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return mean_square(candidates - originals, lengths)


class CepstralChange:
    """Mean squared change of mel-frequency cepstra, each coefficient less its mean over time.

    Ours. Recognisers listen to such features or to ones near them, so that this keeps the protected file readable for
    a friendly one that uses no enhancer, which an SNR alone does not. 13 coefficients of 25 bands from 130 to 6800 Hz,
    as usual in recognition; finer detail of the spectrum, and a constant gain or colour, cost nothing. The change is in
    nepers of power: squared coefficients of the orthonormal cosine transform, divided by the number of bands.

    Args:
        weight: factor.
        floor: added to each band's power before the logarithm, as a share of the original's mean band power.
    """

    def __init__(self, weight: float = 0.5, floor: float = 1e-2) -> None:
        self.weight, self.floor = weight, floor
        self.power = MelPower(bands=BANDS, low=130.0, high=6800.0)
        self.dct = dct_matrix(COEFFICIENTS, BANDS)

    def __call__(self, candidates: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        power, dct = self.power.to(candidates.device), self.dct.to(candidates.device)
        frames = power.stft.frames(lengths)
        before, after = power(originals), power(candidates)
        usual = before.sum((1, 2)) / (frames * BANDS)
        floor = (self.floor * usual + 1e-12)[:, None, None]
        own = length_mask(frames, before.shape[-1])[:, None]
        change = dct @ (torch.log((after + floor) / (before + floor)) * own)
        change = (change - change.sum(-1, keepdim=True) / frames[:, None, None]) * own
        return self.weight * change.square().sum((1, 2)) / (frames * BANDS)
