"""Whether a speaker encoder still hears the original's voice in a protected file."""

from dataclasses import dataclass
from typing import Self

import torch
from pydantic import BaseModel
from torch import Tensor

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.errors import SottovoceError
from sottovoce.models.speakers import ECAPATDNN, SpeakerEncoder
from sottovoce.weights import store

THRESHOLD = "cosine at equal error"
"""The key of a card's metrics."""
STRETCH = 10 * MODEL_RATE
MOST_STRETCHES = 12


@dataclass(frozen=True)
class Judge:
    """A speaker encoder with the cosine above which two recordings count as the same voice.

    Attributes:
        name: of the encoder.
        encoder: the network.
        threshold: the cosine at the equal error rate, on speakers it was not trained on.
    """

    name: str
    encoder: SpeakerEncoder
    threshold: float

    @classmethod
    def load(cls, name: str) -> Self:
        """Load the weights of that name or path, whose card states the threshold.

        Raises:
            SottovoceError: there is no such model, or its card states none.
        """
        card, state = store.load(name)
        if card.architecture != ECAPATDNN.architecture or THRESHOLD not in card.metrics:
            raise SottovoceError(f"{name}: cannot judge voices; take one trained by sottovoce train ecapa-tdnn")
        return cls(name, ECAPATDNN.from_state(card.config, state), card.metrics[THRESHOLD])


class Likeness(BaseModel):
    """How similar two recordings' voices are, stretch by stretch, since several people may speak.

    Attributes:
        judge: name of the encoder.
        cosine: of the embeddings, the mean over the stretches.
        threshold: the cosine above which two count as the same voice.
        stretches: number of stretches compared.
        recognised: number of them with a cosine above the threshold.
    """

    judge: str
    cosine: float
    threshold: float
    stretches: int
    recognised: int

    def line(self) -> str:
        """One sentence for people."""
        share = f" in {self.recognised or self.stretches} of {self.stretches} stretches" if self.stretches > 1 else ""
        verdict = "the same voice" if self.recognised else "another voice"
        return f"{verdict}{share} to {self.judge} (cosine {self.cosine:.2f}, one speaker is above {self.threshold:.2f})"


@torch.no_grad()
def likeness(judge: Judge, original: Tensor, protected: Tensor) -> Likeness:
    """Compare two recordings `(samples,)` at 16 kHz of one length in stretches of up to 10 s, at most 12 of them."""
    cosines = (_embeddings(judge.encoder, original) * _embeddings(judge.encoder, protected)).sum(1)
    return Likeness(
        judge=judge.name,
        cosine=float(cosines.mean()),
        threshold=judge.threshold,
        stretches=len(cosines),
        recognised=int((cosines > judge.threshold).sum()),
    )


def _embeddings(encoder: SpeakerEncoder, waveform: Tensor) -> Tensor:
    """`(stretches, size)`; the rest at the end counts if it is long enough for an embedding."""
    stretches = [piece for piece in torch.split(waveform, STRETCH) if len(piece) >= encoder.shortest]
    chosen = stretches[:: -(-len(stretches) // MOST_STRETCHES)] if stretches else [waveform]
    return torch.cat([encoder(piece[None].to(encoder.device)) for piece in chosen]).cpu()
