"""What all speech recognisers have in common."""

import re
from typing import Protocol

from torch import Tensor

RATE = 16_000
_NOT_A_WORD = re.compile(r"[^\w']+|_")


class Recognizer(Protocol):
    """Anything that writes down what is said.

    Attributes:
        name: what reports call it.
    """

    name: str

    def transcribe(self, waveforms: Tensor, lengths: Tensor | None = None) -> list[str]:
        """Write down a batch.

        Args:
            waveforms: `(batch, samples)` float32 at 16 kHz in [-1, 1], right-padded.
            lengths: `(batch,)` in samples; None when every row is full.

        Returns:
            One text per row in the spelling of `plain`; empty where nothing was recognised. What a row gives depends
            neither on its padding nor on the other rows, nor on what was transcribed before.
        """
        ...


def plain(text: str) -> str:
    """The words of a text in the spelling that all recognisers share.

    Upper case, one space between words, no punctuation but the apostrophe.
    """
    words = _NOT_A_WORD.sub(" ", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")).upper().split()
    return " ".join(word for word in words if word.strip("'"))
