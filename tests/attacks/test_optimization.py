"""OPT against Adam written out, for a listener with a known gradient."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from sottovoce.attacks import OPT
from sottovoce.threats import Silence, Unlimited


class Matrix(nn.Module):
    """waveforms ↦ A·waveforms."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.matrix = nn.Parameter(torch.randn(size, size, generator=torch.Generator().manual_seed(6)) / size**0.5)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        return waveforms @ self.matrix.T


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("decay", [1.0, 0.2])
def test_opt_is_adam_on_the_published_loss(decay: float, record) -> None:
    size, steps, alpha, rate = 30, 25, 0.05, 0.02
    listener = record(Matrix(size))
    original = (0.3 * torch.randn(1, size, generator=torch.Generator().manual_seed(7))).clamp(-1, 1)
    attack = OPT(steps=steps, alpha=alpha, lr=rate, decay=decay, budget=Unlimited())
    result = attack(listener, original, Silence())

    matrix, start = listener.listener.matrix.detach().numpy(), original[0].numpy()
    x, first, second = start.copy(), np.zeros(size), np.zeros(size)
    iterates, losses = [], []
    for step in range(steps + 1):
        output = matrix @ x
        distance = np.sqrt(output @ output + 1e-12)
        iterates.append(x)
        losses.append(np.mean((x - start) ** 2) + alpha * distance)
        gradient = 2 * (x - start) / size + alpha * matrix.T @ output / distance
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        corrected = first / (1 - 0.9 ** (step + 1)), second / (1 - 0.999 ** (step + 1))
        now = rate * (1 + (decay - 1) * step / (steps - 1))
        x = np.clip(x - now * corrected[0] / (np.sqrt(corrected[1]) + 1e-8), -1, 1)
    for mine, expected in zip(listener.asked[: steps + 1], iterates, strict=True):
        np.testing.assert_allclose(mine[0].numpy(), expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(result.adversarial[0].numpy(), iterates[int(np.argmin(losses))], rtol=0, atol=1e-9)
    assert min(losses) < 0.9 * losses[0]
