"""The second stage makes the perturbation less audible and keeps its success."""

import torch
from torch import Tensor, nn

from sottovoce.attacks.carlini_wagner import CarliniWagner
from sottovoce.attacks.imperceptible import Imperceptible
from sottovoce.threats import LabelMargin
from sottovoce.threats.masking import Masking

SAMPLES = 8000
TIME = torch.arange(SAMPLES) / 16_000
SPEECH = 0.3 * torch.sin(2 * torch.pi * 1000 * TIME)[None]
TARGET = LabelMargin(torch.tensor([1]))


class Tones(nn.Module):
    """Two classes by the level of two tones, one masked by `SPEECH` and one not."""

    def __init__(self, needed: float) -> None:
        super().__init__()
        self.needed = nn.Parameter(torch.tensor(needed))
        self.drowned, self.clear = (torch.sin(2 * torch.pi * f * TIME) for f in (1100, 5000))

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        amount = (waveforms @ (self.drowned + self.clear)) * 2 / SAMPLES - self.needed
        return 100 * torch.stack([-amount, amount], -1)


def test_the_perturbation_moves_to_where_it_is_drowned() -> None:
    first = CarliniWagner(bound=0.02, lr=0.002, steps=60, every=5)
    thresholds = Masking().thresholds(SPEECH, torch.tensor([SAMPLES]))
    begun = first(Tones(0.01), SPEECH, TARGET)
    result = Imperceptible(first, steps=200, lr=2e-4, alpha=1e-4)(Tones(0.01), SPEECH, TARGET)
    assert begun.success.all() and result.success.all()
    before, after = (thresholds.audibility(each.adversarial - SPEECH).item() for each in (begun, result))
    assert after < 0.2 * before
    assert result.queries.item() == begun.queries.item() + 200


def test_where_the_first_attack_fails_its_result_is_given() -> None:
    first = CarliniWagner(bound=1e-4, lr=1e-4, steps=5)
    begun = first(Tones(10.0), SPEECH, TARGET)
    result = Imperceptible(first, steps=5)(Tones(10.0), SPEECH, TARGET)
    assert not result.success.any() and torch.equal(result.adversarial, begun.adversarial)
