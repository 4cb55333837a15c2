"""Whether a protected file still has the original's voice, to a speaker encoder."""

from dataclasses import dataclass
from typing import Self

import torch
from pydantic import BaseModel
from torch import Tensor
from torch.nn import functional

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.errors import SottovoceError
from sottovoce.models import store
from sottovoce.victims.speakers import ECAPATDNN, SpeakerEncoder

THRESHOLD = "cosine at equal error"
"""The key of a card's metrics."""
WINDOW = 10 * MODEL_RATE
MOST_WINDOWS = 12


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
    """How alike two recordings' voices are.

    Attributes:
        judge: what the encoder is called.
        cosine: of the two voices' embeddings.
        threshold: above it they count as one.
    """

    judge: str
    cosine: float
    threshold: float

    def line(self) -> str:
        """In words."""
        verdict = "the same voice" if self.cosine > self.threshold else "another voice"
        return f"{verdict} to {self.judge} (cosine {self.cosine:.2f}, one speaker is above {self.threshold:.2f})"


@torch.no_grad()
def likeness(judge: Judge, original: Tensor, protected: Tensor) -> Likeness:
    """Compare two recordings `(samples,)` at 16 kHz by the mean embedding of windows of up to 10 s, at most 12."""
    voices = [functional.normalize(_embeddings(judge.encoder, each).mean(0), dim=0) for each in (original, protected)]
    return Likeness(judge=judge.name, cosine=float(voices[0] @ voices[1]), threshold=judge.threshold)


def _embeddings(encoder: SpeakerEncoder, waveform: Tensor) -> Tensor:
    """`(windows, size)`; what is left at the end is a window of its own if an embedding can be made of it."""
    windows = [window for window in torch.split(waveform, WINDOW) if len(window) >= encoder.shortest]
    chosen = windows[:: -(-len(windows) // MOST_WINDOWS)] if windows else [waveform]
    embedded = [encoder(window[None])[0] for window in chosen]
    return torch.stack(embedded)
