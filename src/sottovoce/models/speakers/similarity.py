"""Similarity to given voices."""

from torch import Tensor, nn

from sottovoce.models.speakers.base import SpeakerEncoder


class Similarity(nn.Module):
    """Waveforms in, cosines between their embeddings and given ones out; the listener of objectives about speakers.

    Args:
        encoder: the speaker encoder.
        references: unit embeddings by the encoder, `(batch, size)`, or `(1, size)` for all rows.

    Example:
        >>> import torch
        >>> from sottovoce.models.speakers import ECAPATDNN
        >>> encoder, voice = ECAPATDNN(channels=16, aggregated=24).eval(), 0.1 * torch.randn(1, 8000)
        >>> similarity = Similarity(encoder, encoder(voice))
        >>> round(similarity(voice).item(), 3)
        1.0
    """

    def __init__(self, encoder: SpeakerEncoder, references: Tensor) -> None:
        super().__init__()
        self.encoder = encoder
        self.references: Tensor
        self.register_buffer("references", references.detach(), persistent=False)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Cosines `(batch,)` for `waveforms (batch, samples)`."""
        cosines: Tensor = (self.encoder(waveforms, lengths) * self.references).sum(-1)
        return cosines
