"""Success of targeted attacks on recognisers."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from sottovoce.metrics.text import normalize


def rosa(targets: Sequence[str], hypotheses: Sequence[str]) -> Tensor:
    """Rate of successful attacks (RoSA): whether each transcript equals its target (Yang et al., 2020, section 4.2).

    Both texts are normalised first. The paper reports 100 times the mean.

    Args:
        targets: target texts, one per example.
        hypotheses: transcripts, one per example.

    Returns:
        float64 `(batch,)`, 1 for a success and 0 otherwise.

    Raises:
        ValueError: if the numbers of texts differ.

    Example:
        >>> rosa(["open the door", "open the door"], ["Open the door!", "open the floor"])
        tensor([1., 0.], dtype=torch.float64)
    """
    pairs = zip(targets, hypotheses, strict=True)
    return torch.tensor([float(normalize(one) == normalize(other)) for one, other in pairs], dtype=torch.float64)


def tasr(snrs: Tensor, successes: Tensor) -> float:
    """Highest SNR at which all targeted attacks succeed, set by the hardest example (Yang et al., 2020, figure 3).

    Args:
        snrs: SNR of the quietest successful perturbation of each example in dB, `(batch,)`; ignored where none
            succeeds.
        successes: whether a perturbation succeeds, bool `(batch,)`.

    Returns:
        The lowest SNR in dB; -∞ if the attack on any example never succeeds.

    Raises:
        ValueError: if the batch is empty.

    Example:
        >>> tasr(torch.tensor([20.0, 15.0]), torch.tensor([True, True]))
        15.0
    """
    if not len(snrs):
        raise ValueError("the batch is empty")
    return float(snrs.min()) if bool(successes.all()) else -math.inf
