"""Whether a protected file still has the original's voice, to a speaker encoder."""

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
    """A speaker encoder with the cosine above which two recordings count as one voice.

    Attributes:
        name: what it is called.
        encoder: the network.
        threshold: where it is wrong as often either way, on speakers it was not trained on.
    """

    name: str
    encoder: SpeakerEncoder
    threshold: float

    @classmethod
    def load(cls, name: str) -> Self:
        """By the name or path of weights whose card states the threshold.

        Raises:
            SottovoceError: there is no such model, or its card states none.
        """
        card, state = store.load(name)
        if card.architecture != ECAPATDNN.architecture or THRESHOLD not in card.metrics:
            raise SottovoceError(f"{name}: cannot judge voices; take one trained by sottovoce train ecapa-tdnn")
        return cls(name, ECAPATDNN.from_state(card.config, state), card.metrics[THRESHOLD])


class Likeness(BaseModel):
    """How alike two recordings' voices are, stretch by stretch, so that several speakers are no trouble.

    Attributes:
        judge: what the encoder is called.
        cosine: of the embeddings, the mean over the stretches.
        threshold: above it two count as one voice.
        stretches: how many were compared.
        recognised: how many of them have a cosine above the threshold.
    """

    judge: str
    cosine: float
    threshold: float
    stretches: int
    recognised: int

    def line(self) -> str:
        """In words."""
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
    """`(stretches, size)`; what is left at the end is one of its own if an embedding can be made of it."""
    stretches = [piece for piece in torch.split(waveform, STRETCH) if len(piece) >= encoder.shortest]
    chosen = stretches[:: -(-len(stretches) // MOST_STRETCHES)] if stretches else [waveform]
    return torch.cat([encoder(piece[None]) for piece in chosen])
