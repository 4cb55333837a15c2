"""Objectives about what a recogniser writes: the victim's output is CTC logits `(batch, frames, characters)`."""

from collections.abc import Sequence
from copy import copy
from typing import Self

import torch
from rapidfuzz.distance import Levenshtein
from torch import Tensor
from torch.nn import functional

from sottovoce.audio.batch import zero_padding
from sottovoce.errors import SottovoceError
from sottovoce.text.alignment import best_path
from sottovoce.text.ctc import BLANK, CTCRecognizer, encode, fewest_frames, greedy


class Transcribe:
    """The recogniser should write given texts.

    Loss: CTC (Graves et al., 2006) to the target, per character.

    Args:
        texts: one for every row, or one for all.
        recognizer: whose alphabet and frames count; it stands at the end of the attacked chain.
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
        """Make sure that the texts fit into recordings of `lengths (batch,)` samples.

        Raises:
            SottovoceError: if one does not.
        """
        frames = self.recognizer.frames(lengths).tolist()
        for numbers, text, count in zip(*self._spread(len(frames)), frames, strict=True):
            if fewest_frames(numbers) > count:
                needed = fewest_frames(numbers)
                raise SottovoceError(f"'{text}' needs {needed} frames, the recording has {count}; take a shorter text")

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        numbers, _ = self._spread(len(outputs))
        sizes = torch.tensor([len(each) for each in numbers])
        losses = functional.ctc_loss(
            outputs.log_softmax(-1).transpose(0, 1),
            torch.cat(numbers).to(outputs.device),
            self.recognizer.frames(lengths),
            sizes.to(outputs.device),
            blank=BLANK,
            reduction="none",
        )
        return losses / sizes.to(outputs.device)

    def distance(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return self.loss(outputs, originals, lengths)

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        _, texts = self._spread(len(outputs))
        written = greedy(outputs, self.recognizer.frames(lengths), self.recognizer.alphabet)
        return torch.tensor([one == other for one, other in zip(written, texts, strict=True)], device=outputs.device)

    def edits(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """How many letters are wrong, added or missing in what is written, `(batch,)`: the lower the better."""
        _, texts = self._spread(len(outputs))
        written = greedy(outputs, self.recognizer.frames(lengths), self.recognizer.alphabet)
        wrong = [Levenshtein.distance(one, other) for one, other in zip(written, texts, strict=True)]
        return torch.tensor(wrong, dtype=torch.float32, device=outputs.device)

    def _spread(self, rows: int) -> tuple[list[Tensor], list[str]]:
        if len(self.texts) == 1:
            return self.numbers * rows, self.texts * rows
        return self.numbers, self.texts


class Spell(Transcribe):
    """The recogniser should write given texts, greedily: for the end of a search, once the texts can be made out.

    Loss: by how much some other character is ahead in the frames of the text's best path, up to a margin:
    Σₜ max(0, max_{c≠πₜ} z_c - z_πₜ + margin) per character, which is the "improved loss" of Carlini and Wagner (2018),
    who take the path π once, from what CTC has found; and a share of the loss of `Transcribe`. CTC is content with a
    text that is probable by many paths, greedy decoding wants one path to lead in every frame.

    Args:
        texts, recognizer: as in `Transcribe`.
        margin: by which a character should lead, in logits.
        ctc: the CTC loss's weight, from 0 to 1; the rest is the leads'.
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
    """The recogniser should write anything but the given texts: the loss is the negative of `Transcribe`'s."""

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return -super().loss(outputs, originals, lengths)

    def edits(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """The negative of `Transcribe`'s."""
        return -super().edits(outputs, originals, lengths)

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return ~super().met(outputs, originals, lengths)
