"""Connectionist temporal classification (CTC): alphabets, encoding and greedy decoding."""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from sottovoce.errors import SottovoceError

LETTERS = " 'ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BLANK = 0


class CTCRecognizer(Protocol):
    """A differentiable recogniser that scores every character in every frame."""

    @property
    def alphabet(self) -> Sequence[str]:
        """The characters by index, with an empty string for the blank."""
        ...

    def logits(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Scores `(batch, frames, characters)` before the softmax for waveforms `(batch, samples)`."""
        ...

    def frames(self, lengths: Tensor) -> Tensor:
        """Number of frames for `lengths (batch,)` in samples: `(batch,)`."""
        ...


def encode(text: str, alphabet: Sequence[str]) -> Tensor:
    """The indices of the characters of a text: int64 `(characters,)`.

    Raises:
        SottovoceError: if a character is not in the alphabet.

    Example:
        >>> encode("ABBA", ("", "A", "B"))
        tensor([1, 2, 2, 1])
    """
    numbers = {character: number for number, character in enumerate(alphabet) if character}
    if strange := sorted(set(text) - set(numbers)):
        raise SottovoceError(f"the recogniser cannot write {' '.join(map(repr, strange))}; use {''.join(numbers)!r}")
    return torch.tensor([numbers[character] for character in text], dtype=torch.int64)


def fewest_frames(numbers: Tensor) -> int:
    """Smallest number of frames for a text: one per character, and a blank between two equal ones."""
    return len(numbers) + int((numbers[1:] == numbers[:-1]).sum())


def greedy(logits: Tensor, frames: Tensor, alphabet: Sequence[str]) -> list[str]:
    """The texts spelt by the best character of each frame, without repetitions and blanks.

    Args:
        logits: `(batch, frames, characters)`.
        frames: `(batch,)`, number of valid frames per row.
        alphabet: the characters by index.
    """
    best = logits.argmax(-1)
    spans = [torch.unique_consecutive(row[:count]) for row, count in zip(best, frames.tolist(), strict=True)]
    return ["".join(alphabet[number] for number in span.tolist()).strip() for span in spans]
