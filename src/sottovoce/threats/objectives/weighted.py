"""An objective that counts more or less than others."""

from typing import Self

from torch import Tensor

from sottovoce.ranges import number
from sottovoce.threats.objectives.base import Objective
from sottovoce.threats.settings import Settings


class Weighted(Settings):
    """Multiplies the loss and the distance of an objective; when it is met does not change.

    Args:
        objective: what is wanted.
        weight: the factor.

    Raises:
        ValueError: the weight is negative or not finite.

    Example:
        >>> import torch
        >>> from sottovoce.threats import AwayFrom
        >>> cosines, originals, lengths = torch.tensor([0.9, 0.1]), torch.zeros(2, 160), torch.tensor([160, 160])
        >>> half = Weighted(AwayFrom(threshold=0.25), 0.5)
        >>> half.loss(cosines, originals, lengths), half.met(cosines, originals, lengths)
        (tensor([0.4500, 0.0500]), tensor([False,  True]))
    """

    def __init__(self, objective: Objective, weight: float) -> None:
        self.objective, self.weight = objective, number("weight", weight, least=0)

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return self.weight * self.objective.loss(outputs, originals, lengths)

    def distance(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return self.weight * self.objective.distance(outputs, originals, lengths)

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return self.objective.met(outputs, originals, lengths)

    def rows(self, indices: Tensor) -> Self:
        return type(self)(self.objective.rows(indices), self.weight)
