"""EOT against Adam written out, and what randomness does to its result."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from sottovoce.attacks import EOT, OPT
from sottovoce.threats import Silence, SNRFloor, Speech


@pytest.mark.usefixtures("double")
def test_eot_is_adam_on_the_loss_and_keeps_the_last_iterate() -> None:
    size, steps, rate, decay = 30, 12, 0.02, 0.2
    matrix = torch.randn(size, size, generator=torch.Generator().manual_seed(6)) / size**0.5

    class Matrix(nn.Module):
        def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
            return waveforms @ matrix.T

    original = (0.3 * torch.randn(1, size, generator=torch.Generator().manual_seed(7))).clamp(-1, 1)
    result = EOT(lr=rate, steps=steps, decay=decay)(Matrix(), original, Silence())
    x, a = original[0].numpy().copy(), matrix.numpy()
    first, second = np.zeros(size), np.zeros(size)
    for step in range(steps):
        gradient = 2 * a.T @ (a @ x) / size
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        corrected = first / (1 - 0.9 ** (step + 1)), second / (1 - 0.999 ** (step + 1))
        now = rate * (1 + (decay - 1) * step / (steps - 1))
        x = np.clip(x - now * corrected[0] / (np.sqrt(corrected[1]) + 1e-8), -1, 1)
    np.testing.assert_allclose(result.adversarial[0].numpy(), x, rtol=0, atol=1e-9)


class Lucky(nn.Module):
    """Gives the target by chance once, at the third call, and otherwise the waveforms."""

    def __init__(self, target: Tensor) -> None:
        super().__init__()
        self.target, self.calls = target, 0

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        self.calls += 1
        return waveforms + (self.target - waveforms).detach() if self.calls == 3 else waveforms


def test_a_lucky_draw_does_not_end_the_search() -> None:
    """OPT keeps the iterate whose loss was lowest by chance; EOT goes on from it."""
    original, target = torch.zeros(1, 400), torch.full((1, 400), 0.5)
    original[0, ::2] = 0.01
    results = {
        attack: attack(steps=50, lr=0.02, **more)(Lucky(target), original, Speech(target))
        for attack, more in ((EOT, {}), (OPT, {"alpha": 1.0}))
    }
    assert results[EOT].loss.item() < 0.01 < results[OPT].loss.item()


def test_random_listeners_are_met_on_average() -> None:
    """The loss through a random sign flip of one half is only lowered by what lowers both outcomes."""

    class Flip(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.random = torch.Generator().manual_seed(0)

        def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
            sign = 1.0 if torch.rand((), generator=self.random) < 0.5 else -1.0
            return torch.cat([waveforms[:, :200], sign * waveforms[:, 200:]], 1)

    original, target = 0.1 * torch.ones(1, 400), 0.2 * torch.ones(1, 400)
    found = EOT(steps=200, lr=5e-3, decay=0.0)(Flip(), original, Speech(target)).adversarial
    torch.testing.assert_close(found[:, :200], target[:, :200], rtol=0, atol=0.01)
    assert found[:, 200:].abs().mean() < 0.05


def test_the_budget_holds_and_progress_is_told() -> None:
    original = 0.1 * torch.randn(2, 800, generator=torch.Generator().manual_seed(0))
    told = list[int]()
    attack = EOT(steps=3, lr=0.1, budget=SNRFloor(20.0), progress=told.append)
    result = attack(Lucky(original), original, Silence())
    assert told == [1, 2, 3] and (result.snr >= 20.0 - 1e-3).all() and result.queries.tolist() == [3, 3]
