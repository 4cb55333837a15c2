"""How much a voice sounds like a given one."""

from torch import Tensor, nn

from sottovoce.models.speakers.base import SpeakerEncoder


class Similarity(nn.Module):
    """Waveforms in, the cosine of their embeddings with given ones out: what objectives about speakers look at.

    Args:
        encoder: the speaker encoder.
        references: unit embeddings by it, `(batch, size)`, or `(1, size)` for all rows.
    """

    def __init__(self, encoder: SpeakerEncoder, references: Tensor) -> None:
        super().__init__()
        self.encoder = encoder
        self.references: Tensor
        self.register_buffer("references", references.detach(), persistent=False)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Cosines `(batch,)` from -1 to 1 of `waveforms (batch, samples)`."""
        cosines: Tensor = (self.encoder(waveforms, lengths) * self.references).sum(-1)
        return cosines
