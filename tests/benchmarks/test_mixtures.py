"""The bench's mixtures on a corpus made here, and on the shared recordings."""

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from benchmarks.mixtures import mixtures, one_per_speaker

COLUMNS = ["path", "split", "speaker", "sex", "seconds", "text", "label"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two speakers with two utterances each, and two noises of which one is for training."""
    rng = np.random.default_rng(0)
    lists: dict[str, list[list[str]]] = {"librispeech-test-clean": [], "noise": []}

    def add(corpus: str, name: str, seconds: float, split: str, speaker: str, text: str) -> None:
        soundfile.write(tmp_path / name, 0.05 * rng.normal(size=round(seconds * 16_000)), 16_000)
        lists[corpus].append([name, split, speaker, "", str(seconds), text, ""])

    for speaker in ("b", "a"):
        for seconds in (4.0, 3.0, 1.0):
            add("librispeech-test-clean", f"{speaker}{seconds:.0f}.wav", seconds, "test", speaker, f"{speaker} TALKS")
    add("noise", "train.wav", 5.0, "train", "", "")
    add("noise", "test.wav", 2.0, "test", "", "")
    (tmp_path / "manifests").mkdir()
    for corpus, rows in lists.items():
        with (tmp_path / "manifests" / f"{corpus}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *rows])
    return tmp_path


def test_each_speaker_gives_the_shortest_utterance_that_is_long_enough(data: Path) -> None:
    assert [u.path.name for u in one_per_speaker(data, 5)] == ["a3.wav", "b3.wav"]
    assert [u.path.name for u in one_per_speaker(data, 1)] == ["a3.wav"]


@pytest.mark.parametrize("snr", [-8.0, 8.0])
def test_mixtures_have_their_snr_and_the_same_noise_at_each(data: Path, snr: float) -> None:
    batch = mixtures(data, snr, count=2, seed=3)
    noise = batch.noisy - batch.clean
    ratio = 10 * torch.log10(batch.clean.square().sum(-1) / noise.square().sum(-1))
    assert ratio.tolist() == pytest.approx([snr, snr], abs=1e-3)
    assert batch.texts == ["a TALKS", "b TALKS"] and batch.names == ["a3", "b3"]
    other = mixtures(data, 0.0, count=2, seed=3)
    cosine = torch.nn.functional.cosine_similarity(noise, other.noisy - other.clean)
    assert cosine.min().item() > 0.999
    assert not torch.equal(mixtures(data, snr, count=2, seed=4).noisy, batch.noisy)


def test_the_shared_corpus_gives_25_speakers(shared_data: Path) -> None:
    chosen = one_per_speaker(shared_data, 100)
    assert len({u.speaker for u in chosen}) == len(chosen) == 25
    assert all(u.split == "test" and u.text for u in chosen)
