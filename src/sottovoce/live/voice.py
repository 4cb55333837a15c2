"""A generator's single pass on 16-bit samples as they arrive."""

import numpy as np
import torch

from sottovoce.live.floor import RunningFloor, Samples
from sottovoce.perturbers import SSED, Stream
from sottovoce.protections.one_pass import SNR_FLOOR

BLOCK = 195
"""Samples that are computed together, 12.2 ms: a multiple of the network's stride, two of which cover its context."""
_FULL_SCALE = 32_768


class LiveVoice:
    """Hides who speaks, a piece at a time; cut anywhere, the pieces give what the whole recording gives.

    It is weaker than `protect voice --effort low` on a file: the generator hears a constant offset as well, the SNR is
    kept from the first sample on (`RunningFloor`), and nothing is measured afterwards.

    Args:
        generator: whose first network is used; it runs where its weights are.

    Raises:
        SottovoceError: the generator normalises over whole utterances.

    Example:
        >>> voice = LiveVoice(SSED(channels=4, blocks=1).eval())
        >>> sum(len(voice.push(np.zeros(50, np.int16))) for _ in range(3)) + len(voice.flush())
        150
    """

    def __init__(self, generator: SSED) -> None:
        self.generator = generator
        self.stream = self._stream()
        self.floor = RunningFloor(SNR_FLOOR)
        self.waiting = np.empty(0, np.int16)

    @property
    def context(self) -> int:
        """Samples by which what is ready lies behind what has arrived, as long as whole blocks arrive."""
        return self.stream.context

    def push(self, samples: Samples) -> Samples:
        """Take the next samples, int16 `(n,)` at 16 kHz, and return those that are ready, `(m,)`."""
        self.waiting = np.concatenate([self.waiting, samples])
        heard = torch.from_numpy(samples.astype(np.float32) / _FULL_SCALE).to(self.generator.device)
        return self._within(self.stream.push(heard))

    def flush(self) -> Samples:
        """The last samples, once no more will arrive. The voice can then be used for what comes next."""
        return self._within(self.stream.flush())

    def warm_up(self) -> None:
        """Let a few blocks of silence through a stream of their own: the first passes of a network are slow."""
        idle = self._stream()
        for _ in range(8):
            idle.push(torch.zeros(BLOCK, device=self.generator.device))

    def _stream(self) -> Stream:
        return Stream(self.generator.generator, self.generator)

    def _within(self, found: torch.Tensor) -> Samples:
        own, self.waiting = self.waiting[: len(found)], self.waiting[len(found) :]
        wanted = np.rint(found.cpu().double().numpy() * _FULL_SCALE).clip(-_FULL_SCALE, _FULL_SCALE - 1)
        change = wanted.astype(np.int64) - own
        return (own + self.floor.within(own, change)).astype(np.int16)
