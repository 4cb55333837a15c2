"""Objectives about who speaks: the victim's output is the similarity `(batch,)` to a reference voice."""

from typing import Self

from torch import Tensor


class _Cosine:
    """The reference lies in the victim, so that all rows have the same objective."""

    def rows(self, indices: Tensor) -> Self:
        return self


class AwayFrom(_Cosine):
    """The voice should not be taken for the reference: the loss is the cosine itself (paper 004, eq. 2).

    Args:
        threshold: met below this cosine.
    """

    def __init__(self, threshold: float = 0.25) -> None:
        self.threshold = threshold

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return outputs

    def distance(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """From 0, opposite, to 2, alike."""
        return 1.0 + outputs

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return outputs < self.threshold


class TowardsSpeaker(_Cosine):
    """The voice should be taken for the reference.

    Args:
        threshold: met above this cosine.
    """

    def __init__(self, threshold: float = 0.25) -> None:
        self.threshold = threshold

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return -outputs

    def distance(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """From 0, alike, to 2, opposite."""
        return 1.0 - outputs

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return outputs > self.threshold
