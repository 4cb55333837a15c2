"""What the bench runs on."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.recordings import waveform
from sottovoce.corpora.loading import load_corpus
from sottovoce.errors import SottovoceError
from sottovoce.models.classifiers import Classifier
from sottovoce.training.clips import middle


@dataclass(frozen=True)
class Plan:
    """What the bench runs on.

    Attributes:
        domain: "commands" or "music", for the paper's values beside ours.
        corpus: manifest or folder of labelled recordings; the split "test" is used.
        victim: name or path of the classifier.
        generator: name or path of the generator.
        searched: clips of each source label that every method but the generator gets, towards each target.
        seed: of the searches.
    """

    domain: str
    corpus: Path
    victim: str
    generator: str
    searched: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Clips:
    """Test clips `(clips, samples)` with their labels."""

    waveforms: Tensor
    labels: list[str]


def load_clips(plan: Plan, victim: Classifier) -> Clips:
    """All test recordings whose label the victim knows, as clips: cut up where longer, silence after where shorter.

    Raises:
        SottovoceError: if there are none.
    """
    waveforms: list[Tensor] = []
    labels: list[str] = []
    for utterance in load_corpus(plan.corpus):
        if utterance.split != "test" or utterance.label not in victim.labels:
            continue
        pieces = torch.split(waveform(utterance), victim.clip)
        whole = [piece for piece in pieces if len(piece) == victim.clip] or [middle(pieces[0], victim.clip)]
        waveforms += whole
        labels += [utterance.label] * len(whole)
    if not waveforms:
        raise SottovoceError(f"{plan.corpus}: no recordings for testing with the labels {', '.join(victim.labels)}.")
    return Clips(torch.stack(waveforms), labels)
