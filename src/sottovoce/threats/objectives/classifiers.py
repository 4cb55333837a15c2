"""Objectives about a classifier's answer: the victim's output is logits `(batch, classes)`."""

import torch
from torch import Tensor
from torch.nn import functional


class Label:
    """The classifier should answer a given class.

    Loss: cross-entropy (paper C, eq. 6).

    Args:
        targets: int64 `(batch,)`, or `(1,)` for all rows.
    """

    def __init__(self, targets: Tensor) -> None:
        self.targets = targets

    def rows(self, indices: Tensor) -> "Label":
        return self if len(self.targets) == 1 else type(self)(self.targets[indices.to(self.targets.device)])

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return functional.cross_entropy(outputs, self._classes(outputs), reduction="none")

    def distance(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return self.loss(outputs, originals, lengths)

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return outputs.argmax(-1) == self._classes(outputs)

    def _classes(self, outputs: Tensor) -> Tensor:
        return self.targets.to(outputs.device).expand(len(outputs))


class LabelMargin(Label):
    """The same, with how far the best other logit lies above the target's as the loss, negative once it is met.

    What Carlini and Wagner (2017) minimise, and SirenAttack.
    """

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        classes = self._classes(outputs)[:, None]
        others = outputs.scatter(1, classes, -torch.inf).amax(-1)
        return others - outputs.gather(1, classes)[:, 0]
