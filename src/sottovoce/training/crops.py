"""Training material without labels: crops of speech in noise, at any level, through random equalisers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.corpora.mixing import limit_peak, random_excerpt
from sottovoce.errors import SottovoceError
from sottovoce.training.material import for_training, in_noise, read_all
from sottovoce.training.ranges import Fraction, Interval, NonNegative, Positive

KNOTS = 8
"""Frequencies between which a random equaliser is linear in decibels."""


@dataclass(frozen=True)
class Spoiling:
    """Random changes to a crop.

    Attributes:
        seconds: length of a crop (s).
        noise: share of the crops that noise is added to.
        snr: lowest and highest SNR of that noise (dB), drawn uniformly.
        gain: lowest and highest gain (dB), drawn uniformly.
        equaliser: largest gain of the equaliser at any frequency (dB), in either direction.

    Example:
        >>> Spoiling(noise=0.0).seconds
        4.0
    """

    seconds: Positive = 4.0
    noise: Fraction = 0.4
    snr: Interval = (0.0, 20.0)
    gain: Interval = (-15.0, 6.0)
    equaliser: NonNegative = 6.0


class Crops:
    """Random crops of the training utterances, and fixed ones of the validation utterances, as recorded.

    Utterances are drawn with a probability proportional to their length. One shorter than a crop is repeated. Test
    material is never read.

    Args:
        speech: manifests or corpus folders, some of it with the split "valid".
        noise: manifests or corpus folders of noise; may be empty.
        spoiling: random changes to the crops.

    Raises:
        SottovoceError: there is no training or no validation material.

    Example:
        >>> import soundfile, tempfile
        >>> from sottovoce.corpora import Utterance, write_manifest
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     manifest, rows = Path(folder, "speech.csv"), []
        ...     for split in ("train", "valid"):
        ...         rows.append(Utterance(Path(folder, f"{split}.wav"), split))
        ...         soundfile.write(rows[-1].path, 0.1 * torch.randn(16_000).numpy(), 16_000)
        ...     write_manifest(manifest, rows)
        ...     crops = Crops([manifest], [], Spoiling(seconds=0.5))
        >>> crops.batch(3, torch.Generator().manual_seed(0)).shape
        torch.Size([3, 8000])
    """

    def __init__(self, speech: Sequence[Path], noise: Sequence[Path], spoiling: Spoiling) -> None:
        utterances = for_training(speech)
        train, valid = ([u for u in utterances if (u.split == "valid") is held] for held in (False, True))
        if not train or not valid:
            raise SottovoceError("give speech, some of it with the split 'valid'.")
        self.spoiling, self.samples = spoiling, round(spoiling.seconds * MODEL_RATE)
        self.train, self.valid = read_all(train), read_all(valid)
        self.noise = read_all(for_training(noise))
        self.sizes = torch.tensor([float(len(waveform)) for waveform in self.train])

    @property
    def hours(self) -> float:
        """Length of the training utterances (h)."""
        return float(self.sizes.double().sum()) / MODEL_RATE / 3600

    def batch(self, size: int, generator: torch.Generator) -> Tensor:
        """`(size, samples)` float32 in [-1, 1], with random changes."""
        places = torch.multinomial(self.sizes, size, replacement=True, generator=generator).tolist()
        rows = [
            self._spoiled(random_excerpt(self.train[i], self.samples, generator).float(), generator) for i in places
        ]
        return limit_peak(torch.stack(rows))[0]

    def validation(self, size: int) -> Tensor:
        """Fixed crops of `size` validation utterances, spread evenly over them, as recorded: `(size, samples)`."""
        places = torch.linspace(0, len(self.valid) - 1, size).round().long().tolist()
        generator = torch.Generator().manual_seed(0)
        return torch.stack([random_excerpt(self.valid[place], self.samples, generator).float() for place in places])

    def _spoiled(self, waveform: Tensor, generator: torch.Generator) -> Tensor:
        changes = self.spoiling
        waveform = equalised(waveform, changes.equaliser * (2.0 * torch.rand(KNOTS, generator=generator) - 1.0))
        low, high = changes.gain
        waveform = waveform * 10.0 ** ((low + (high - low) * torch.rand((), generator=generator)) / 20.0)
        if self.noise and float(torch.rand((), generator=generator)) < changes.noise:
            waveform = in_noise(waveform, self.noise, changes.snr, generator)
        return waveform


def equalised(waveform: Tensor, gains: Tensor) -> Tensor:
    """A waveform `(samples,)` with `gains (knots,)` in dB at evenly spaced frequencies, from 0 to half the rate."""
    spectrum = torch.fft.rfft(waveform)
    curve = functional.interpolate(gains[None, None], len(spectrum), mode="linear", align_corners=True)[0, 0]
    shaped: Tensor = torch.fft.irfft(spectrum * 10.0 ** (curve / 20.0), len(waveform))
    return shaped
