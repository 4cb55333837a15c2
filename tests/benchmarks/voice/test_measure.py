"""Voices that are hidden, compared with other recordings, and heard again after codecs."""

import csv
import math
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from benchmarks.protecting import NOISE, ORIGINAL
from benchmarks.voice import measure as module
from benchmarks.voice.measure import measure
from benchmarks.voice.plan import Job, Plan
from sottovoce.errors import NotProtectedError
from sottovoce.evaluation.voice import Judge
from sottovoce.models.speakers import ECAPATDNN
from sottovoce.protections.voice import Voice


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Three humming women with two recordings each."""
    folder, rows = tmp_path_factory.mktemp("data"), []
    time, rng = np.arange(41_600) / 16_000, np.random.default_rng(0)
    for speaker, pitch in enumerate((150, 190, 230)):
        for number in range(2):
            phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.1 * np.sin(2 * np.pi * (number + 1) * time))) / 16_000
            hum = sum(np.sin(k * phase) / k ** (1 + 0.2 * speaker) for k in range(1, 20))
            name = f"{speaker}-{number}.wav"
            soundfile.write(folder / name, 0.1 * hum + 1e-3 * rng.normal(size=len(time)), 16_000)
            rows.append([name, "test", str(speaker), "F", 2.6, "HELLO", ""])
    (folder / "manifests").mkdir()
    with (folder / "manifests" / "librispeech-test-clean.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["path", "split", "speaker", "sex", "seconds", "text", "label"], *rows])
    return folder


@pytest.fixture
def encoder(monkeypatch) -> ECAPATDNN:
    torch.manual_seed(0)
    tiny = ECAPATDNN(channels=16, aggregated=24).eval()
    monkeypatch.setattr(module, "load_speaker_encoder", lambda name: tiny)
    return tiny


def test_rows_have_quality_words_and_error_rates_of_every_channel(data, tmp_path, encoder, monkeypatch) -> None:
    monkeypatch.setattr(module, "CODECS", {"louder": lambda: torch.nn.Hardtanh()})
    attacked = Judge("tiny", encoder, threshold=0.999)
    searched = partial(Voice, [attacked], witnesses=(), snr=10.0, steps=10)
    monkeypatch.setitem(module.SETTINGS, "medium", searched)
    plan = Plan(data, "test", 3, 0, ("tiny",), ("deep-speech",))
    rows = {kind: measure(Job(plan, kind), tmp_path / "files") for kind in ("medium", ORIGINAL, NOISE)}
    for kind, found in rows.items():
        files, rates = found[:3], found[3:]
        assert [row["file"] for row in files] == ["0-0", "1-0", "2-0"]
        assert all(set(row) == {"file", "pesq", "snr", "deep-speech"} for row in files)
        assert [row["channel"] for row in rates] == ([""] if kind == NOISE else ["", "louder"])
        assert all(0.0 <= row["low"] <= row["eer"] <= row["high"] <= 1.0 for row in rates)
    assert rows["medium"][3]["cosine"] < rows[ORIGINAL][3]["cosine"]
    assert math.isnan(rows[ORIGINAL][0]["pesq"]) and rows["medium"][0]["snr"] >= 10.0 - 0.05


def test_a_file_that_is_not_protected_counts_as_it_is(data, tmp_path, encoder, monkeypatch) -> None:
    def refuse(source, target, protection, *, overwrite):
        raise NotProtectedError("not protected")

    monkeypatch.setattr("benchmarks.protecting.protect_file", refuse)
    monkeypatch.setattr(module, "CODECS", {})
    monkeypatch.setitem(module.SETTINGS, "medium", lambda: None)
    plan = Plan(data, "test", 3, 0, ("tiny",), ())
    hidden, recorded = (measure(Job(plan, kind), tmp_path / "files") for kind in ("medium", ORIGINAL))
    assert all(math.isnan(row["snr"]) for row in hidden[:3])
    assert hidden[3]["eer"] == pytest.approx(recorded[3]["eer"])
