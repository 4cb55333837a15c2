"""How much of a perturbation an enhancer leaves, or by how much it amplifies it.

Notation of Dong et al. (2022, section 4.2): x and x* are the noisy speech and its adversarial version, y and y* the
enhancer's outputs for them.
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
    """Residual perturbation rate, ln‖y* - y‖₂ / ln‖x* - x‖₂, on waveforms (Dong et al., 2022, section 4.2).

    Its value depends on the unit of the samples, and it jumps between -∞ and ∞ where a norm crosses 1, which happens at
    ordinary settings: see `rpr_ill_posed`, and `perturbation_gain` for a measure without these defects.

    Args:
        enhanced: y `(batch, samples)` in [-1, 1], right-padded.
        enhanced_adversarial: y*, the same shape.
        noisy: x, the same shape.
        noisy_adversarial: x*, the same shape.
        lengths: `(batch,)` in samples; None if there is no padding.
        gain_matched: scale x* and y* by the least-squares gain before taking the differences: ‖g·x* - x‖₂ with
            g = ⟨x*, x⟩ / ‖x*‖². A mere change of level, such as peak normalisation, then does not count as a
            perturbation.

    Returns:
        float64 `(batch,)`; the authors regard values above 1 as success. NaN where a norm is 0 or ‖x* - x‖₂ is 1.

    Raises:
        ValueError: if the shapes do not match.

    Example:
        >>> x = torch.tensor([[4.0, 0.0]])
        >>> rpr(x, x + torch.tensor([[0.0, 10.0]]), x, x + torch.tensor([[0.0, 2.0]]))  # ln 10 / ln 2
        tensor([3.3219], dtype=torch.float64)
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
    """Whether `rpr` of the same arguments is meaningless because one of its two norms is within 5 % of 1.

    Args:
        enhanced, enhanced_adversarial, noisy, noisy_adversarial, lengths, gain_matched: as in `rpr`.

    Returns:
        bool `(batch,)`.

    Raises:
        ValueError: if the shapes do not match.

    Example:
        >>> x = torch.tensor([[4.0, 0.0]])
        >>> rpr_ill_posed(x, x + torch.tensor([[0.0, 8.0]]), x, x + torch.tensor([[0.0, 1.01]]))
        tensor([True])
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
    """Gain of the enhancer for the perturbation, 20·log₁₀(‖y* - y‖₂ / ‖x* - x‖₂); the well-posed counterpart of `rpr`.

    Args:
        enhanced: y `(batch, samples)`, right-padded.
        enhanced_adversarial: y*, the same shape.
        noisy: x, the same shape.
        noisy_adversarial: x*, the same shape.
        lengths: `(batch,)` in samples; None if there is no padding.
        gain_matched: as in `rpr`.

    Returns:
        dB, float64 `(batch,)`; positive where the enhancer amplifies the perturbation, -∞ where it removes it entirely,
        NaN where there is no perturbation.

    Raises:
        ValueError: if the shapes do not match.

    Example:
        >>> x = torch.tensor([[4.0, 0.0]])
        >>> perturbation_gain(x, x + torch.tensor([[0.0, 2.0]]), x, x + torch.tensor([[0.0, 0.5]]))
        tensor([12.0412], dtype=torch.float64)
    """

    def score(y: Tensor, y_star: Tensor, x: Tensor, x_star: Tensor) -> float | Undefined:
        perturbation = _difference(x, x_star, gain_matched)
        if perturbation == 0:
            return Undefined("there is no perturbation")
        return _decibels(_difference(y, y_star, gain_matched) / perturbation)

    return measure("perturbation gain", score, (enhanced, enhanced_adversarial, noisy, noisy_adversarial), lengths)


def energy_drop(enhanced: Tensor, enhanced_adversarial: Tensor, lengths: Tensor | None = None) -> Tensor:
    """How much quieter the attack makes the enhancer's output: 20·log₁₀(‖y‖₂ / ‖y*‖₂).

    Args:
        enhanced: y `(batch, samples)`, right-padded.
        enhanced_adversarial: y*, the same shape.
        lengths: `(batch,)` in samples; None if there is no padding.

    Returns:
        dB, float64 `(batch,)`; ∞ where y* is all zeros, NaN where y is.

    Raises:
        ValueError: if the shapes do not match.

    Example:
        >>> energy_drop(torch.ones(1, 4), torch.full((1, 4), 0.1))
        tensor([20.0000], dtype=torch.float64)
    """

    def score(y: Tensor, y_star: Tensor) -> float | Undefined:
        if not y.any():
            return Undefined("the enhanced signal is silent even without the attack")
        return -_decibels((y_star.norm() / y.norm()).item()) + 0.0  # of equal outputs 0, not -0

    return measure("energy drop", score, (enhanced, enhanced_adversarial), lengths)


def _difference(original: Tensor, adversarial: Tensor, gain_matched: bool) -> float:
    if gain_matched and adversarial.any():
        adversarial = adversarial * (adversarial @ original) / (adversarial @ adversarial)
    norm: float = (adversarial - original).norm().item()
    return norm


def _decibels(ratio: float) -> float:
    return 20 * math.log10(ratio) if ratio else -math.inf
