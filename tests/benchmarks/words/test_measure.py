"""Files that are protected, compared and heard by listeners that are always here."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks.protecting import NOISE, ORIGINAL
from benchmarks.words import measure as module
from benchmarks.words.measure import material_of, measure
from benchmarks.words.plan import CLEAN, NOISY, Job, Plan
from sottovoce.errors import NotProtectedError
from sottovoce.protections.words import Words

COLUMNS = ["path", "split", "speaker", "sex", "seconds", "text", "label"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A speaker of each split, and a noise of each."""
    rng, lists = np.random.default_rng(0), {}
    for corpus, split, noise in (("librispeech-test-clean", "test", "test"), ("librispeech-mini", "valid", "train")):
        for name, text in ((f"{split}-speech.wav", "HELLO"), (f"{noise}-noise.wav", "")):
            soundfile.write(tmp_path / name, 0.05 * rng.normal(size=48_000), 16_000)
            row = [name, split if text else noise, "a" if text else "", "", "3.0", text, ""]
            lists.setdefault(corpus if text else "noise", []).append(row)
    (tmp_path / "manifests").mkdir()
    for corpus, rows in lists.items():
        with (tmp_path / "manifests" / f"{corpus}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *rows])
    return tmp_path


def test_the_splits_share_no_recording(data: Path) -> None:
    for split in ("test", "valid"):
        names, texts, (clean,) = material_of(data, split, CLEAN, 1, 0)
        noisy_names, _, (noisy,) = material_of(data, split, NOISY, 1, 0)
        assert names == noisy_names == [f"{split}-speech"] and texts == ["HELLO"]
        assert 10 * math.log10(clean.square().sum() / (noisy - clean).square().sum()) == pytest.approx(8.0, abs=0.1)


def test_rows_have_quality_and_every_listener(data: Path, tmp_path: Path, tiny: str, monkeypatch) -> None:
    monkeypatch.setattr(module, "JUDGE", "deep-speech")
    monkeypatch.setattr(module, "Words", lambda **settings: Words(tiny, steps=2, **settings))
    plan = Plan(data, "test", 1, 0, ("deep-speech",), (tiny,))
    rows = {kind: measure(Job(plan, kind, CLEAN), tmp_path / "files")[0] for kind in ("medium", ORIGINAL, NOISE)}
    behind = {f"{tiny}+deep-speech", *(f"{codec}+deep-speech" for codec in module.CODECS)}
    assert set(rows["medium"]) == set(rows[ORIGINAL]) == {"file", "pesq", "snr", "deep-speech", *behind}
    assert set(rows[NOISE]) == {"file", "pesq", "snr", "deep-speech"}
    assert math.isnan(rows[ORIGINAL]["pesq"]) and rows["medium"]["snr"] >= 20.0 - 0.05
    assert rows[NOISE]["pesq"] == pytest.approx(rows["medium"]["pesq"], abs=0.1)
    assert sorted(path.name for path in (tmp_path / "files").iterdir()) == ["medium@clean", "noise@clean"]


def test_a_file_that_is_not_protected_counts_as_it_is(data: Path, tmp_path: Path, monkeypatch) -> None:
    def refuse(source, target, protection, *, overwrite):
        raise NotProtectedError("not protected")

    monkeypatch.setattr("benchmarks.protecting.protect_file", refuse)
    monkeypatch.setattr(module, "CODECS", {})
    plan = Plan(data, "test", 1, 0, ("deep-speech",), ())
    (row,) = measure(Job(plan, "surrogate only", CLEAN), tmp_path / "files")
    assert math.isnan(row["snr"]) and math.isnan(row["pesq"])
