"""Objectives for recognisers of every kind, by the likelihood that they give a text."""

from collections.abc import Sequence
from copy import copy
from typing import Protocol, Self

import torch
from torch import Tensor

from sottovoce.ranges import number
from sottovoce.text.spelling import plain
from sottovoce.threats.settings import Settings


class Writer(Protocol):
    """A recogniser whose outputs tell how likely texts are, such as CTC logits or Whisper's encoder states."""

    def likelihood_of(self, outputs: Tensor, texts: Sequence[str], lengths: Tensor) -> Tensor:
        """Log-likelihoods of texts, one for each row of outputs: `(batch,)`."""
        ...

    def written_of(self, outputs: Tensor, lengths: Tensor) -> list[str]:
        """What is written for each row of outputs."""
        ...


class _Words(Settings):
    def __init__(self, texts: Sequence[str], recognizer: Writer) -> None:
        self.texts, self.recognizer = list(texts), recognizer

    def rows(self, indices: Tensor) -> Self:
        if len(self.texts) == 1:
            return self
        part = copy(self)
        part.texts = [self.texts[row] for row in indices.tolist()]
        return part

    def distance(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return self.loss(outputs, originals, lengths)

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        raise NotImplementedError

    def _per_letter(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        """Log-likelihood of each row's text, divided by its length: `(batch,)`."""
        texts = self._spread(len(outputs))
        sizes = torch.tensor([max(1, len(text)) for text in texts], device=outputs.device)
        return self.recognizer.likelihood_of(outputs, texts, lengths) / sizes

    def _written(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        """Whether each row's text is written: bool `(batch,)`."""
        written = self.recognizer.written_of(outputs, lengths)
        same = [plain(one) == plain(other) for one, other in zip(written, self._spread(len(outputs)), strict=True)]
        return torch.tensor(same, device=outputs.device)

    def _spread(self, rows: int) -> list[str]:
        return self.texts * rows if len(self.texts) == 1 else self.texts


class TheseWords(_Words):
    """The recogniser should write given texts; an empty one makes it end at once ("muted").

    Loss: minus the log-likelihood of the text per letter. Raina and Gales (2024, "Muting Whisper") mute by the
    likelihood of the end of the text; for whoever should go on understanding, the text is what is said.

    Args:
        texts: one for each row, or a single one for all rows.
        recognizer: the recogniser at the end of the attacked chain.

    Example:
        >>> class Sure:
        ...     def likelihood_of(self, outputs, texts, lengths):
        ...         return -outputs.square().sum(1)
        ...     def written_of(self, outputs, lengths):
        ...         return ["Hi!"] * len(outputs)
        >>> outputs, lengths = torch.tensor([[2.0, 0.0]]), torch.tensor([2])
        >>> wish = TheseWords(["HI"], Sure())
        >>> wish.loss(outputs, outputs, lengths), wish.met(outputs, outputs, lengths)
        (tensor([2.]), tensor([True]))
    """

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return -self._per_letter(outputs, lengths)

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return self._written(outputs, lengths)


class OtherWords(_Words):
    """The recogniser should write anything but the given texts.

    Loss: the log-likelihood of the text per letter, down to minus the margin. Where it is lower the gradient vanishes,
    so that of several listeners those count that still understand.

    Args:
        texts: one for each row, or a single one for all rows.
        recognizer: the recogniser at the end of the attacked chain.
        margin: in nats per letter (default: 100, which is seldom reached).

    Raises:
        ValueError: the margin is not positive.

    Example:
        >>> class Sure:
        ...     def likelihood_of(self, outputs, texts, lengths):
        ...         return -outputs.square().sum(1)
        ...     def written_of(self, outputs, lengths):
        ...         return ["Hi!"] * len(outputs)
        >>> outputs, lengths = torch.tensor([[2.0, 0.0]]), torch.tensor([2])
        >>> OtherWords(["HI"], Sure(), margin=1.5).loss(outputs, outputs, lengths)
        tensor([-1.5000])
    """

    def __init__(self, texts: Sequence[str], recognizer: Writer, *, margin: float = 100.0) -> None:
        super().__init__(texts, recognizer)
        self.margin = number("margin", margin, above=0)

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return self._per_letter(outputs, lengths).clamp(min=-self.margin)

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return ~self._written(outputs, lengths)
