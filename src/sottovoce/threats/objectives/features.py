"""Objectives for networks whose outputs are states of a hidden layer, `(batch, frames, channels)`."""

from typing import Self

from torch import Tensor
from torch.nn import functional

from sottovoce.audio.batch import length_mask
from sottovoce.ranges import number
from sottovoce.threats.settings import Settings


class OtherFeatures(Settings):
    """The network should see something else than in the original.

    Loss: the cosine between the states and those of the original, mean over the frames. Losses on hidden layers cross
    to other networks more easily than those on what one network makes of them (Naseer et al., 2018).

    Args:
        references: the states of the originals, `(batch, frames, channels)`.
        frames: number of frames of each row, `(batch,)`; what comes after is ignored.
        threshold: met when the mean cosine is below this.

    Raises:
        ValueError: the threshold is outside of [-1, 1].

    Example:
        >>> import torch
        >>> states = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
        >>> wish = OtherFeatures(states, torch.tensor([2]))
        >>> wish.loss(states.flip(1), torch.zeros(1, 640), torch.tensor([640]))
        tensor([0.])
    """

    def __init__(self, references: Tensor, frames: Tensor, *, threshold: float = 0.5) -> None:
        self.references, self.frames = references.detach(), frames
        self.threshold = number("threshold", threshold, least=-1, most=1)

    def rows(self, indices: Tensor) -> Self:
        return type(self)(self.references[indices], self.frames[indices], threshold=self.threshold)

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        count = outputs.shape[1]  # rows chosen from the batch may be shorter than the longest
        cosines = functional.cosine_similarity(outputs, self.references[:, :count], dim=-1)
        own = length_mask(self.frames.to(outputs.device), count)
        return (cosines * own).sum(1) / own.sum(1)

    def distance(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """The mean cosine plus 1: from 0 (opposite) to 2 (the same)."""
        return 1.0 + self.loss(outputs, originals, lengths)

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return self.loss(outputs, originals, lengths) < self.threshold
