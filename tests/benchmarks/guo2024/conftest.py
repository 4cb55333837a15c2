"""Recordings of the humming voices."""

import pytest
import torch

from benchmarks.guo2024.plan import CORPORA
from sottovoce.audio.files import as_mono_16k, read
from sottovoce.corpora.loading import load_corpus


@pytest.fixture
def waveforms(humming):
    utterances = load_corpus(humming / "manifests" / f"{CORPORA[0]}.csv")[:2]
    return [torch.from_numpy(as_mono_16k(read(utterance.path))) for utterance in utterances]
