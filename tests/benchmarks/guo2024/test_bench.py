"""The speaker bench from a corpus to its report, on tiny models."""

import json
import math

import pytest
import torch

from benchmarks.guo2024 import bench, report
from benchmarks.guo2024.bench import CORPORA, Job, signals
from benchmarks.guo2024.restoration import VARIANTS, restorations
from benchmarks.guo2024.signals import OPTIMISED, Signal
from sottovoce.audio.files import as_mono_16k, read
from sottovoce.corpora.loading import load_corpus
from sottovoce.metrics import snr
from sottovoce.perturbers import SSED


@pytest.fixture
def waveforms(humming):
    utterances = load_corpus(humming / "manifests" / f"{CORPORA[0]}.csv")[:2]
    return [torch.from_numpy(as_mono_16k(read(utterance.path))) for utterance in utterances]


def test_every_signal_is_measured_once_on_every_corpus(plan) -> None:
    found = signals(plan)
    assert len({signal.name for signal in found}) == len(found)
    assert [signal.kind for signal in found] == [
        "rec",
        "adv",
        "rst",
        "ref",
        "an",
        "qt",
        "ms",
        "inv",
        "semi",
        "pgd",
        "opt",
    ]


def test_what_is_tested_is_what_a_16_bit_file_holds(plan, waveforms) -> None:
    for signal in signals(plan)[1:]:
        for treated, waveform in zip(signal.make(waveforms, seed=0), waveforms, strict=True):
            assert treated.shape == waveform.shape, signal.name
            assert torch.equal(treated * 32768, (treated * 32768).round()), signal.name
            assert not torch.equal(treated, waveform), signal.name


def test_restoration_starts_from_the_protected_file(plan, waveforms) -> None:
    network = SSED.load(plan.models[0])
    hidden = Signal("adv", plan.models[0]).make(waveforms, seed=0)
    restored = Signal("rst", plan.models[0]).make(waveforms, seed=0)
    with torch.no_grad():
        assert torch.allclose(restored[0], network.remove(hidden[0][None])[0], atol=0.51 / 32768)


@pytest.mark.parametrize("kind", OPTIMISED)
def test_optimisation_has_the_generators_snr(plan, waveforms, kind) -> None:
    hidden = Signal("adv", plan.models[0]).make(waveforms, seed=0)
    found = Signal(kind, plan.models[0], plan.encoders[0]).make(waveforms, seed=0)
    for waveform, one, other in zip(waveforms, hidden, found, strict=True):
        wanted = snr(waveform[None], one[None]).item()
        assert snr(waveform[None], other[None]).item() == pytest.approx(wanted, abs=0.5)


def test_a_recording_tested_as_it_is_is_perfect(plan) -> None:
    rows = bench.measure(Job(plan, CORPORA[0], Signal("rec")))
    recordings = [row for row in rows if "snr" in row]
    assert len(recordings) == 8
    assert all(row["snr"] == math.inf and row["pitch"] == pytest.approx(1) for row in recordings)
    pooled = [row for row in rows if row.get("sex") == "all" and row["trials"] == bench.PER_UTTERANCE]
    assert [row["condition"] for row in pooled] == ["rec-rec"]
    assert pooled[0]["targets"] == 8 and pooled[0]["others"] == 16
    assert 0 <= pooled[0]["low"] <= pooled[0]["eer"] <= pooled[0]["high"] <= 1


def test_optimisation_is_measured_on_the_literal_list_alone(plan) -> None:
    rows = bench.measure(Job(plan, CORPORA[1], signals(plan)[-1]))
    assert sum("snr" in row for row in rows) == 4
    assert {row["trials"] for row in rows if "eer" in row} == {bench.PER_SPEAKER}


def test_files_come_back_bit_for_bit_in_every_variant(plan, humming) -> None:
    utterances = load_corpus(humming / "manifests" / f"{CORPORA[0]}.csv")
    rows = restorations(utterances, SSED.load(plan.models[0]), "ssed")
    assert len({row["variant"] for row in rows}) == len(VARIANTS)
    assert all(row["identical"] == 1 and row["snr"] > 0 for row in rows)
    assert all(row["companion"] > 0 for row in rows)


def test_the_report_shows_what_is_there_and_a_dash_for_what_is_not(plan, tmp_path) -> None:
    (tmp_path / "rows").mkdir()
    job = Job(plan, CORPORA[0], Signal("adv", plan.models[0]))
    quality = {"file": "a", "snr": 32.5, "pesq": 3.75, "pitch": 0.999, "text": "A", "wer": 0.5}
    voice = {"encoder": plan.encoders[0], "trials": bench.PER_UTTERANCE, "condition": "rec-adv", "sex": "men"}
    rates = {"eer": 0.256, "low": 0.2, "high": 0.3, "min dcf": 1.0, "targets": 8.0, "others": 16.0}
    rows = [quality, quality, voice | rates]
    (tmp_path / "rows" / f"{job.name}.json").write_text(json.dumps(rows))
    report.write_report(tmp_path, plan)
    text = (tmp_path / "speaker.md").read_text()
    row = next(line for line in text.splitlines() if "rec-adv" in line and line.count("25.60"))
    assert "25.60 [20.0, 30.0]" in row and row.rstrip(" |").endswith("–")
    assert "| adv | 32.50 [32.50, 32.50] | 3.75" in text
    assert "| paper | white box | librispeech-test-clean | rec-adv | 18.62 | 9.27 |" in text
    assert (tmp_path / "speaker.csv").read_text().count("\n") == 2
