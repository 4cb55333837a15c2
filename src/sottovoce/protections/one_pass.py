"""A voice hidden by a generator's single pass (Guo et al., 2024)."""

import torch
from torch import Tensor

from sottovoce.perturbers import SSED
from sottovoce.perturbers.streaming import streamed
from sottovoce.protections.base import Progress
from sottovoce.weights.fingerprint import fingerprint

SNR_FLOOR = 20.0
"""dB that a protected file keeps even where the generator is louder."""


class OnePass:
    """Adds what a generator finds, block by block, in each channel.

    Args:
        generator: with its removal module.
    """

    snr = SNR_FLOOR

    def __init__(self, generator: SSED) -> None:
        self.generator = generator

    def identity(self) -> dict[str, object]:
        """What the perturbation depends on."""
        return {"generator": fingerprint(self.generator)}

    @torch.no_grad()
    def perturb(self, heard: Tensor, progress: Progress) -> Tensor:
        """See `Protection.perturb`."""
        change = torch.empty_like(heard)
        for number, channel in enumerate(heard):

            def moved(share: float, done: int = number) -> None:
                progress((done + share) / len(heard))

            streamed(self.generator.generator, self.generator, channel, moved, out=change[number])
        return change.sub_(heard)
