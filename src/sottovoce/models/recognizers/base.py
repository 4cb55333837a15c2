"""What all speech recognisers have in common."""

from typing import Protocol

from torch import Tensor


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
            One text per row, spelt as `text.spelling.plain` does; empty where nothing was recognised. A row's text
            depends neither on its padding nor on the other rows, nor on what was transcribed before.
        """
        ...
