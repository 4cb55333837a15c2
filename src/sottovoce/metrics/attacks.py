"""How often a targeted attack on a recogniser gets its text, and how loud it has to be."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from sottovoce.metrics.text import normalize


def rosa(targets: Sequence[str], hypotheses: Sequence[str]) -> Tensor:
    """Rate of successful attacks: whether what was understood is the target, to the letter (paper 001, section 4.2).

    Both texts are normalized first. The paper's percentage is 100 times the mean.

    Args:
        targets: wanted texts, one per example.
        hypotheses: what was understood, as many.

    Returns:
        float64 `(batch,)`, 1 for a success and 0 otherwise.

    Raises:
        ValueError: if there are not as many hypotheses as targets.
    """
    pairs = zip(targets, hypotheses, strict=True)
    return torch.tensor([float(normalize(one) == normalize(other)) for one, other in pairs], dtype=torch.float64)


def tasr(snrs: Tensor, successes: Tensor) -> float:
    """The SNR at which all targeted attacks succeed: how much perturbation the hardest example takes (paper 001, figure
    3).

    Args:
        snrs: of the quietest successful perturbation of each example in dB, `(batch,)`; anything where there is none.
        successes: whether there is one, bool `(batch,)`.

    Returns:
        The lowest of the SNRs in dB; minus infinity where an attack never succeeds.

    Raises:
        ValueError: if there is no example.
    """
    if not len(snrs):
        raise ValueError("no example")
    return float(snrs.min()) if bool(successes.all()) else -math.inf
