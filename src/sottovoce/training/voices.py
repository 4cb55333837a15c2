"""Training material for speaker recognition: excerpts with speaker numbers, augmented by rooms, noise and tempo."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.channels.rooms import reverberate
from sottovoce.corpora.manifest import Utterance
from sottovoce.corpora.mixing import limit_peak, random_excerpt
from sottovoce.errors import SottovoceError
from sottovoce.training.material import QUIETEST_RMS, at_tempo, for_training, in_noise, read_all, read_rooms
from sottovoce.training.ranges import Fraction, Interval, Positive

HELD_OUT_SPEAKERS = 10
"""Every tenth speaker is held out for validation."""
FEWEST_FOR_TRIALS = 4
"""Fewest utterances of a held-out speaker."""


@dataclass(frozen=True)
class Augmentation:
    """Random changes to an excerpt.

    Attributes:
        noise: share of the excerpts that noise is added to.
        snr: lowest and highest SNR of that noise (dB), drawn uniformly.
        room: share of the excerpts that are reverberated.
        tempi: factors on the playback speed; a speaker at another speed counts as another speaker.

    Example:
        >>> Augmentation(noise=0.0, room=0.0).tempi
        (1.0, 0.9, 1.1)
    """

    noise: Fraction = 0.5
    snr: Interval = (0.0, 20.0)
    room: Fraction = 0.3
    tempi: tuple[Positive, ...] = (1.0, 0.9, 1.1)


class Voices:
    """Random excerpts of training speakers, and whole utterances of other speakers for validation.

    Every tenth speaker with at least four utterances is held out, as are speakers whose utterances all have the split
    "valid". Test material is never read. Speakers are drawn with probability proportional to the square root of the
    duration of their recordings.

    Args:
        speech: manifests or corpus folders of clean speech with speakers.
        noise: manifests or corpus folders of noise; may be empty.
        rooms: manifests or corpus folders of room impulse responses; may be empty.
        augmentation: random changes to the excerpts; noise and rooms only where there are any.

    Raises:
        SottovoceError: there are fewer than two speakers for training or for validation.

    Example:
        >>> import soundfile, tempfile
        >>> from sottovoce.corpora import write_manifest
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     manifest, rows = Path(folder, "speakers.csv"), []
        ...     for speaker, split in zip("abcd", ("train", "train", "valid", "valid")):
        ...         rows.append(Utterance(Path(folder, f"{speaker}.wav"), split, speaker=speaker))
        ...         soundfile.write(rows[-1].path, 0.1 * torch.randn(16_000).numpy(), 16_000)
        ...     write_manifest(manifest, rows)
        ...     voices = Voices([manifest], [], [], Augmentation(tempi=(1.0,)))
        >>> voices.speakers, voices.classes
        (['a', 'b'], 2)
    """

    def __init__(
        self, speech: Sequence[Path], noise: Sequence[Path], rooms: Sequence[Path], augmentation: Augmentation
    ) -> None:
        utterances = [u for u in for_training(speech) if u.speaker]
        training = [u for u in utterances if u.split != "valid"]
        held_out = _held_out(training)
        train = [u for u in training if u.speaker not in held_out]
        self.speakers = sorted({u.speaker for u in train})
        known = set(self.speakers)
        valid = [u for u in utterances if u.speaker not in known]
        if len(self.speakers) < 2 or len({u.speaker for u in valid}) < 2:
            raise SottovoceError(
                "not enough speakers: give a corpus with at least two speakers for training and two for validation."
            )
        self.augmentation = augmentation
        self.train = read_all(train)
        self.valid, self.valid_speakers = read_all(valid), [u.speaker for u in valid]
        self.noise = read_all(for_training(noise))
        self.rooms = read_rooms(rooms)
        self.by_speaker: list[list[int]] = [[] for _ in self.speakers]
        numbers = {speaker: number for number, speaker in enumerate(self.speakers)}
        for place, utterance in enumerate(train):
            self.by_speaker[numbers[utterance.speaker]].append(place)
        self.weights = torch.tensor([math.sqrt(sum(len(self.train[i]) for i in own)) for own in self.by_speaker])

    @property
    def classes(self) -> int:
        """Number of speakers, each counted once per tempo."""
        return len(self.speakers) * len(self.augmentation.tempi)

    def batch(self, size: int, seconds: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """`(waveforms (size, samples), classes (size,))`, float32 in [-1, 1] and int64, augmented."""
        samples = round(seconds * MODEL_RATE)
        speakers = torch.multinomial(self.weights, size, replacement=True, generator=generator)
        tempi = torch.randint(len(self.augmentation.tempi), (size,), generator=generator)
        excerpts = [
            self._excerpt(speaker, samples, self.augmentation.tempi[tempo], generator)
            for speaker, tempo in zip(speakers.tolist(), tempi.tolist(), strict=True)
        ]
        waveforms = self._spoiled(torch.stack(excerpts), generator)
        return limit_peak(waveforms)[0], speakers + len(self.speakers) * tempi

    def excerpts(self, size: int, seconds: float, generator: torch.Generator) -> Tensor:
        """Clean excerpts `(size, samples)` of training speakers, as recorded."""
        speakers = torch.multinomial(self.weights, size, replacement=True, generator=generator).tolist()
        samples = round(seconds * MODEL_RATE)
        return torch.stack([self._excerpt(speaker, samples, 1.0, generator) for speaker in speakers])

    def _excerpt(self, speaker: int, samples: int, tempo: float, generator: torch.Generator) -> Tensor:
        own = self.by_speaker[speaker]
        for _ in range(100):
            utterance = self.train[own[int(torch.randint(len(own), (), generator=generator))]]
            excerpt = random_excerpt(utterance, math.ceil(samples * tempo), generator).float()
            if float(excerpt.square().mean().sqrt()) > QUIETEST_RMS:
                break
        return at_tempo(excerpt, tempo, samples)

    def _spoiled(self, waveforms: Tensor, generator: torch.Generator) -> Tensor:
        size, settings = len(waveforms), self.augmentation
        if self.rooms:
            chosen = torch.rand(size, generator=generator) < settings.room
            which = torch.randint(len(self.rooms), (size,), generator=generator).tolist()
            heard = reverberate(waveforms, torch.stack([self.rooms[i] for i in which]))
            waveforms = torch.where(chosen[:, None], heard, waveforms)
        if self.noise:
            chosen = torch.rand(size, generator=generator) < settings.noise
            for row in torch.nonzero(chosen)[:, 0].tolist():
                waveforms[row] = in_noise(waveforms[row], self.noise, settings.snr, generator)
        return waveforms


def _held_out(utterances: Sequence[Utterance]) -> set[str]:
    counts: dict[str, int] = {}
    for utterance in utterances:
        counts[utterance.speaker] = counts.get(utterance.speaker, 0) + 1
    return set(sorted(speaker for speaker, count in counts.items() if count >= FEWEST_FOR_TRIALS)[::HELD_OUT_SPEAKERS])
