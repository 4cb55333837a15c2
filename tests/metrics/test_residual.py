import math

import pytest
import torch

from sottovoce.metrics import MetricWarning, energy_drop, perturbation_gain, rpr, rpr_ill_posed

X = torch.tensor([[4.0, 0.0, 0.0]])
ZERO = torch.zeros(1, 3)


def change(size: float) -> torch.Tensor:
    return torch.tensor([[0.0, size, 0.0]])


def test_rpr_is_the_quotient_of_natural_logarithms_of_norms() -> None:
    assert rpr(X, X + change(8), X, X + change(2)).item() == pytest.approx(3)  # ln 8 / ln 2
    assert rpr(X, X + change(0.25), X, X + change(0.5)).item() == pytest.approx(2)
    assert rpr(X, X + change(0.5), X, X + change(2)).item() == pytest.approx(-1)


def test_gain_matching_forgives_a_change_of_level() -> None:
    # What remains is the distance from x to the line through 0 and x + δ, |x|·|δ| / |x + δ|, at any level of x + δ.
    distance = 4 * 3 / 5
    value = rpr(X, 3 * (X + change(3)), X, 0.1 * (X + change(3)), gain_matched=True).item()
    assert value == pytest.approx(1)
    assert perturbation_gain(X, 7 * (X + change(3)), X, X + change(1.5), gain_matched=True).item() == pytest.approx(
        20 * math.log10(distance / (4 * 1.5 / math.hypot(4, 1.5)))
    )


def test_a_silenced_output_is_as_far_as_the_whole_signal_even_gain_matched() -> None:
    for gain_matched in (False, True):
        assert perturbation_gain(X, ZERO, X, X + change(0.04), gain_matched=gain_matched).item() == pytest.approx(
            40, abs=1e-3
        )


def test_rpr_without_a_value_says_why() -> None:
    for residual, perturbation, reason in [
        (2.0, 0.0, "no perturbation"),
        (0.0, 2.0, "enhanced signals are equal"),
        (2.0, 1.0, "norm is 1"),
    ]:
        with pytest.warns(MetricWarning, match=reason):
            assert rpr(X, X + change(residual), X, X + change(perturbation)).isnan().all()


def test_rpr_is_ill_posed_near_a_norm_of_one() -> None:
    pairs = {(2.0, 3.0): False, (1.04, 3.0): True, (2.0, 0.96): True, (1.06, 0.94): False, (0.0, 2.0): False}
    x = X.repeat(len(pairs), 1)
    residuals, perturbations = (torch.cat([change(pair[i]) for pair in pairs]) for i in (0, 1))
    flags = rpr_ill_posed(x, x + residuals, x, x + perturbations)
    assert flags.dtype == torch.bool
    assert flags.tolist() == list(pairs.values())


def test_perturbation_gain_is_in_decibels() -> None:
    assert perturbation_gain(X, X + change(5), X, X + change(0.5)).item() == pytest.approx(20)
    assert perturbation_gain(X, X, X, X + change(0.5)).item() == -torch.inf
    with pytest.warns(MetricWarning, match="no perturbation"):
        assert perturbation_gain(X, X + change(1), X, X).isnan().all()


def test_the_unit_of_the_samples_matters_to_rpr_alone() -> None:
    signals = (X, X + change(8), X, X + change(2))
    in_pcm = tuple(32768 * signal for signal in signals)
    assert perturbation_gain(*in_pcm).item() == pytest.approx(perturbation_gain(*signals).item())
    assert rpr(*in_pcm).item() == pytest.approx(18 / 16)  # ln 2¹⁸ / ln 2¹⁶, not 3


def test_energy_drop() -> None:
    assert energy_drop(X, 0.1 * X).item() == pytest.approx(20)
    assert energy_drop(X, 10 * X).item() == pytest.approx(-20)
    assert energy_drop(X, ZERO).item() == torch.inf
    with pytest.warns(MetricWarning, match="silent even without the attack"):
        assert energy_drop(ZERO, X).isnan().all()
