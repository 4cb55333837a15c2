"""Training material for classifiers: clips of a fixed length with their class numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.corpora.loading import load_corpus
from sottovoce.corpora.manifest import Utterance
from sottovoce.corpora.mixing import limit_peak, random_excerpt
from sottovoce.errors import SottovoceError
from sottovoce.training.material import for_training, in_noise, read_all
from sottovoce.training.ranges import Fraction, Interval, NonNegative

VALIDATED = 10
"""Maximum number of validation clips from one recording."""


@dataclass(frozen=True)
class Variation:
    """Random changes to a training clip.

    Attributes:
        shift: largest shift in time (s), in either direction; the gap is filled with silence.
        gain: lowest and highest gain (dB), drawn uniformly.
        noise: share of the clips that noise is added to.
        snr: lowest and highest SNR of that noise (dB), drawn uniformly.

    Example:
        >>> Variation(noise=0.0).gain
        (-10.0, 5.0)
    """

    shift: NonNegative = 0.1
    gain: Interval = (-10.0, 5.0)
    noise: Fraction = 0.5
    snr: Interval = (0.0, 20.0)


class Clips:
    """Labelled recordings as clips: random ones for training, fixed ones for validation.

    A recording shorter than a clip is padded with silence. From a longer one, training takes a random excerpt, and
    validation up to `VALIDATED` evenly spaced clips. Test material is never read.

    Args:
        labelled: manifests or corpus folders with labels, whose splits "train" and "valid" are used.
        noise: manifests or corpus folders of noise; may be empty.
        samples: length of a clip in samples.
        variation: random changes to a training clip.

    Raises:
        SottovoceError: there are fewer than two labels, or no validation material.

    Example:
        >>> import soundfile, tempfile
        >>> from sottovoce.corpora import Utterance, write_manifest
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     manifest, rows = Path(folder, "words.csv"), []
        ...     for label in ("no", "yes"):
        ...         for split in ("train", "valid"):
        ...             rows.append(Utterance(Path(folder, f"{label}-{split}.wav"), split, label=label))
        ...             soundfile.write(rows[-1].path, 0.1 * torch.randn(8_000).numpy(), 16_000)
        ...     write_manifest(manifest, rows)
        ...     clips = Clips([manifest], [], 16_000, Variation())
        >>> clips.labels, clips.batch(4, torch.Generator().manual_seed(0))[0].shape
        (('no', 'yes'), torch.Size([4, 16000]))
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
        """`(clips (size, samples), classes (size,))`, float32 in [-1, 1] and int64, with random changes."""
        clips, classes = self.clean(size, generator)
        shifts = torch.randint(-self._most, self._most + 1, (size,), generator=generator).tolist()
        clips = torch.stack([shifted(clip, shift) for clip, shift in zip(clips, shifts, strict=True)])
        low, high = self.variation.gain
        clips = clips * 10.0 ** ((low + (high - low) * torch.rand(size, 1, generator=generator)) / 20.0)
        if self.noise:
            clips = self._in_noise(clips, generator)
        return limit_peak(clips)[0], classes

    def clean(self, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The same without the changes."""
        places = torch.randint(len(self.train), (size,), generator=generator)
        clips = [self._clip(self.train[place].float(), generator) for place in places.tolist()]
        return torch.stack(clips), self.train_classes[places]

    @property
    def _most(self) -> int:
        return round(self.variation.shift * MODEL_RATE)

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
    """The middle `samples` of a waveform `(n,)`; a shorter one is padded with silence at its end."""
    if len(waveform) <= samples:
        return functional.pad(waveform, (0, samples - len(waveform)))
    start = (len(waveform) - samples) // 2
    return waveform[start : start + samples]


def spread(waveform: Tensor, samples: int) -> Tensor:
    """Evenly spaced clips of a waveform `(n,)`, as many as fit, at most `VALIDATED`: `(count, samples)`.

    A waveform shorter than two clips gives its middle.
    """
    count = min(VALIDATED, len(waveform) // samples)
    if count < 2:
        return middle(waveform, samples)[None]
    starts = torch.linspace(0, len(waveform) - samples, count).long()
    return torch.stack([waveform[start : start + samples] for start in starts.tolist()])


def shifted(clip: Tensor, shift: int) -> Tensor:
    """A clip `(samples,)` delayed by `shift` samples, or advanced by -`shift`; the gap is filled with silence."""
    if shift >= 0:
        return functional.pad(clip, (shift, 0))[: len(clip)]
    return functional.pad(clip[-shift:], (0, -shift))
