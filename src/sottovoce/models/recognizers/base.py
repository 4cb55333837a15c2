"""The interface of all speech recognisers."""

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from sottovoce.audio.batch import full_lengths
from sottovoce.text.ctc import CTCRecognizer, greedy, log_likelihood


class Recognizer(Protocol):
    """Anything that transcribes speech.

    One that is differentiable also has `likelihood_of` and `written_of`, which take the network's outputs; see
    `threats.objectives.words.Writer`.

    Attributes:
        name: its name in reports.
        language: ISO 639-1 code of the language that it writes; empty if unknown.
        differentiable: whether `likelihood` is there, with a gradient to the waveforms.
    """

    name: str
    language: str
    differentiable: bool

    @property
    def alphabet(self) -> tuple[str, ...] | None:
        """The characters by index, the blank first as an empty string; None for one that scores no characters."""
        ...

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

    def likelihood(self, waveforms: Tensor, texts: Sequence[str], lengths: Tensor | None = None) -> Tensor:
        """How likely the recogniser thinks it that texts are said, differentiable with respect to the waveforms.

        Args:
            waveforms: `(batch, samples)` float32 at 16 kHz in [-1, 1], right-padded.
            texts: one for each row.
            lengths: `(batch,)` in samples; None when every row is full.

        Returns:
            The natural logarithm of the probability of each whole text, `(batch,)`, not divided by its length;
            -∞ for one that does not fit into the recording.

        Raises:
            SottovoceError: a text has characters that the recogniser cannot write, or it gives no likelihoods.
            ValueError: there is not one text for each row.
        """
        ...


class ByCTC:
    """The likelihoods of a recogniser that scores every character in every frame."""

    differentiable = True

    def likelihood(
        self: CTCRecognizer, waveforms: Tensor, texts: Sequence[str], lengths: Tensor | None = None
    ) -> Tensor:
        """Minus the CTC loss of each text in the spelling of `plain`; see `Recognizer.likelihood`."""
        own = full_lengths(waveforms) if lengths is None else lengths
        return log_likelihood(self.logits(waveforms, lengths), self.frames(own), texts, self.alphabet)

    def likelihood_of(self: CTCRecognizer, outputs: Tensor, texts: Sequence[str], lengths: Tensor) -> Tensor:
        """The same for logits of rows of `lengths (batch,)` samples."""
        return log_likelihood(outputs, self.frames(lengths), texts, self.alphabet)

    def written_of(self: CTCRecognizer, outputs: Tensor, lengths: Tensor) -> list[str]:
        """What such logits spell by the best character of each frame."""
        return greedy(outputs, self.frames(lengths), self.alphabet)
