"""FGSM and PGD step for step against foolbox, OPT against Adam written out for a listener with a known gradient."""

import eagerpy
import foolbox
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from sottovoce.attacks import FGSM, OPT, PGD
from sottovoce.threats import LInf, Silence, Unlimited

pytestmark = pytest.mark.usefixtures("double")


class Recorder(nn.Module):
    """A listener that keeps what it is asked for with a gradient, or at all."""

    def __init__(self, listener: nn.Module) -> None:
        super().__init__()
        self.listener = listener
        self.asked: list[Tensor] = []
        self.followed: list[Tensor] = []

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        self.asked.append(waveforms.detach().clone())
        if waveforms.requires_grad:
            self.followed.append(self.asked[-1])
        return self.listener(waveforms, lengths)


class ToSilence:
    """Foolbox's attacks climb a loss; the mean square of the output with a minus sign leads to silence."""

    def get_loss_fn(self, model, labels):
        return lambda inputs: -model(inputs).square().mean(axis=-1).sum()


class TheirPGD(ToSilence, foolbox.attacks.LinfProjectedGradientDescentAttack):
    pass


class TheirFGSM(ToSilence, foolbox.attacks.LinfFastGradientAttack):
    pass


@pytest.fixture
def waveforms() -> Tensor:
    quiet = 0.3 * torch.randn(3, 400, generator=torch.Generator().manual_seed(5))
    return torch.cat([quiet, 3 * quiet[:1]]).clamp(-1, 1)  # the last row reaches full scale


def theirs(attack: foolbox.Attack, listener: Recorder, waveforms: Tensor, radius: float) -> Tensor:
    model = foolbox.PyTorchModel(listener.eval(), bounds=(-1, 1), device="cpu")
    criterion = foolbox.criteria.Misclassification(torch.zeros(len(waveforms), dtype=torch.int64))
    raw, _, _ = attack(model, waveforms, criterion, epsilons=radius)
    return raw.raw if isinstance(raw, eagerpy.Tensor) else raw


@pytest.mark.parametrize("radius", [0.011, 0.5])
def test_pgd_is_foolboxs_step_for_step(radius: float, listener, waveforms: Tensor) -> None:
    ours, reference = Recorder(listener.double()), Recorder(listener.double())
    PGD(step=0.004, steps=8, budget=LInf(radius))(ours, waveforms, Silence())
    attack = TheirPGD(abs_stepsize=0.004, steps=8, random_start=False)
    last = theirs(attack, reference, waveforms, radius)
    assert len(ours.followed) == len(reference.followed) == 8
    for mine, other in zip([*ours.followed, ours.asked[8]], [*reference.followed, last], strict=True):
        torch.testing.assert_close(mine, other, rtol=0, atol=1e-12)


def test_fgsm_is_foolboxs(listener, waveforms: Tensor) -> None:
    result = FGSM(step=0.01)(listener.double(), waveforms, Silence())
    expected = theirs(TheirFGSM(random_start=False), Recorder(listener), waveforms, 0.01)
    torch.testing.assert_close(result.adversarial, expected, rtol=0, atol=1e-12)


class Matrix(nn.Module):
    """waveforms ↦ A·waveforms."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.matrix = nn.Parameter(torch.randn(size, size, generator=torch.Generator().manual_seed(6)) / size**0.5)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        return waveforms @ self.matrix.T


@pytest.mark.parametrize("decay", [1.0, 0.2])
def test_opt_is_adam_on_the_papers_loss(decay: float) -> None:
    size, steps, alpha, rate = 30, 25, 0.05, 0.02
    listener = Recorder(Matrix(size))
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
