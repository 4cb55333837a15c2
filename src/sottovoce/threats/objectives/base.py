"""What an attack is after: a loss per example, and whether it is met."""

from typing import Protocol

from torch import Tensor


class Objective(Protocol):
    """What an attack wants.

    `outputs` is what the victim gives for the attacked batch, `originals (batch, samples)` the unattacked waveforms and
    `lengths (batch,)` their lengths in samples.
    """

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """The distance from the objective, lower is nearer: `(batch,)`."""
        ...

    def distance(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """The same on the scale of a norm (unsquared), for attacks that weigh it against a norm: `(batch,)`."""
        ...

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """Whether each example is there: bool `(batch,)`."""
        ...

    def rows(self, indices: Tensor) -> "Objective":
        """The same for those rows of the batch, in that order; a row may be named several times."""
        ...
