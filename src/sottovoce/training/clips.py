"""Training material for classifiers: clips of a fixed length with the number of their label."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from sottovoce.corpora.loading import load_corpus
from sottovoce.corpora.manifest import Utterance
from sottovoce.corpora.mixing import limit_peak, random_excerpt
from sottovoce.errors import SottovoceError
from sottovoce.training.material import for_training, in_noise, read_all

VALIDATED = 10
"""Clips of one recording that validation takes at most."""


@dataclass(frozen=True)
class Variation:
    """What happens to a clip.

    Attributes:
        shift: greatest shift in time, in seconds; what is shifted in is silence.
        gain: lowest and highest gain in dB, drawn uniformly.
        noise: share of the clips that get noise.
        snr: lowest and highest SNR of it in dB, drawn uniformly.
    """

    shift: float = 0.1
    gain: tuple[float, float] = (-10.0, 5.0)
    noise: float = 0.5
    snr: tuple[float, float] = (0.0, 20.0)


class Clips:
    """Labelled recordings as clips: random ones for training, fixed ones for validation.

    A recording shorter than a clip is filled up with silence; of a longer one, training takes any excerpt, and
    validation up to `VALIDATED` clips at equal distances. Test material is never read.

    Args:
        labelled: manifests or corpus folders with labels, whose splits "train" and "valid" are used.
        noise: the same of noise; may be empty.
        samples: of a clip.
        variation: what happens to a training clip.

    Raises:
        SottovoceError: if there are not two labels, or no validation material.
    """

    def __init__(self, labelled: Sequence[Path], noise: Sequence[Path], samples: int, variation: Variation) -> None:
        utterances = [u for path in labelled for u in load_corpus(path) if u.label]
        train, valid = ([u for u in utterances if u.split == split] for split in ("train", "valid"))
        self.labels = tuple(sorted({utterance.label for utterance in train}))
        if len(self.labels) < 2 or not valid:
            raise SottovoceError("give recordings of two labels or more, some of them with the split 'valid'.")
        self.samples, self.variation = samples, variation
        self.train, self.train_classes = read_all(train), self._classes(train)
        pieces = [spread(waveform.float(), samples) for waveform in read_all(valid)]
        self.valid = torch.cat(pieces)
        self.valid_classes = self._classes(valid).repeat_interleave(torch.tensor([len(each) for each in pieces]))
        self.noise = read_all(for_training(noise))

    def _classes(self, utterances: Sequence[Utterance]) -> Tensor:
        return torch.tensor([self.labels.index(utterance.label) for utterance in utterances])

    def batch(self, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """`(clips (size, samples), classes (size,))`, float32 in [-1, 1] and int64, varied."""
        clips, classes = self.clean(size, generator)
        shifts = torch.randint(-self._most, self._most + 1, (size,), generator=generator).tolist()
        clips = torch.stack([shifted(clip, shift) for clip, shift in zip(clips, shifts, strict=True)])
        low, high = self.variation.gain
        clips = clips * 10.0 ** ((low + (high - low) * torch.rand(size, 1, generator=generator)) / 20.0)
        if self.noise:
            clips = self._in_noise(clips, generator)
        return limit_peak(clips)[0], classes

    def clean(self, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The same as they were recorded."""
        places = torch.randint(len(self.train), (size,), generator=generator)
        clips = [self._clip(self.train[place].float(), generator) for place in places.tolist()]
        return torch.stack(clips), self.train_classes[places]

    @property
    def _most(self) -> int:
        return round(self.variation.shift * 16_000)

    def _clip(self, waveform: Tensor, generator: torch.Generator) -> Tensor:
        if len(waveform) > self.samples:
            return random_excerpt(waveform, self.samples, generator)
        return middle(waveform, self.samples)

    def _in_noise(self, clips: Tensor, generator: torch.Generator) -> Tensor:
        chosen = torch.rand(len(clips), generator=generator) < self.variation.noise
        for row in torch.nonzero(chosen)[:, 0].tolist():
            clips[row] = in_noise(clips[row], self.noise, self.variation.snr, generator)
        return clips


def middle(waveform: Tensor, samples: int) -> Tensor:
    """The middle `samples` of a waveform `(n,)`, or, of a shorter one, all with silence after it."""
    if len(waveform) <= samples:
        return functional.pad(waveform, (0, samples - len(waveform)))
    start = (len(waveform) - samples) // 2
    return waveform[start : start + samples]


def spread(waveform: Tensor, samples: int) -> Tensor:
    """Clips of a waveform `(n,)` at equal distances, `(count, samples)`: as many as fit, at most `VALIDATED`; of one
    that is not two clips long, the middle.
    """
    count = min(VALIDATED, len(waveform) // samples)
    if count < 2:
        return middle(waveform, samples)[None]
    starts = torch.linspace(0, len(waveform) - samples, count).long()
    return torch.stack([waveform[start : start + samples] for start in starts.tolist()])


def shifted(clip: Tensor, shift: int) -> Tensor:
    """A clip `(samples,)` moved later by `shift` samples, or earlier, with silence at the end that is left."""
    if shift >= 0:
        return functional.pad(clip, (shift, 0))[: len(clip)]
    return functional.pad(clip[-shift:], (0, -shift))
