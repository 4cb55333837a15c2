"""What all speaker encoders have in common."""

from torch import Tensor
from torch.nn import functional

from sottovoce.audio.batch import by_length, full_lengths
from sottovoce.errors import SottovoceError
from sottovoce.models.base import Model


class SpeakerEncoder(Model):
    """Waveforms in, unit embeddings `(batch, size)` out, whose cosine says how alike two voices are.

    Subclasses implement `embed`. Rows of unequal length go through in groups of equal ones, since statistics over time,
    convolutions that reflect at the end and partial windows all look at where a row ends.

    Attributes:
        shortest: fewest samples that an embedding can be made of.
    """

    shortest: int

    def embed(self, waveforms: Tensor) -> Tensor:
        """Embeddings `(batch, size)` of any norm, from waveforms `(batch, samples)` without padding."""
        raise NotImplementedError

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Embed a batch.

        Args:
            waveforms: `(batch, samples)` float32 at 16 kHz in [-1, 1], right-padded.
            lengths: `(batch,)` in samples; None when every row is full.

        Returns:
            `(batch, size)`, each row of norm 1.

        Raises:
            SottovoceError: if a row is shorter than `shortest`.
        """
        lengths = full_lengths(waveforms) if lengths is None else lengths.to(waveforms.device)
        if int(lengths.min()) < self.shortest:
            milliseconds = (self.shortest + 15) // 16
            raise SottovoceError(f"{int(lengths.min())} samples are too short to tell a voice; take {milliseconds} ms")
        return functional.normalize(by_length(self.embed, waveforms, lengths))
