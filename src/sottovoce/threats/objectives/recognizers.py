"""Objectives for recognisers, whose outputs are CTC logits `(batch, frames, characters)`."""

from collections.abc import Sequence
from copy import copy
from typing import Self

import torch
from rapidfuzz.distance import Levenshtein
from torch import Tensor

from sottovoce.audio.batch import zero_padding
from sottovoce.errors import SottovoceError
from sottovoce.text.alignment import best_path
from sottovoce.text.ctc import CTCRecognizer, encode, fewest_frames, greedy, losses
from sottovoce.threats.settings import Settings


class Transcribe(Settings):
    """The recogniser should output given texts.

    Loss: CTC loss (Graves et al., 2006) per character.

    Args:
        texts: one for each row, or a single one for all rows.
        recognizer: the recogniser at the end of the attacked chain; gives the alphabet and the number of frames.

    Example:
        >>> class Recognizer:
        ...     alphabet = ("", "H", "I")
        ...     def frames(self, lengths):
        ...         return lengths // 160
        >>> logits = 9 * torch.nn.functional.one_hot(torch.tensor([[1, 0, 2]]), 3).float()
        >>> originals, lengths = torch.zeros(1, 480), torch.tensor([480])
        >>> Transcribe(["HI"], Recognizer()).met(logits, originals, lengths)
        tensor([True])
    """

    def __init__(self, texts: Sequence[str], recognizer: CTCRecognizer) -> None:
        self.texts, self.recognizer = list(texts), recognizer
        self.numbers = [encode(text, recognizer.alphabet) for text in texts]

    def rows(self, indices: Tensor) -> Self:
        if len(self.texts) == 1:
            return self
        part, places = copy(self), indices.tolist()
        part.texts, part.numbers = [self.texts[row] for row in places], [self.numbers[row] for row in places]
        return part

    def check(self, lengths: Tensor) -> None:
        """Check that the texts fit into recordings of `lengths (batch,)` samples.

        Raises:
            SottovoceError: a text does not fit.
        """
        frames = self.recognizer.frames(lengths).tolist()
        for numbers, text, count in zip(*self._spread(len(frames)), frames, strict=True):
            if fewest_frames(numbers) > count:
                needed = fewest_frames(numbers)
                raise SottovoceError(f"'{text}' needs {needed} frames, the recording has {count}; take a shorter text")

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        numbers, _ = self._spread(len(outputs))
        sizes = torch.tensor([len(each) for each in numbers], device=outputs.device)
        return losses(outputs, self.recognizer.frames(lengths), numbers) / sizes

    def distance(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return self.loss(outputs, originals, lengths)

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        _, texts = self._spread(len(outputs))
        written = greedy(outputs, self.recognizer.frames(lengths), self.recognizer.alphabet)
        return torch.tensor([one == other for one, other in zip(written, texts, strict=True)], device=outputs.device)

    def edits(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """Levenshtein distance of the output to the text, lower is better: `(batch,)`."""
        _, texts = self._spread(len(outputs))
        written = greedy(outputs, self.recognizer.frames(lengths), self.recognizer.alphabet)
        wrong = [Levenshtein.distance(one, other) for one, other in zip(written, texts, strict=True)]
        return torch.tensor(wrong, dtype=torch.float32, device=outputs.device)

    def _spread(self, rows: int) -> tuple[list[Tensor], list[str]]:
        if len(self.texts) == 1:
            return self.numbers * rows, self.texts * rows
        return self.numbers, self.texts


class Spell(Transcribe):
    """The recogniser should output given texts when decoded greedily; for the end of a search, close to the texts.

    Loss: the hinge loss of the text's best path π, Σₜ max(0, max_{c≠πₜ} z_c - z_πₜ + margin) per character, mixed with
    the loss of `Transcribe`. The hinge loss is the "improved loss" of Carlini and Wagner (2018), who determine π once,
    after a search with CTC. The CTC loss is already low if many paths together make a text probable; greedy decoding
    needs a single path that leads in every frame.

    Args:
        texts: as in `Transcribe`.
        recognizer: as in `Transcribe`.
        margin: lead of each character over all others, in logits.
        ctc: weight of the CTC loss, from 0 to 1; the hinge loss has the remaining weight.

    Example:
        >>> class Recognizer:
        ...     alphabet = ("", "H", "I")
        ...     def frames(self, lengths):
        ...         return lengths // 160
        >>> logits = 9 * torch.nn.functional.one_hot(torch.tensor([[1, 0, 2]]), 3).float()
        >>> originals, lengths = torch.zeros(1, 480), torch.tensor([480])
        >>> Spell(["HI"], Recognizer(), margin=10.0).loss(logits, originals, lengths)
        tensor([1.5000])
    """

    def __init__(
        self, texts: Sequence[str], recognizer: CTCRecognizer, *, margin: float = 0.5, ctc: float = 0.0
    ) -> None:
        super().__init__(texts, recognizer)
        self.margin, self.ctc = margin, ctc

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        frames = self.recognizer.frames(lengths)
        numbers, _ = self._spread(len(outputs))
        path = best_path(outputs, frames, numbers)[..., None]
        ahead = outputs.scatter(-1, path, -torch.inf).amax(-1) - outputs.gather(-1, path)[..., 0]
        lacking = zero_padding((ahead + self.margin).clamp(min=0.0), frames).sum(-1)
        sizes = torch.tensor([len(each) for each in numbers], device=outputs.device)
        leads = (1.0 - self.ctc) * lacking / sizes
        return leads + self.ctc * super().loss(outputs, originals, lengths) if self.ctc else leads


class Mistranscribe(Transcribe):
    """The recogniser should output anything but the given texts.

    Loss: the negative of that of `Transcribe`.

    Args:
        texts: as in `Transcribe`.
        recognizer: as in `Transcribe`.

    Example:
        >>> class Recognizer:
        ...     alphabet = ("", "H", "I")
        ...     def frames(self, lengths):
        ...         return lengths // 160
        >>> logits = 9 * torch.nn.functional.one_hot(torch.tensor([[1, 0, 2]]), 3).float()
        >>> originals, lengths = torch.zeros(1, 480), torch.tensor([480])
        >>> Mistranscribe(["HI"], Recognizer()).met(logits, originals, lengths)
        tensor([False])
    """

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return -super().loss(outputs, originals, lengths)

    def edits(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """The negative Levenshtein distance of the output to the text, lower is better: `(batch,)`."""
        return -super().edits(outputs, originals, lengths)

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return ~super().met(outputs, originals, lengths)
