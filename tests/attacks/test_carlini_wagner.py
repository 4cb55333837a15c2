"""The attack with a shrinking bound, on classifiers whose smallest perturbation is known."""

import torch
from torch import Tensor, nn

from sottovoce.attacks.carlini_wagner import CarliniWagner
from sottovoce.threats import LabelMargin


class Sum(nn.Module):
    """Two classes by the sum of the samples: above `needed`, the second."""

    def __init__(self, needed: float) -> None:
        super().__init__()
        self.needed = nn.Parameter(torch.tensor(needed))

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        total = waveforms.sum(-1) - self.needed
        return torch.stack([-total, total], -1)


class Balance(nn.Module):
    """Two classes: the second if the first half's sum exceeds 0.1 and the other half's is close to zero."""

    def __init__(self) -> None:
        super().__init__()
        self.needed = nn.Parameter(torch.tensor(0.1))

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        first, second = waveforms[:, :50].sum(-1), waveforms[:, 50:].sum(-1)
        total = first - 20.0 * second.abs() - self.needed
        return torch.stack([-total, total], -1)


TARGET = LabelMargin(torch.tensor([1]))


def test_the_perturbation_shrinks_to_about_what_is_needed() -> None:
    waveforms = torch.zeros(2, 100)
    attack = CarliniWagner(bound=0.1, lr=0.01, steps=200, every=1)
    result = attack(Sum(1.0), waveforms, TARGET)
    assert result.success.all()
    largest = result.adversarial.abs().amax(-1)
    assert (largest >= 0.01).all() and (largest < 0.013).all()  # 1.0 spread over 100 samples


def test_the_steps_shrink_with_the_bound() -> None:
    """Steps of the initial length would overshoot the balance by more than the 0.002 a sample that is needed."""
    waveforms = 0.003 * torch.randn(2, 100, generator=torch.Generator().manual_seed(0))
    waveforms[:, :50] = 0.0
    result = CarliniWagner(bound=0.1, lr=0.01, steps=300, every=1)(Balance(), waveforms, TARGET)
    assert result.success.all() and (result.adversarial - waveforms).abs().max() < 0.003


def test_what_cannot_be_reached_is_no_success_and_stays_within_the_bound() -> None:
    result = CarliniWagner(bound=0.001, lr=0.01, steps=20)(Sum(1.0), torch.zeros(1, 100), TARGET)
    assert not result.success.any() and result.adversarial.abs().max() <= 0.001 + 1e-7
    assert result.queries.item() == 21  # one before every step, one after the last


class Counted(LabelMargin):
    """Counts how often its loss is computed."""

    asked = 0

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        self.asked += 1
        return super().loss(outputs, originals, lengths)


class Away(Counted):
    """Is met like the other, but its loss has the opposite sign."""

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return -super().loss(outputs, originals, lengths)


def test_the_second_half_descends_on_the_ending() -> None:
    first, second = Counted(torch.tensor([1])), Away(torch.tensor([1]))
    attack = CarliniWagner(bound=0.1, lr=0.001, steps=200, ending=second)
    result = attack(Sum(8.0), torch.zeros(1, 100), first)  # 0.08 a sample; there after half of the time it has 0.1
    assert (first.asked, second.asked) == (100 + 1, 100)
    assert result.success.all() and result.loss.item() < 0  # the loss of the call, of what was kept from the first half
    early = CarliniWagner(bound=0.1, lr=0.001, steps=120, ending=second)(Sum(8.0), torch.zeros(1, 100), first)
    assert not early.success.any()  # turned around before it was there


def test_padding_stays_silent() -> None:
    lengths = torch.tensor([100, 40])
    result = CarliniWagner(bound=0.1, lr=0.01, steps=50)(Sum(1.0), torch.zeros(2, 100), TARGET, lengths=lengths)
    assert not result.adversarial[1, 40:].any() and result.success.all()
