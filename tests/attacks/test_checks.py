"""Listeners that mislead gradient attacks are recognised; one that does not raises no suspicion."""

import pytest
import torch
from torch import Tensor, nn

from sottovoce.attacks import PGD
from sottovoce.attacks.checks import Suspicion, suspicions
from sottovoce.threats import LabelMargin, LInf

WAVEFORMS = 0.1 * torch.randn(4, 200, generator=torch.Generator().manual_seed(0))
TARGET = LabelMargin(torch.tensor([1]))


class Honest(nn.Module):
    """Two classes by the correlation with a pattern."""

    def __init__(self) -> None:
        super().__init__()
        self.pattern = nn.Parameter(torch.randn(200, generator=torch.Generator().manual_seed(1)))

    def score(self, waveforms: Tensor) -> Tensor:
        return waveforms @ self.pattern - 3.0

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        score = self.score(waveforms)
        return torch.stack([-score, score], -1)


class Randomised(Honest):
    def score(self, waveforms: Tensor) -> Tensor:
        return super().score(waveforms + 0.01 * torch.randn(waveforms.shape))


class Rounded(Honest):
    def score(self, waveforms: Tensor) -> Tensor:
        return super().score(torch.round(waveforms * 50) / 50) + 0 * waveforms.sum(-1)


class Shattered(Honest):
    """Its gradient points the wrong way."""

    def score(self, waveforms: Tensor) -> Tensor:
        score = super().score(waveforms)
        return 2 * score.detach() - score


def checked(listener: nn.Module, transferred: Tensor | None = None) -> list[Suspicion]:
    result = PGD(step=5e-4, steps=20, budget=LInf(5e-3))(listener, WAVEFORMS, TARGET)
    random = torch.Generator().manual_seed(2)
    return suspicions(listener, WAVEFORMS, TARGET, result, generator=random, transferred=transferred)


def test_an_honest_listener_raises_no_suspicion() -> None:
    assert checked(Honest()) == []


@pytest.mark.parametrize(
    ("listener", "expected"),
    [(Randomised(), Suspicion.RANDOMISED), (Rounded(), Suspicion.NO_GRADIENT), (Shattered(), Suspicion.MASKED)],
)
def test_what_misleads_is_named(listener: nn.Module, expected: Suspicion) -> None:
    assert expected in checked(listener)


def test_a_transferred_attack_that_does_better_is_named() -> None:
    transferred = PGD(step=5e-4, steps=20, budget=LInf(5e-3))(Honest(), WAVEFORMS, TARGET).adversarial
    assert Suspicion.TRANSFER in checked(Shattered(), transferred)
    assert Suspicion.TRANSFER not in checked(Honest(), transferred)
