"""Training material for recognisers: utterances with their texts, in batches of about the same length."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from sottovoce.audio.batch import pad
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.channels.rooms import reverberate
from sottovoce.corpora.loading import load_corpus
from sottovoce.corpora.mixing import limit_peak
from sottovoce.errors import SottovoceError
from sottovoce.text.spelling import plain
from sottovoce.training.clips import Variation
from sottovoce.training.material import at_tempo, for_training, in_noise, read_all, read_rooms

LONGEST = 17.0
"""Seconds of an utterance that is trained on."""
POOL = 16
"""Batches' worth of utterances that are sorted by length before they are cut into batches."""
TEMPI = (0.9, 1.0, 1.1)


class Transcripts:
    """Utterances with texts: whole ones at varied speed and loudness, in rooms and noise, for training; as they are
    for validation.

    Args:
        speech: manifests or corpus folders with texts, whose splits "train" and "valid" are used.
        noise: the same of noise; may be empty.
        variation: what happens to an utterance; its shift is left out.
        rooms: impulse responses; may be empty.
        room: share of the utterances that are put in one.

    Raises:
        SottovoceError: if there is no training or no validation material with texts.
    """

    def __init__(
        self,
        speech: Sequence[Path],
        noise: Sequence[Path],
        variation: Variation,
        rooms: Sequence[Path] = (),
        room: float = 0.5,
    ) -> None:
        utterances = [u for path in speech for u in load_corpus(path) if plain(u.text)]
        train, valid = ([u for u in utterances if u.split == split] for split in ("train", "valid"))
        if not train or not valid:
            raise SottovoceError("give speech with texts, some of it with the split 'valid'.")
        self.variation, self.room = variation, room
        self.train, self.valid = read_all(train), read_all(valid)
        self.train_texts, self.valid_texts = [plain(u.text) for u in train], [plain(u.text) for u in valid]
        self.noise = read_all(for_training(noise))
        self.rooms = read_rooms(rooms)
        self.usable = [i for i, waveform in enumerate(self.train) if len(waveform) <= LONGEST * MODEL_RATE]

    def epoch(self, size: int, generator: torch.Generator) -> list[list[int]]:
        """All training utterances once, as places in batches of `size` whose lengths are alike."""
        order = [self.usable[i] for i in torch.randperm(len(self.usable), generator=generator).tolist()]
        batches: list[list[int]] = []
        for start in range(0, len(order), POOL * size):
            pool = sorted(order[start : start + POOL * size], key=lambda place: len(self.train[place]))
            batches += [pool[first : first + size] for first in range(0, len(pool), size)]
        return [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]

    def batch(self, places: Sequence[int], generator: torch.Generator) -> tuple[Tensor, Tensor, list[str]]:
        """`(waveforms (batch, samples), lengths (batch,), texts)` of training utterances, varied."""
        rows = [self._varied(self.train[place].float(), generator) for place in places]
        waveforms, lengths = pad(rows)
        return waveforms, lengths, [self.train_texts[place] for place in places]

    def _varied(self, waveform: Tensor, generator: torch.Generator) -> Tensor:
        tempo = TEMPI[int(torch.randint(len(TEMPI), (), generator=generator))]
        waveform = at_tempo(waveform, tempo, round(len(waveform) / tempo))
        if self.rooms and float(torch.rand((), generator=generator)) < self.room:
            room = self.rooms[int(torch.randint(len(self.rooms), (), generator=generator))]
            waveform = reverberate(waveform[None], room[None])[0]
        low, high = self.variation.gain
        waveform = waveform * 10.0 ** ((low + (high - low) * torch.rand((), generator=generator)) / 20.0)
        if self.noise and float(torch.rand((), generator=generator)) < self.variation.noise:
            waveform = in_noise(waveform, self.noise, self.variation.snr, generator)
        return limit_peak(waveform[None])[0][0]
