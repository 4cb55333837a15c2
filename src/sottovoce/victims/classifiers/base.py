"""What all classifiers have in common."""

import torch
from torch import Tensor
from torch.nn import functional

from sottovoce.audio.batch import full_lengths, zero_padding
from sottovoce.errors import SottovoceError
from sottovoce.victims.base import Victim


class Classifier(Victim):
    """Waveforms in, logits `(batch, classes)` out.

    Subclasses implement `classify`, for clips of exactly `clip` samples; shorter ones are filled up with silence.

    Attributes:
        labels: the classes' names, in the order of the logits.
        clip: samples of a clip.
    """

    labels: tuple[str, ...]
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

    def label_number(self, label: str) -> int:
        """The place of a label among the logits.

        Raises:
            SottovoceError: if it is none of the labels.
        """
        if label not in self.labels:
            raise SottovoceError(f"there is no label '{label}'; choose {', '.join(self.labels)}")
        return self.labels.index(label)

    @torch.no_grad()
    def predict(self, waveforms: Tensor, lengths: Tensor | None = None) -> list[str]:
        """The likeliest label of each row."""
        return [self.labels[number] for number in self(waveforms, lengths).argmax(-1).tolist()]
