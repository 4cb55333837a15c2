"""Training material for enhancers: clean speech and noise in memory, newly mixed for every batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.corpora.loading import load_pairs
from sottovoce.corpora.mixing import limit_peak, mix, random_excerpt
from sottovoce.corpora.voicebank_demand import Pair
from sottovoce.errors import SottovoceError
from sottovoce.training.material import QUIETEST_RMS, for_training, read_all
from sottovoce.training.ranges import Fraction, Interval, Positive

HELD_OUT_NOISE = 10
"""Every tenth noise file is held out for validation."""


@dataclass(frozen=True)
class MixingRange:
    """Ranges of the mixtures that an enhancer is trained on.

    Attributes:
        seconds: length of an example (s).
        snr: lowest and highest SNR (dB), drawn uniformly.
        level: lowest and highest RMS level of the clean speech (dB relative to full scale), drawn uniformly.
        stored: share of the examples that are taken from stored pairs, if there are any.

    Example:
        >>> MixingRange(snr=(0.0, 15.0)).seconds
        2.0
    """

    seconds: Positive = 2.0
    snr: Interval = (-8.0, 16.0)
    level: Interval = (-38.0, -18.0)
    stored: Fraction = 0.25


class SpeechInNoise:
    """Batches of random clean excerpts and their noisy versions, mixed or from stored pairs.

    Every `HELD_OUT_NOISE`-th noise file is held out for validation, as are the utterances whose split is "valid" (or
    every 20th utterance if there are none). Test material is never read.

    Args:
        speech: manifests or corpus folders of clean speech.
        noise: manifests or corpus folders of noise.
        mixing: ranges of the mixtures.
        pairs: manifests or folders of pairs of clean and degraded recordings, e.g. adversarial examples; those whose
            split is "train" are used.

    Raises:
        SottovoceError: a corpus has no training material, or the two sides of a pair differ in length.

    Example:
        >>> import soundfile, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for name in ("first", "second"):
        ...         soundfile.write(f"{folder}/{name}.wav", 0.1 * torch.randn(16_000).numpy(), 16_000)
        ...     data = SpeechInNoise([Path(folder)], [Path(folder)], MixingRange(seconds=0.5))
        >>> clean, noisy = data.batch(4, torch.Generator().manual_seed(0))
        >>> clean.shape, noisy.shape
        (torch.Size([4, 8000]), torch.Size([4, 8000]))
    """

    def __init__(
        self, speech: Sequence[Path], noise: Sequence[Path], mixing: MixingRange, pairs: Sequence[Path] = ()
    ) -> None:
        utterances, noises = for_training(speech), for_training(noise)
        valid = [u for u in utterances if u.split == "valid"] or utterances[::20]
        held_out = set(valid)
        train = [u for u in utterances if u not in held_out]
        if not train or len(noises) < 2:
            raise SottovoceError("no training material: give a speech corpus and at least two noise files.")
        self.mixing = mixing
        self.speech, self.valid_speech = read_all(train), read_all(valid)
        self.noise = read_all([u for i, u in enumerate(noises) if i % HELD_OUT_NOISE])
        self.valid_noise = read_all(noises[::HELD_OUT_NOISE])
        self.pairs = _read_pairs([pair for path in pairs for pair in load_pairs(path) if pair.clean.split == "train"])

    def batch(self, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """`(clean, noisy)`, each `(size, samples)` float32 in [-1, 1]."""
        samples = round(self.mixing.seconds * MODEL_RATE)
        clean, noisy = self._batch(self.speech, self.noise, size, samples, generator)
        if self.pairs:
            chosen = torch.rand(size, generator=generator) < self.mixing.stored
            for row in torch.nonzero(chosen)[:, 0].tolist():
                clean[row], noisy[row] = self._stored(samples, generator)
        return clean, noisy

    def validation(self, size: int, seconds: float, seed: int = 0) -> tuple[Tensor, Tensor]:
        """The same from held-out speech and noise; the same seed gives the same mixtures."""
        generator = torch.Generator().manual_seed(seed)
        return self._batch(self.valid_speech, self.valid_noise, size, round(seconds * MODEL_RATE), generator)

    def _batch(
        self, speech: list[Tensor], noise: list[Tensor], size: int, samples: int, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        clean = torch.stack([_audible(speech, samples, generator) for _ in range(size)])
        disturbance = torch.stack([_audible(noise, samples, generator) for _ in range(size)])
        level = 10.0 ** (_uniform(self.mixing.level, size, generator) / 20.0)
        clean = clean * (level / clean.square().mean(-1).sqrt())[:, None]
        noisy = mix(clean, disturbance, _uniform(self.mixing.snr, size, generator))
        noisy, clean = limit_peak(noisy, clean)
        return clean, noisy

    def _stored(self, samples: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The two sides of a random pair, `(samples,)` each, from the same random position and with the same gain."""
        clean, noisy = _audible(self.pairs, samples, generator)
        gain = 10.0 ** (_uniform(self.mixing.level, 1, generator) / 20.0) / clean.square().mean().sqrt()
        noisy, clean = limit_peak(gain * noisy[None], gain * clean[None])
        return clean[0], noisy[0]


def _read_pairs(pairs: Sequence[Pair]) -> list[Tensor]:
    """The clean and the noisy side of each pair, `(2, samples)`."""
    sides = read_all([pair.clean for pair in pairs]), read_all([pair.noisy for pair in pairs])
    for pair, clean, noisy in zip(pairs, *sides, strict=True):
        if clean.shape != noisy.shape:
            raise SottovoceError(f"{pair.noisy.path}: not as long as {pair.clean.path}.")
    return [torch.stack(both) for both in zip(*sides, strict=True)]


def _audible(waveforms: list[Tensor], samples: int, generator: torch.Generator) -> Tensor:
    """A random excerpt whose first channel is not silent (some recordings contain digital silence)."""
    for _ in range(100):
        index = int(torch.randint(len(waveforms), (), generator=generator))
        excerpt = random_excerpt(waveforms[index], samples, generator).float()
        if float(excerpt.view(-1, samples)[0].square().mean().sqrt()) > QUIETEST_RMS:
            return excerpt
    raise SottovoceError("the training material is silent: 100 random excerpts have no sound.")


def _uniform(bounds: tuple[float, float], size: int, generator: torch.Generator) -> Tensor:
    return bounds[0] + (bounds[1] - bounds[0]) * torch.rand(size, generator=generator)
