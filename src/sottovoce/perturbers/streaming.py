"""A perturber on sound as it arrives, with the same result as on the whole recording."""

from collections.abc import Callable

import torch
from torch import Tensor

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.errors import SottovoceError
from sottovoce.perturbers.ssed import STRIDE, MaskedNoise

CHUNK = 10 * MODEL_RATE
"""Samples in a chunk of `streamed`."""


class Stream:
    """Runs a network chunk by chunk; the outputs, concatenated, are what the network gives for the whole recording.

    A sample is returned once the `lookahead` samples after it have arrived. Each chunk is computed together with its
    context on either side, so that only the ends of the recording are ends to the network.

    Args:
        network: whose context is needed.
        transform: `(1, samples)` to the same shape, by that network.

    Raises:
        SottovoceError: the network normalises over whole utterances.

    Example:
        >>> from sottovoce.perturbers import SSED
        >>> network = SSED(channels=4, blocks=1).eval()
        >>> stream = Stream(network.generator, network)
        >>> chunks = [stream.push(torch.zeros(100)) for _ in range(3)] + [stream.flush()]
        >>> sum(len(chunk) for chunk in chunks)
        300
    """

    def __init__(self, network: MaskedNoise, transform: Callable[[Tensor], Tensor]) -> None:
        if network.normalised:
            raise SottovoceError("a mask that is normalised over the utterance cannot be streamed; take another model")
        self.context, self.transform = network.context, transform
        self.waiting = torch.empty(0)
        self.behind = 0

    @property
    def lookahead(self) -> int:
        """The largest number of later samples that must arrive before a sample is returned."""
        return self.context + STRIDE - 1

    def push(self, chunk: Tensor) -> Tensor:
        """Take the next samples `(n,)` and return those that are ready, `(m,)`."""
        self.waiting = torch.cat([self.waiting.to(chunk), chunk])
        ready = (len(self.waiting) - self.context - self.behind) // STRIDE * STRIDE
        if ready <= 0:
            return chunk[:0]
        return self._advance(ready)

    def flush(self) -> Tensor:
        """The last samples, once no more will arrive. The stream can then be used for another recording."""
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


@torch.no_grad()
def streamed(
    network: MaskedNoise,
    transform: Callable[[Tensor], Tensor],
    waveform: Tensor,
    progress: Callable[[float], None] = lambda _: None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """A whole recording through a network in bounded memory.

    Args:
        network, transform: as in `Stream`; a network that cannot be streamed gets the recording in one piece.
        waveform: `(samples,)`.
        progress: called with the finished share, from 0 to 1.
        out: where to put the result, `(samples,)`; None for a new tensor.

    Returns:
        `(samples,)`.
    """
    found = torch.empty_like(waveform) if out is None else out
    if network.normalised:
        return found.copy_(transform(waveform[None])[0])
    stream, done = Stream(network, transform), 0
    for start in range(0, len(waveform) + CHUNK, CHUNK):
        piece = stream.push(waveform[start : start + CHUNK]) if start < len(waveform) else stream.flush()
        found[done : done + len(piece)] = piece
        done += len(piece)
        progress(min(1.0, (start + CHUNK) / len(waveform)))
    return found
