"""The peers that speed is compared with do the same attack; times themselves are no test's business."""

import pytest
import torch

from sottovoce.attacks import PGD
from sottovoce.models.enhancers import load_enhancer
from sottovoce.speed.attacks import art_pgd, foolbox_pgd
from sottovoce.speed.timing import STEP, batch
from sottovoce.threats import Silence


@pytest.mark.parametrize("peer", [foolbox_pgd, art_pgd])
def test_peers_find_nearly_the_same_perturbation(peer, tiny) -> None:
    victim, steps = load_enhancer(tiny), 3
    waveforms = batch()[:2, :4000]
    result = peer(victim, waveforms, steps)()
    theirs = torch.as_tensor(result if not hasattr(result, "raw") else result.raw)
    ours = PGD(step=STEP, steps=steps)(victim, waveforms, Silence()).adversarial
    agree = ((theirs - ours).abs() < 1e-6).float().mean().item()
    assert agree > 0.98  # a gradient of rounding's size has either sign
