"""Training material for recognisers: utterances with their texts, in batches of similar length."""

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
"""Longest utterance that is trained on (s)."""
POOL = 16
"""Number of batches whose utterances are sorted by length together."""
TEMPI = (0.9, 1.0, 1.1)
"""Factors on the playback speed, drawn uniformly."""


class Transcripts:
    """Whole utterances with texts, for training at random speed and level, reverberated and with noise.

    Args:
        speech: manifests or corpus folders with texts, whose splits "train" and "valid" are used.
        noise: manifests or corpus folders of noise; may be empty.
        variation: random changes to a training utterance; its shift is not used.
        rooms: manifests or corpus folders of room impulse responses; may be empty.
        room: share of the training utterances that are reverberated.

    Raises:
        SottovoceError: there is no training or no validation material with texts.

    Example:
        >>> import soundfile, tempfile
        >>> from sottovoce.corpora import Utterance, write_manifest
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     manifest, rows = Path(folder, "sentences.csv"), []
        ...     for split in ("train", "valid"):
        ...         rows.append(Utterance(Path(folder, f"{split}.wav"), split, text="Good morning"))
        ...         soundfile.write(rows[-1].path, 0.1 * torch.randn(16_000).numpy(), 16_000)
        ...     write_manifest(manifest, rows)
        ...     transcripts = Transcripts([manifest], [], Variation())
        >>> transcripts.batch([0], torch.Generator().manual_seed(0))[2]
        ['GOOD MORNING']
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
        """All training utterances once, as indices in batches of `size` utterances of similar length."""
        order = [self.usable[i] for i in torch.randperm(len(self.usable), generator=generator).tolist()]
        batches: list[list[int]] = []
        for start in range(0, len(order), POOL * size):
            pool = sorted(order[start : start + POOL * size], key=lambda place: len(self.train[place]))
            batches += [pool[first : first + size] for first in range(0, len(pool), size)]
        return [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]

    def batch(self, places: Sequence[int], generator: torch.Generator) -> tuple[Tensor, Tensor, list[str]]:
        """`(waveforms (batch, samples), lengths (batch,), texts)` of training utterances, with random changes."""
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
