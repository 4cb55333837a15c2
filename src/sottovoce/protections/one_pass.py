"""A voice hidden by a generator's single pass (Guo et al., 2024)."""

import torch
from torch import Tensor

from sottovoce.errors import SottovoceError
from sottovoce.perturbers import SSED, KeyedSSED
from sottovoce.perturbers.streaming import streamed
from sottovoce.protections.base import Progress
from sottovoce.weights.fingerprint import fingerprint

SNR_FLOOR = 20.0
"""dB that a protected file keeps even where the generator is louder."""


class OnePass:
    """Adds what a generator finds, block by block, in each channel.

    Args:
        generator: with its removal module.
        key: 16 bytes, of a keyed generator; without them it perturbs nothing.
    """

    snr = SNR_FLOOR

    def __init__(self, generator: SSED | KeyedSSED, key: bytes | None = None) -> None:
        self.generator, self.key = generator, key

    @property
    def needs_key(self) -> bool:
        """Whether the perturbation depends on a key."""
        return isinstance(self.generator, KeyedSSED)

    def identity(self) -> dict[str, object]:
        """What the perturbation depends on; besides, on the key."""
        return {"generator": fingerprint(self.generator)}

    @torch.no_grad()
    def perturb(self, heard: Tensor, progress: Progress) -> Tensor:
        """See `Protection.perturb`."""
        network = self._network()
        change = torch.empty_like(heard)
        for number, channel in enumerate(heard):

            def moved(share: float, done: int = number) -> None:
                progress((done + share) / len(heard))

            streamed(network.generator, network, channel, moved, out=change[number])
        return change.sub_(heard)

    def _network(self) -> SSED:
        if isinstance(self.generator, SSED):
            return self.generator
        if self.key is None:
            raise SottovoceError("the perturbation of this generator depends on a key; give --key or --passphrase")
        return self.generator.unlocked(self.key)
