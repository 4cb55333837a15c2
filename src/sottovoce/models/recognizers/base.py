"""The interface of all speech recognisers."""

from typing import Protocol

from torch import Tensor


class Recognizer(Protocol):
    """Anything that transcribes speech.

    Attributes:
        name: its name in reports.
        language: ISO 639-1 code of the language that it writes; empty if unknown.
    """

    name: str
    language: str

    def transcribe(self, waveforms: Tensor, lengths: Tensor | None = None) -> list[str]:
        """Transcribe a batch.

        Args:
            waveforms: `(batch, samples)` float32 at 16 kHz in [-1, 1], right-padded.
            lengths: `(batch,)` in samples; None when every row is full.

        Returns:
            One text per row in the spelling of `text.spelling.plain`, empty if nothing was recognised. The text of a
            row does not depend on its padding, on the other rows or on earlier calls.
        """
        ...
