"""Connectionist temporal classification (CTC): alphabets, encoding, losses and greedy decoding."""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from sottovoce.errors import SottovoceError
from sottovoce.text.spelling import plain

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


def losses(logits: Tensor, frames: Tensor, numbers: Sequence[Tensor]) -> Tensor:
    """The CTC loss (Graves et al., 2006) of each row's text: minus its log-probability, summed over all its paths.

    Args:
        logits: `(batch, frames, characters)`.
        frames: `(batch,)`, number of valid frames per row.
        numbers: the text of each row as `encode` gives it.

    Returns:
        `(batch,)`; infinite, with a gradient of zero, where a text needs more frames than there are.

    Example:
        >>> losses(torch.zeros(1, 2, 2), torch.tensor([2]), [torch.tensor([1])]).exp()  # 3 of the 4 paths spell it
        tensor([1.3333])
    """
    sizes = torch.tensor([len(each) for each in numbers], device=logits.device)
    fits = torch.tensor([fewest_frames(each) for each in numbers], device=logits.device) <= frames.to(logits.device)
    found = functional.ctc_loss(
        logits.log_softmax(-1).transpose(0, 1),
        torch.cat(list(numbers)).to(logits.device),
        frames.to(logits.device),
        sizes,
        blank=BLANK,
        reduction="none",
        zero_infinity=True,  # whose gradient would be NaN
    )
    return torch.where(fits, found, torch.inf)


def log_likelihood(logits: Tensor, frames: Tensor, texts: Sequence[str], alphabet: Sequence[str]) -> Tensor:
    """Log-probability of each row's text in the spelling of `plain`, `(batch,)`; see `losses`.

    Raises:
        SottovoceError: if a character is not in the alphabet.
        ValueError: if there is not one text per row.

    Example:
        >>> log_likelihood(torch.zeros(1, 2, 2), torch.tensor([2]), ["a."], ("", "A")).exp()
        tensor([0.7500])
    """
    if len(texts) != len(logits):
        raise ValueError(f"{len(texts)} texts for {len(logits)} rows")
    return -losses(logits, frames, [encode(plain(text), alphabet) for text in texts])


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
