"""Objectives for classifiers, whose outputs are logits `(batch, classes)`."""

import torch
from torch import Tensor
from torch.nn import functional

from sottovoce.threats.settings import Settings


class Label(Settings):
    """The classifier should output a given class.

    Loss: cross-entropy (Wang et al., 2020, eq. 6).

    Args:
        targets: class numbers, int64 `(batch,)`, or `(1,)` for all rows.

    Example:
        >>> logits, originals, lengths = torch.tensor([[2.0, 0.0]]), torch.zeros(1, 160), torch.tensor([160])
        >>> objective = Label(torch.tensor([1]))
        >>> objective.loss(logits, originals, lengths), objective.met(logits, originals, lengths)
        (tensor([2.1269]), tensor([False]))
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
    """The classifier should output a given class, by the margin of its logit.

    Loss: the largest other logit minus the target's, negative once the objective is met, as minimised by Carlini and
    Wagner (2017) and SirenAttack (Du et al., 2019).

    Args:
        targets: as in `Label`.

    Example:
        >>> logits, originals, lengths = torch.tensor([[2.0, 0.5]]), torch.zeros(1, 160), torch.tensor([160])
        >>> LabelMargin(torch.tensor([1])).loss(logits, originals, lengths)
        tensor([1.5000])
    """

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        classes = self._classes(outputs)[:, None]
        others = outputs.scatter(1, classes, -torch.inf).amax(-1)
        return others - outputs.gather(1, classes)[:, 0]
