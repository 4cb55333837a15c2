"""FGSM against foolbox."""

import foolbox
import pytest
import torch
from torch import Tensor

from sottovoce.attacks import FGSM
from sottovoce.threats import Silence


@pytest.mark.usefixtures("double")
def test_fgsm_is_foolboxs(listener, full_rows: Tensor, by_foolbox) -> None:
    result = FGSM(step=0.01)(listener.double(), full_rows, Silence())
    expected = by_foolbox(foolbox.attacks.LinfFastGradientAttack, listener, full_rows, 0.01)
    torch.testing.assert_close(result.adversarial, expected, rtol=0, atol=1e-12)


def test_it_asks_once_for_the_gradient_and_once_for_the_loss(listener, full_rows: Tensor) -> None:
    assert FGSM()(listener, full_rows, Silence()).queries.tolist() == [2, 2, 2, 2]
