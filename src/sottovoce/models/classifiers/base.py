"""The base class of all classifiers."""

import torch
from torch import Tensor
from torch.nn import functional

from sottovoce.audio.batch import full_lengths, zero_padding
from sottovoce.errors import SottovoceError
from sottovoce.models.base import Labelled, Model

AT_ONCE = 64
"""Largest batch of `predict`."""


class Classifier(Labelled, Model):
    """Waveforms in, logits `(batch, classes)` out, in the order of `labels`.

    Subclasses implement `classify` for clips of exactly `clip` samples; shorter waveforms are padded with zeros.

    Attributes:
        clip: length of a clip in samples.

    Example:
        >>> class Loudness(Classifier):
        ...     labels, clip = ("quiet", "loud"), 100
        ...     def classify(self, clips):
        ...         level = clips.abs().amax(-1)
        ...         return torch.stack([0.5 - level, level - 0.5], -1)
        >>> Loudness().predict(torch.tensor([[0.9, 0.1], [0.1, 0.2]]))
        ['loud', 'quiet']
    """

    clip: int

    def classify(self, clips: Tensor) -> Tensor:
        """Logits `(batch, classes)` of `clips (batch, clip)`."""
        raise NotImplementedError

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Classify a batch.

        Args:
            waveforms: `(batch, samples)` float32 at 16 kHz in [-1, 1], right-padded.
            lengths: `(batch,)` in samples; None when every row is full.

        Raises:
            SottovoceError: if a row is longer than a clip.
        """
        longest = int((full_lengths(waveforms) if lengths is None else lengths).max())
        if longest > self.clip:
            raise SottovoceError(f"{longest} samples are more than the {self.clip} of a clip; cut the recording up")
        clips = zero_padding(waveforms, lengths)[:, : self.clip]
        return self.classify(functional.pad(clips, (0, self.clip - clips.shape[-1])))

    @torch.no_grad()
    def predict(self, waveforms: Tensor, lengths: Tensor | None = None) -> list[str]:
        """The most probable label of each row."""
        own = full_lengths(waveforms) if lengths is None else lengths
        pieces = zip(torch.split(waveforms, AT_ONCE), torch.split(own, AT_ONCE), strict=True)
        numbers = torch.cat([self(*piece).argmax(-1) for piece in pieces])
        return [self.labels[number] for number in numbers.tolist()]
