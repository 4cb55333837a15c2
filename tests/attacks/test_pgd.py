"""PGD step for step against foolbox."""

import foolbox
import pytest
import torch
from torch import Tensor

from sottovoce.attacks import PGD
from sottovoce.threats import LInf, MeanSquare, Silence


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("radius", [0.011, 0.5])
def test_pgd_is_foolboxs_step_for_step(radius: float, listener, full_rows: Tensor, record, by_foolbox) -> None:
    ours, reference = record(listener.double()), record(listener.double())
    PGD(step=0.004, steps=8, budget=LInf(radius))(ours, full_rows, Silence())
    attack = foolbox.attacks.LinfProjectedGradientDescentAttack
    last = by_foolbox(attack, reference, full_rows, radius, abs_stepsize=0.004, steps=8)
    assert len(ours.followed) == len(reference.followed) == 8
    for mine, other in zip([*ours.followed, ours.asked[8]], [*reference.followed, last], strict=True):
        torch.testing.assert_close(mine, other, rtol=0, atol=1e-12)


def test_the_step_size_falls_linearly_to_the_decay(listener, full_rows: Tensor, record) -> None:
    recorder = record(listener)
    quiet = 0.3 * full_rows[:3]
    PGD(step=1e-3, steps=3, decay=0.2)(recorder, quiet, Silence())
    moves = [
        (later - sooner).abs().amax(-1) for sooner, later in zip(recorder.asked, recorder.asked[1:4], strict=False)
    ]
    expected = torch.tensor([[1.0e-3], [0.6e-3], [0.2e-3]]).expand(3, 3)
    torch.testing.assert_close(torch.stack(moves), expected, rtol=0, atol=1e-7)


def test_an_overwhelming_penalty_keeps_the_original(listener, full_rows: Tensor) -> None:
    class Steep(MeanSquare):
        def __call__(self, candidates: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
            return 1e9 * super().__call__(candidates, originals, lengths)

    free, held = (PGD(steps=5, penalty=penalty)(listener, full_rows, Silence()) for penalty in (None, Steep()))
    assert not torch.equal(free.adversarial, full_rows)
    assert torch.equal(held.adversarial, full_rows)
