"""The attack that is played in rooms: within its band, heard in rooms it has not tried, and seeded."""

import pytest
import torch
from torch import Tensor, nn

from sottovoce.attacks.over_the_air import OverTheAir
from sottovoce.channels.rooms import reverberate
from sottovoce.threats import LabelMargin, SNRFloor
from sottovoce.threats.budgets import Budget

SAMPLES = 4000
BUDGETS = None, SNRFloor(12.0)


class Tone(nn.Module):
    """Two classes by the power around 2 kHz, which no room takes away."""

    def __init__(self) -> None:
        super().__init__()
        self.needed = nn.Parameter(torch.tensor(3.0))

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        spectrum = torch.fft.rfft(waveforms)
        places = slice(1900 * SAMPLES // 16_000, 2100 * SAMPLES // 16_000)
        power = spectrum[:, places].abs().square().sum(-1).log()
        return torch.stack([self.needed - power, power - self.needed], -1)


def rooms(count: int, seed: int) -> Tensor:
    random = torch.Generator().manual_seed(seed)
    tails = torch.randn(count, 800, generator=random) * torch.exp(-torch.arange(800) / 150) * 0.3
    tails[:, 0] = 1.0
    return tails


def attack(seed: int = 0, budget: Budget | None = None) -> OverTheAir:
    random = torch.Generator().manual_seed(seed)
    return OverTheAir(rooms(10, 1), generator=random, budget=budget, batch=4, steps=60, lr=1e-3)


@pytest.fixture(scope="module")
def waveforms() -> Tensor:
    return 0.01 * torch.sin(torch.arange(SAMPLES) * 0.05)[None]


def test_it_is_heard_in_rooms_that_it_has_not_tried(waveforms) -> None:
    victim, objective = Tone(), LabelMargin(torch.tensor([1]))
    result = attack()(victim, waveforms, objective)
    heard = reverberate(result.adversarial.expand(20, -1), rooms(20, 2))
    assert (victim(heard).argmax(-1) == 1).float().mean() > 0.9
    assert victim(reverberate(waveforms.expand(20, -1), rooms(20, 2))).argmax(-1).sum() == 0
    assert result.queries.item() == 60 * 4 - 2  # ten rooms in fours: the third batch had two


def test_a_budget_is_kept(waveforms) -> None:
    free, bound = (attack(budget=budget)(Tone(), waveforms, LabelMargin(torch.tensor([1]))) for budget in BUDGETS)
    assert free.snr < 10.0 and bound.snr == pytest.approx(12.0, abs=0.01)


def test_the_perturbation_stays_in_its_band(waveforms) -> None:
    result = attack()(Tone(), waveforms, LabelMargin(torch.tensor([1])))
    power = torch.fft.rfft(result.adversarial - waveforms).abs().square()[0]
    frequencies = torch.fft.rfftfreq(SAMPLES, 1 / 16_000)
    outside = (frequencies < 990) | (frequencies > 4010)
    assert power[outside].sum() < 1e-4 * power.sum()


def test_the_same_seed_gives_the_same_answer_and_rows_are_apart(waveforms) -> None:
    target = LabelMargin(torch.tensor([1]))
    one, other = (attack(3)(Tone(), waveforms, target).adversarial for _ in range(2))
    assert torch.equal(one, other)
    both = attack(3)(Tone(), waveforms.expand(2, -1).clone(), target, lengths=torch.tensor([SAMPLES, SAMPLES]))
    assert torch.equal(both.adversarial[:1], one)
