"""The differentiable loss orders signals as PESQ does, and has a gradient."""

import pytest
import torch
from pesq import pesq
from torch import Tensor

from sottovoce.training.perceptual import PESQLoss


@pytest.fixture(scope="module")
def clean() -> Tensor:
    times = torch.arange(32_000) / 16_000
    voice = sum(torch.sin(2 * torch.pi * 120 * k * times) / k for k in range(1, 25))
    return (0.05 * voice * (torch.sin(2 * torch.pi * 2 * times) > -0.5))[None]


def noisy(clean: Tensor, level: float) -> Tensor:
    return clean + level * torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))


def test_nothing_is_lost_where_nothing_differs_but_the_level(clean: Tensor) -> None:
    assert PESQLoss()(clean, clean).item() < 1e-2
    assert PESQLoss()(clean, 0.3 * clean).item() < 2e-2


def test_orders_noise_as_pesq_does(clean: Tensor) -> None:
    levels = [1e-3, 5e-3, 2e-2, 1e-1]
    losses = [PESQLoss()(clean, noisy(clean, level)).item() for level in levels]
    scores = [pesq(16_000, clean[0].numpy(), noisy(clean, level)[0].numpy(), "wb") for level in levels]
    assert losses == sorted(losses) and scores == sorted(scores, reverse=True)


def test_rows_are_judged_apart_and_gradients_are_finite(clean: Tensor) -> None:
    judged = torch.cat([noisy(clean, 1e-2), torch.zeros_like(clean)]).requires_grad_()
    losses = PESQLoss()(clean.expand(2, -1), judged)
    torch.testing.assert_close(losses[:1], PESQLoss()(clean, judged[:1]))
    losses.sum().backward()
    assert judged.grad is not None and judged.grad.isfinite().all() and (judged.grad[0] != 0).any()
