"""What is played in chunks is the whole."""

import torch

from sottovoce.perturbers import SSED
from sottovoce.speed.perturbers import one_pass, play


def test_playing_in_chunks_gives_what_one_pass_gives() -> None:
    torch.manual_seed(0)
    network, speech = SSED(channels=4, blocks=1).eval(), torch.rand(16_000) - 0.5
    assert torch.allclose(play(network, speech, 100), one_pass(network, speech[None])[0], atol=1e-6)
