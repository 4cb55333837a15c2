"""Test speakers in test noise at fixed SNRs."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.recordings import corpus, waveform
from sottovoce.audio.batch import pad
from sottovoce.corpora.manifest import Utterance
from sottovoce.corpora.mixing import limit_peak, mix, random_excerpt

SENTENCES = "librispeech-test-clean"
SHORTEST = 2.5
QUIETEST_RMS = 1e-4


@dataclass(frozen=True)
class Mixtures:
    """A batch of noisy recordings.

    Attributes:
        noisy, clean: `(batch, samples)` float32 at 16 kHz, right-padded.
        lengths: `(batch,)` in samples.
        texts: transcripts.
        names: names of the recordings.
    """

    noisy: Tensor
    clean: Tensor
    lengths: Tensor
    texts: list[str]
    names: list[str]


def one_per_speaker(data: Path, count: int, spoken: str = SENTENCES, *, split: str = "test") -> list[Utterance]:
    """For each of `count` speakers of a split, by name, their shortest transcribed utterance of at least 2.5 s."""
    speakers: dict[str, list[Utterance]] = defaultdict(list)
    for utterance in corpus(data, spoken):
        if utterance.split == split and utterance.text and (utterance.seconds or SHORTEST) >= SHORTEST:
            speakers[utterance.speaker].append(utterance)
    return [min(speakers[name], key=lambda u: (u.seconds, str(u.path))) for name in sorted(speakers)][:count]


def mixtures(
    data: Path, snr: float, *, count: int, seed: int, spoken: str = SENTENCES, split: str = "test"
) -> Mixtures:
    """`count` utterances of the corpus `spoken`, one per speaker, mixed with noise at `snr` dB.

    Those of the test split meet test noise, others training noise. The excerpts of noise depend on the seed but not on
    the SNR.
    """
    utterances = one_per_speaker(data, count, spoken, split=split)
    noises = [waveform(u) for u in corpus(data, "noise") if u.split == ("test" if split == "test" else "train")]
    generator = torch.Generator().manual_seed(seed)
    rows = []
    for index, utterance in enumerate(utterances):
        speech = waveform(utterance)
        noise = noises[index % len(noises)]
        while True:
            excerpt = random_excerpt(noise, len(speech), generator)
            if float(excerpt.square().mean().sqrt()) > QUIETEST_RMS:
                break
        rows.append(limit_peak(mix(speech, excerpt, snr)[None], speech[None]))
    noisy, lengths = pad([row[0][0] for row in rows])
    clean, _ = pad([row[1][0] for row in rows])
    return Mixtures(noisy, clean, lengths, [u.text for u in utterances], [u.path.stem for u in utterances])
