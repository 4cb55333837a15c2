"""Costs of a perturbation, which an attack weighs against its objective."""

from typing import Protocol

import torch
from torch import Tensor

from sottovoce.audio.batch import length_mask, mean_square
from sottovoce.audio.spectral import MelPower, dct_matrix
from sottovoce.threats.settings import Settings

BANDS, COEFFICIENTS = 25, 13


class Penalty(Protocol):
    """A cost of the attacked waveforms, independent of the listeners' outputs."""

    def __call__(self, candidates: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """The cost of each row, 0 for no change: `(batch,)`; waveforms are `(batch, samples)`, zero in the padding."""
        ...


class MeanSquare(Settings):
    """Mean squared change of the samples, the first term of OPT (Dong et al., 2022, algorithm 1).

    Example:
        >>> originals = torch.zeros(1, 4)
        >>> MeanSquare()(torch.tensor([[0.0, 1.0, 0.0, -1.0]]), originals, torch.tensor([4]))
        tensor([0.5000])
    """

    def __call__(self, candidates: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return mean_square(candidates - originals, lengths)


class CepstralChange(Settings):
    """Mean squared change of mel-frequency cepstra after mean normalisation over time.

    Ours. Recognisers use such features or similar ones, so this keeps the protected file intelligible to a friendly
    recogniser without an enhancer, which a limit on the SNR alone does not. 13 coefficients of 25 bands from 130 to
    6800 Hz, as usual in recognition; finer spectral detail, a constant gain and a constant equalisation cost nothing.
    The change is in nepers of power: squared coefficients of the orthonormal cosine transform over the number of bands.

    Args:
        weight: factor of the cost.
        floor: added to each band's power before the logarithm, relative to the original's mean band power.

    Example:
        >>> originals = 0.1 * torch.randn(1, 4000, generator=torch.Generator().manual_seed(0))
        >>> faded, lengths = originals * torch.linspace(1.0, 0.0, 4000), torch.tensor([4000])
        >>> costs = [CepstralChange()(changed, originals, lengths) for changed in (originals, faded)]
        >>> [bool(cost > 0.1) for cost in costs]
        [False, True]
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
