"""Verification says what is in the files."""

import math

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.errors import SottovoceError
from sottovoce.evaluation.folders import evaluate, pairs, summary
from sottovoce.evaluation.verify import Verification, verify
from sottovoce.metrics import DNSMOS


class Echo(torch.nn.Module):
    """An enhancer that halves what is loud and silences what is quiet: protected files are the quieter ones here."""

    seam, device = 1, torch.device("cpu")

    def forward(self, waveforms, lengths=None):
        return waveforms * (0.5 if waveforms.abs().max() > 0.4 else 0.0)


class LoudnessReader:
    """Hears words in anything that is not silence."""

    name = "reader"

    def transcribe(self, waveforms, lengths=None):
        return ["FOUR WORDS ARE HERE" if row.any() else "" for row in waveforms]


@pytest.fixture(autouse=True)
def no_dnsmos(monkeypatch):
    """DNSMOS is tested in its own place and takes seconds."""
    monkeypatch.setattr("sottovoce.metrics.dnsmos", lambda *_: DNSMOS(*torch.full((3, 1), 3.0)))


@pytest.fixture
def files(tmp_path):
    hum = 0.5 * np.sin(np.arange(32_000) * 0.05)
    (tmp_path / "o").mkdir()
    (tmp_path / "p").mkdir()
    soundfile.write(tmp_path / "o" / "a.wav", hum, 16_000, subtype="DOUBLE")
    soundfile.write(tmp_path / "p" / "a.wav", 0.5 * hum, 16_000, subtype="DOUBLE")
    return tmp_path / "o" / "a.wav", tmp_path / "p" / "a.wav"


def test_values_in_closed_form(files):
    result = verify(*files, {"echo": Echo()}, LoudnessReader())
    behind = result.behind["echo"]
    assert result.snr == pytest.approx(20 * math.log10(2))
    assert behind.perturbation_gain == pytest.approx(0.0, abs=1e-3)  # ‖0 - x/2‖ / ‖x/2 - x‖
    assert math.isinf(behind.energy_drop)
    assert (behind.original.cer, behind.protected.cer, result.protected.cer) == (0, 1, 0)
    assert Verification.model_validate_json(result.model_dump_json()).behind == result.behind


def test_undefined_values_are_noted(files):
    other = verify(files[0], files[0], {"echo": Echo()}, LoudnessReader(), text="SOMETHING ELSE ALTOGETHER")
    assert math.isnan(other.behind["echo"].perturbation_gain)
    assert any("no perturbation gain" in note for note in other.notes)


def test_files_that_do_not_belong_together(files, tmp_path):
    soundfile.write(tmp_path / "c.wav", np.ones(31_999) / 2, 16_000)
    with pytest.raises(SottovoceError, match="not a copy"):
        verify(files[0], tmp_path / "c.wav", {"echo": Echo()}, LoudnessReader())


def test_a_folder_gives_counts_and_intervals(files):
    found = pairs(files[0].parent, files[1].parent)
    assert found == [files]
    rows = evaluate(
        found * 3, {"echo": Echo()}, LoudnessReader(), said={"a.wav": "FOUR WORDS ARE HERE"}, failed=pytest.fail
    )
    lines = summary(rows).set_index("measure")
    assert lines.loc["enhanced_protected_wer", ["mean", "low", "high", "counted", "total"]].tolist() == [1, 1, 1, 3, 3]
    with pytest.raises(SottovoceError, match="no copy"):
        pairs(files[0].parent, files[0].parent.parent / "nowhere")
