"""Measurements on a tiny enhancer."""

import math

import torch

from benchmarks.dong2022 import measure
from benchmarks.dong2022.conditions import Condition
from benchmarks.dong2022.plan import SEGAN, Job, Plan


def test_a_job_gives_a_row_per_recording_measured_on_what_was_written(monkeypatch, tiny, shared_data, tmp_path) -> None:
    network = measure.load_enhancer(tiny)
    monkeypatch.setattr(measure, "load_enhancer", lambda name: network)
    rows = measure.measure(Job(Plan(shared_data, count=2), 8, Condition("fgsm", SEGAN, "ours")), tmp_path)
    assert len(rows) == 2
    for row in rows:
        assert 0 < row["snr"] < 60 and row["segan cer"] >= 0 and math.isfinite(row["segan gain"])
        assert isinstance(row["protected text"], str)


def test_an_enhancer_that_does_nothing_is_no_better_than_its_input(monkeypatch, shared_data, tmp_path) -> None:
    class Gain(torch.nn.Module):
        def __init__(self, gain):
            super().__init__()
            self.gain = gain

        def forward(self, waveforms, lengths=None):
            return self.gain * waveforms

    # silence behind the other one, which pocketsphinx hears at once
    monkeypatch.setattr(measure, "load_enhancer", lambda name: Gain(float(name == SEGAN)))
    for row in measure.measure(Job(Plan(shared_data, count=2), 8, None), tmp_path):
        # the enhancer gets the recording as it is, the noisy one is heard from its 16-bit file
        assert abs(row["segan cer"] - row["noisy cer"]) < 0.2 and row["segan text"]
        assert row["clean wer"] < 1 and row["metricgan-plus text"] == ""
