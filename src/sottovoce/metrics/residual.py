"""How much of a perturbation is left, or has grown, behind an enhancer.

Names as in the paper (Dong et al., section 4.2): x and x* are the noisy speech and its adversarial version, y and y*
what the enhancer makes of them.
"""

import math

import torch
from torch import Tensor

from sottovoce.metrics.base import Undefined, measure, rows


def rpr(
    enhanced: Tensor,
    enhanced_adversarial: Tensor,
    noisy: Tensor,
    noisy_adversarial: Tensor,
    lengths: Tensor | None = None,
    *,
    gain_matched: bool = False,
) -> Tensor:
    """Residual perturbation rate, ln‖y* - y‖₂ / ln‖x* - x‖₂ (natural logarithms), on waveforms as the authors have it.

    Its value depends on the unit of the samples, and it jumps between -∞ and ∞ where a norm passes 1, which happens at
    ordinary settings: see `rpr_ill_posed`, and `perturbation_gain` for a measure without these defects.

    Args:
        enhanced: y `(batch, samples)` in [-1, 1], right-padded.
        enhanced_adversarial: y*, the same shape.
        noisy: x, the same shape.
        noisy_adversarial: x*, the same shape.
        lengths: `(batch,)` in samples; None means that every row is full.
        gain_matched: before the difference, multiply x* and y* each by the gain that brings it closest to x or y in the
            least-squares sense: ‖g·x* - x‖₂ with g = ⟨x*, x⟩ / ‖x*‖². So a mere change of level, as from peak
            normalisation, does not count as a perturbation.

    Returns:
        float64 `(batch,)`; the paper takes more than 1 for success. NaN where a norm is 0 or that of x* - x exactly 1.

    Raises:
        ValueError: if the shapes do not agree.
    """

    def score(y: Tensor, y_star: Tensor, x: Tensor, x_star: Tensor) -> float | Undefined:
        residual, perturbation = _difference(y, y_star, gain_matched), _difference(x, x_star, gain_matched)
        if perturbation == 0:
            return Undefined("there is no perturbation")
        if residual == 0:
            return Undefined("the enhanced signals are equal")
        if perturbation == 1:
            return Undefined("the perturbation's norm is 1, whose logarithm is 0")
        return math.log(residual) / math.log(perturbation)

    return measure("RPR", score, (enhanced, enhanced_adversarial, noisy, noisy_adversarial), lengths)


def rpr_ill_posed(
    enhanced: Tensor,
    enhanced_adversarial: Tensor,
    noisy: Tensor,
    noisy_adversarial: Tensor,
    lengths: Tensor | None = None,
    *,
    gain_matched: bool = False,
) -> Tensor:
    """Where `rpr`, given the same arguments, says nothing: one of its two norms is within 5 % of 1.

    Returns:
        bool `(batch,)`.

    Raises:
        ValueError: if the shapes do not agree.
    """
    return torch.tensor(
        [
            any(abs(_difference(*pair, gain_matched) - 1) <= 0.05 for pair in ((y, y_star), (x, x_star)))
            for y, y_star, x, x_star in rows((enhanced, enhanced_adversarial, noisy, noisy_adversarial), lengths)
        ],
        dtype=torch.bool,
    )


def perturbation_gain(
    enhanced: Tensor,
    enhanced_adversarial: Tensor,
    noisy: Tensor,
    noisy_adversarial: Tensor,
    lengths: Tensor | None = None,
    *,
    gain_matched: bool = False,
) -> Tensor:
    """What the enhancer does to the perturbation, 20·log₁₀(‖y* - y‖₂ / ‖x* - x‖₂): the well-posed counterpart of `rpr`.

    Args:
        enhanced: y `(batch, samples)`, right-padded.
        enhanced_adversarial: y*, the same shape.
        noisy: x, the same shape.
        noisy_adversarial: x*, the same shape.
        lengths: `(batch,)` in samples; None means that every row is full.
        gain_matched: as in `rpr`.

    Returns:
        dB, float64 `(batch,)`; above 0 the enhancer amplifies the perturbation. -∞ where it removes it entirely, NaN
        where there is none.

    Raises:
        ValueError: if the shapes do not agree.
    """

    def score(y: Tensor, y_star: Tensor, x: Tensor, x_star: Tensor) -> float | Undefined:
        perturbation = _difference(x, x_star, gain_matched)
        if perturbation == 0:
            return Undefined("there is no perturbation")
        return _decibels(_difference(y, y_star, gain_matched) / perturbation)

    return measure("perturbation gain", score, (enhanced, enhanced_adversarial, noisy, noisy_adversarial), lengths)


def energy_drop(enhanced: Tensor, enhanced_adversarial: Tensor, lengths: Tensor | None = None) -> Tensor:
    """By how much the attack silences the enhancer: 20·log₁₀(‖y‖₂ / ‖y*‖₂).

    Args:
        enhanced: y `(batch, samples)`, right-padded.
        enhanced_adversarial: y*, the same shape.
        lengths: `(batch,)` in samples; None means that every row is full.

    Returns:
        dB, float64 `(batch,)`; ∞ where y* is all zeros, NaN where y is.

    Raises:
        ValueError: if the shapes do not agree.
    """

    def score(y: Tensor, y_star: Tensor) -> float | Undefined:
        if not y.any():
            return Undefined("the enhanced signal is silent to begin with")
        return -_decibels((y_star.norm() / y.norm()).item())

    return measure("energy drop", score, (enhanced, enhanced_adversarial), lengths)


def _difference(original: Tensor, adversarial: Tensor, gain_matched: bool) -> float:
    if gain_matched and adversarial.any():
        adversarial = adversarial * (adversarial @ original) / (adversarial @ adversarial)
    norm: float = (adversarial - original).norm().item()
    return norm


def _decibels(ratio: float) -> float:
    return 20 * math.log10(ratio) if ratio else -math.inf
