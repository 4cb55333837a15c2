"""Whether a speaker encoder recognises the original's voice in a protected file."""

from dataclasses import dataclass
from typing import Self

import torch
from pydantic import BaseModel
from torch import Tensor

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.errors import SottovoceError
from sottovoce.models.chain import device_of
from sottovoce.models.speakers import ECAPATDNN, SpeakerEncoder
from sottovoce.weights import store

THRESHOLD = "cosine at equal error"
"""Key of the threshold in the metrics of a card."""
STRETCH = 10 * MODEL_RATE
MOST_STRETCHES = 12


@dataclass(frozen=True)
class Judge:
    """A speaker encoder with the cosine above which two recordings count as the same voice.

    Attributes:
        name: name of the encoder.
        encoder: the network.
        threshold: the cosine at the equal error rate, on speakers it was not trained on.

    Example:
        >>> class Halves(SpeakerEncoder):
        ...     shortest = 2
        ...     def embed(self, waveforms):
        ...         return torch.stack([half.mean(-1) for half in waveforms.chunk(2, -1)], -1)
        >>> judge = Judge("halves", Halves(), threshold=0.5)
        >>> waveform = torch.linspace(0.1, 1.0, 1600)
        >>> likeness(judge, waveform, waveform).recognised
        1
        >>> likeness(judge, waveform, -waveform).recognised
        0
    """

    name: str
    encoder: SpeakerEncoder
    threshold: float

    @classmethod
    def load(cls, name: str) -> Self:
        """Load an encoder whose card states the threshold.

        Args:
            name: name or path of the weights.

        Raises:
            SottovoceError: there is no such model, or its card does not state a threshold.
        """
        card, state = store.load(name)
        if card.architecture != ECAPATDNN.architecture or THRESHOLD not in card.metrics:
            raise SottovoceError(f"{name}: cannot judge voices; take one trained by sottovoce train ecapa-tdnn")
        return cls(name, ECAPATDNN.from_state(card.config, state), card.metrics[THRESHOLD])


class Likeness(BaseModel):
    """Similarity of the voices in two recordings, compared in short stretches, since several people may speak.

    Attributes:
        judge: name of the encoder.
        cosine: cosine of the embeddings, averaged over the stretches.
        threshold: the cosine above which two voices count as the same.
        stretches: number of stretches compared.
        recognised: number of stretches with a cosine above the threshold.
    """

    judge: str
    cosine: float
    threshold: float
    stretches: int
    recognised: int

    def line(self) -> str:
        """The result in one sentence."""
        verdict = "recognises the same voice" if self.recognised else "hears another voice"
        share = f" in {self.recognised or self.stretches} of {self.stretches} stretches" if self.stretches > 1 else ""
        return f"{self.judge} {verdict}{share} (cosine {self.cosine:.2f}, threshold {self.threshold:.2f})"


@torch.no_grad()
def likeness(judge: Judge, original: Tensor, protected: Tensor) -> Likeness:
    """Compare the voices in two recordings in at most 12 stretches of up to 10 s.

    Args:
        judge: the speaker encoder and its threshold.
        original, protected: `(samples,)` at 16 kHz, of the same length.
    """
    cosines = (_embeddings(judge.encoder, original) * _embeddings(judge.encoder, protected)).sum(1)
    return Likeness(
        judge=judge.name,
        cosine=float(cosines.mean()),
        threshold=judge.threshold,
        stretches=len(cosines),
        recognised=int((cosines > judge.threshold).sum()),
    )


def _embeddings(encoder: SpeakerEncoder, waveform: Tensor) -> Tensor:
    """`(stretches, size)`; the remainder at the end counts if it is long enough for an embedding."""
    stretches = [piece for piece in torch.split(waveform, STRETCH) if len(piece) >= encoder.shortest]
    chosen = stretches[:: -(-len(stretches) // MOST_STRETCHES)] if stretches else [waveform]
    return torch.cat([encoder(piece[None].to(device_of(encoder))) for piece in chosen]).cpu()
