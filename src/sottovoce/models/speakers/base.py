"""The base class of all speaker encoders."""

from typing import Self

from torch import Tensor
from torch.nn import functional

from sottovoce.audio.batch import by_length, full_lengths
from sottovoce.errors import SottovoceError
from sottovoce.models.base import Model
from sottovoce.weights import Card

THRESHOLD = "cosine at equal error"
"""Key of the threshold in the metrics of a card."""


class SpeakerEncoder(Model):
    """Waveforms in, unit embeddings `(batch, size)` out; their cosine measures how similar two voices are.

    Subclasses implement `embed`. Rows of equal length are processed together, because statistics over time, reflection
    padding and partial windows all depend on where a row ends.

    Attributes:
        shortest: smallest number of samples that can be embedded.
        threshold: the cosine at the equal error rate, on speakers it was not trained on, above which two recordings
            count as the same voice; None if nobody has measured it.

    Example:
        >>> import torch
        >>> class Statistics(SpeakerEncoder):
        ...     shortest = 1
        ...     def embed(self, waveforms):
        ...         return torch.stack([waveforms.mean(-1), waveforms.abs().amax(-1)], -1)
        >>> Statistics()(torch.tensor([[0.3, 0.5, 0.0]]), lengths=torch.tensor([2]))
        tensor([[0.6247, 0.7809]])
    """

    shortest: int
    threshold: float | None = None

    @classmethod
    def from_card(cls, card: Card, state: dict[str, Tensor], *, name: str = "") -> Self:
        """As for all models, with the threshold that the card states."""
        network = super().from_card(card, state, name=name)
        network.threshold = card.metrics.get(THRESHOLD)
        return network

    def embed(self, waveforms: Tensor) -> Tensor:
        """Embeddings `(batch, size)` of any norm from waveforms `(batch, samples)` without padding."""
        raise NotImplementedError

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Embed a batch.

        Args:
            waveforms: `(batch, samples)` float32 at 16 kHz in [-1, 1], right-padded.
            lengths: `(batch,)` in samples; None when every row is full.

        Returns:
            `(batch, size)`, rows of norm 1.

        Raises:
            SottovoceError: if a row is shorter than `shortest`.
        """
        lengths = full_lengths(waveforms) if lengths is None else lengths.to(waveforms.device)
        if int(lengths.min()) < self.shortest:
            milliseconds = (self.shortest + 15) // 16
            raise SottovoceError(f"{int(lengths.min())} samples are too short to tell a voice; give {milliseconds} ms")
        return functional.normalize(by_length(self.embed, waveforms, lengths))
