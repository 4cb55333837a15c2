"""Objectives for speaker encoders; outputs are cosine similarities `(batch,)` to a reference voice."""

from typing import Self

from torch import Tensor

from sottovoce.ranges import number
from sottovoce.threats.settings import Settings


class _Cosine(Settings):
    """Base class; the listener holds the reference, so all rows have the same objective."""

    def rows(self, indices: Tensor) -> Self:
        return self


class AwayFrom(_Cosine):
    """The voice should not be taken for the reference voice.

    Loss: the cosine similarity (Guo et al., 2024, eq. 2). With a margin, which the paper does not have, it falls no
    further than that below the threshold, so that a search against several encoders turns to those that still
    recognise the voice.

    Args:
        threshold: met when the cosine similarity is below this.
        margin: distance from the threshold below which the loss is flat, at least 0; None for no limit.

    Raises:
        ValueError: the margin is negative.

    Example:
        >>> import torch
        >>> cosines, originals, lengths = torch.tensor([0.9, 0.1]), torch.zeros(2, 160), torch.tensor([160, 160])
        >>> AwayFrom(threshold=0.25).met(cosines, originals, lengths)
        tensor([False,  True])
    """

    def __init__(self, threshold: float = 0.25, margin: float | None = None) -> None:
        self.threshold = threshold
        self.margin = None if margin is None else number("margin", margin, least=0)

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return outputs if self.margin is None else outputs.clamp(min=self.threshold - self.margin)

    def distance(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """The cosine similarity plus 1: from 0 (opposite) to 2 (identical)."""
        return 1.0 + outputs

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return outputs < self.threshold


class TowardsSpeaker(_Cosine):
    """The voice should be taken for the reference voice.

    Loss: the negative cosine similarity.

    Args:
        threshold: met when the cosine similarity is above this.

    Example:
        >>> import torch
        >>> cosines, originals, lengths = torch.tensor([0.9, 0.1]), torch.zeros(2, 160), torch.tensor([160, 160])
        >>> TowardsSpeaker(threshold=0.25).met(cosines, originals, lengths)
        tensor([ True, False])
    """

    def __init__(self, threshold: float = 0.25) -> None:
        self.threshold = threshold

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return -outputs

    def distance(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """The cosine distance: from 0 (identical) to 2 (opposite)."""
        return 1.0 - outputs

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return outputs > self.threshold
