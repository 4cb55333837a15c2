"""The clips that are attacked."""

from dataclasses import dataclass

import torch
from torch import Tensor

from benchmarks.recordings import waveform
from benchmarks.wang2020.plan import Plan
from sottovoce.corpora.loading import load_corpus
from sottovoce.errors import SottovoceError
from sottovoce.models.classifiers import Classifier
from sottovoce.training.clips import middle


@dataclass(frozen=True)
class Clips:
    """Test clips `(clips, samples)` with their labels."""

    waveforms: Tensor
    labels: list[str]


def load_clips(plan: Plan, classifier: Classifier) -> Clips:
    """All test recordings whose label the classifier knows, cut into clips; short ones are padded with silence.

    Raises:
        SottovoceError: there are none.
    """
    waveforms: list[Tensor] = []
    labels: list[str] = []
    for utterance in load_corpus(plan.corpus):
        if utterance.split != "test" or utterance.label not in classifier.labels:
            continue
        pieces = torch.split(waveform(utterance), classifier.clip)
        whole = [piece for piece in pieces if len(piece) == classifier.clip] or [middle(pieces[0], classifier.clip)]
        waveforms += whole
        labels += [utterance.label] * len(whole)
    if not waveforms:
        known = ", ".join(classifier.labels)
        raise SottovoceError(f"{plan.corpus}: no test recordings with a label that {plan.classifier} knows ({known})")
    return Clips(torch.stack(waveforms), labels)
