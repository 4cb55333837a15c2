"""The objective of an attack: a loss for each example, and whether it is met."""

from typing import Protocol

from torch import Tensor


class Objective(Protocol):
    """What a listener should output.

    In all methods, `outputs` are the listener's outputs for the attacked batch, `originals (batch, samples)` the
    unattacked waveforms and `lengths (batch,)` their lengths in samples.
    """

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """The loss of each row, lower is closer to the objective: `(batch,)`."""
        ...

    def distance(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """The loss on the scale of a norm (not squared), for attacks that weigh it against one: `(batch,)`."""
        ...

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """Whether each row meets the objective: bool `(batch,)`."""
        ...

    def rows(self, indices: Tensor) -> "Objective":
        """The objective for the given rows of the batch, in that order, repetitions allowed."""
        ...
