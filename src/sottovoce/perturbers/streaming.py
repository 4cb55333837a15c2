"""A perturber on sound as it comes in, with the same result as on the whole."""

from collections.abc import Callable

import torch
from torch import Tensor

from sottovoce.errors import SottovoceError
from sottovoce.perturbers.ssed import STRIDE, MaskedNoise


class Stream:
    """Runs a network chunk by chunk; what it gives, end to end, is what the network gives for the whole.

    A sample is given once the `lookahead` samples after it are there. Each chunk is computed together with its context
    on either side, so that only the ends of the whole are ends to the network.

    Args:
        network: whose context it is.
        transform: `(1, samples)` to the same shape, by that network.

    Raises:
        SottovoceError: if the network looks at whole utterances.
    """

    def __init__(self, network: MaskedNoise, transform: Callable[[Tensor], Tensor]) -> None:
        if network.normalised:
            raise SottovoceError("a mask that is normalised over the utterance cannot be streamed; take another model")
        self.context, self.transform = network.context, transform
        self.waiting = torch.empty(0)
        self.behind = 0

    @property
    def lookahead(self) -> int:
        """Samples after a sample that have to be there before it is given, at most."""
        return self.context + STRIDE - 1

    def push(self, chunk: Tensor) -> Tensor:
        """Take the next samples `(n,)` and give those that are ready, `(m,)`."""
        self.waiting = torch.cat([self.waiting.to(chunk), chunk])
        ready = (len(self.waiting) - self.context - self.behind) // STRIDE * STRIDE
        if ready <= 0:
            return chunk[:0]
        return self._advance(ready)

    def flush(self) -> Tensor:
        """The last samples, when no more will come. The stream can then be used for another recording."""
        rest = self._advance(len(self.waiting) - self.behind) if len(self.waiting) > self.behind else self.waiting[:0]
        self.waiting, self.behind = self.waiting[:0], 0
        return rest

    @torch.no_grad()
    def _advance(self, ready: int) -> Tensor:
        end = self.behind + ready
        given = self.transform(self.waiting[None])[0, self.behind : end]
        kept = min(end, self.context)
        self.waiting, self.behind = self.waiting[end - kept :], kept
        return given
