"""Objectives for speaker encoders, alone and met by an attack."""

import pytest
import torch

from sottovoce.attacks import PGD
from sottovoce.models.speakers import ECAPATDNN, Similarity
from sottovoce.threats import AwayFrom, LInf, TowardsSpeaker


def test_losses_fall_towards_the_objective() -> None:
    cosines, unused = torch.tensor([-1.0, 0.0, 0.3, 1.0]), torch.zeros(4, 10)
    lengths = torch.full((4,), 10)
    for objective, met in (
        (AwayFrom(0.2), [True, True, False, False]),
        (TowardsSpeaker(0.2), [False, False, True, True]),
    ):
        assert objective.met(cosines, unused, lengths).tolist() == met
        direction = 1 if isinstance(objective, AwayFrom) else -1
        for measure in (objective.loss, objective.distance):
            assert (direction * measure(cosines, unused, lengths).diff() > 0).all()
        assert objective.distance(cosines, unused, lengths).min() == 0


def test_a_margin_stops_the_push() -> None:
    cosines, unused = torch.tensor([0.5, -0.05, -0.2], requires_grad=True), torch.zeros(3, 10)
    AwayFrom(0.2, margin=0.3).loss(cosines, unused, torch.full((3,), 10)).sum().backward()
    assert cosines.grad is not None
    assert cosines.grad.tolist() == [1.0, 1.0, 0.0]


def test_a_negative_margin_is_refused() -> None:
    with pytest.raises(ValueError, match="margin"):
        AwayFrom(margin=-0.1)


@pytest.mark.parametrize("towards", [False, True])
def test_gradient_descent_moves_the_voice(towards: bool) -> None:
    torch.manual_seed(0)
    encoder = ECAPATDNN(16, 24).eval()
    waveforms = 0.1 * torch.randn(2, 8000)
    with torch.no_grad():
        own = encoder(waveforms)
        listener = Similarity(encoder, own.flip(0) if towards else own)
        before = listener(waveforms)
    objective = TowardsSpeaker(0.9) if towards else AwayFrom(0.5)
    result = PGD(step=2e-3, steps=20, budget=LInf(0.02))(listener, waveforms, objective)
    after = listener(result.adversarial)
    assert (after > before).all() if towards else (after < before).all()
    assert result.success.tolist() == objective.met(after, waveforms, torch.tensor([8000, 8000])).tolist()
