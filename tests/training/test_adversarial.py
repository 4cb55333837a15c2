"""Equation 6 on losses whose gradients are known."""

import torch

from sottovoce.training.adversarial import adversarial_loss, fgsm_step

WEIGHTS = torch.tensor([[2.0, -3.0, 0.0]])
INPUTS = torch.tensor([[0.5, 0.2, 0.1]])


def linear(inputs: torch.Tensor) -> torch.Tensor:
    return (WEIGHTS * inputs).sum()


def test_a_step_goes_up_the_loss_by_the_signs_of_its_slope() -> None:
    torch.testing.assert_close(fgsm_step(linear, INPUTS, 0.1), torch.tensor([[0.6, 0.1, 0.1]]))


def test_a_step_stays_within_full_scale() -> None:
    torch.testing.assert_close(fgsm_step(linear, INPUTS, 0.9), torch.tensor([[1.0, -0.7, 0.1]]))


def test_the_two_losses_are_weighed() -> None:
    total = adversarial_loss(linear, linear, INPUTS, alpha=0.34, epsilon=0.1)
    torch.testing.assert_close(total, torch.tensor(0.34 * 0.4 + 0.66 * 0.9))


def test_without_weight_nothing_is_attacked() -> None:
    asked = []

    def noted(inputs: torch.Tensor) -> torch.Tensor:
        asked.append(inputs)
        return linear(inputs)

    adversarial_loss(noted, noted, INPUTS, alpha=1.0, epsilon=0.1)
    assert len(asked) == 1
