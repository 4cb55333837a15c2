"""What recognisers that spell share: an alphabet with a blank, and the way from frames to text."""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from sottovoce.errors import SottovoceError

LETTERS = " 'ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BLANK = 0


class CTCRecognizer(Protocol):
    """A differentiable recogniser that gives a score to every character in every frame."""

    @property
    def alphabet(self) -> Sequence[str]:
        """The characters by number; an empty string is the blank."""
        ...

    def logits(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Scores `(batch, frames, characters)` before the softmax, of waveforms `(batch, samples)`."""
        ...

    def frames(self, lengths: Tensor) -> Tensor:
        """How many frames `lengths (batch,)` samples give: `(batch,)`."""
        ...


def encode(text: str, alphabet: Sequence[str]) -> Tensor:
    """The numbers of a text's characters: int64 `(characters,)`.

    Raises:
        SottovoceError: if a character is not in the alphabet.
    """
    numbers = {character: number for number, character in enumerate(alphabet) if character}
    if strange := sorted(set(text) - set(numbers)):
        raise SottovoceError(f"the recogniser cannot write {' '.join(map(repr, strange))}; use {''.join(numbers)!r}")
    return torch.tensor([numbers[character] for character in text], dtype=torch.int64)


def fewest_frames(numbers: Tensor) -> int:
    """How many frames a text needs at least: one a character, and a blank between two that are the same."""
    return len(numbers) + int((numbers[1:] == numbers[:-1]).sum())


def greedy(logits: Tensor, frames: Tensor, alphabet: Sequence[str]) -> list[str]:
    """The text of the best character of every frame, repetitions and blanks taken out.

    Args:
        logits: `(batch, frames, characters)`.
        frames: `(batch,)`, how many of them count.
        alphabet: the characters by number.
    """
    best = logits.argmax(-1)
    spans = [torch.unique_consecutive(row[:count]) for row, count in zip(best, frames.tolist(), strict=True)]
    return ["".join(alphabet[number] for number in span.tolist()).strip() for span in spans]
