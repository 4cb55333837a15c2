"""Verification says what is in the files."""

import math

import numpy as np
import pytest
import soundfile

from sottovoce.errors import SottovoceError
from sottovoce.evaluation.verify import Verification, verify

pytestmark = pytest.mark.usefixtures("no_dnsmos")


def test_values_in_closed_form(pair, echo, reader):
    result = verify(*pair, {"echo": echo}, reader)
    behind = result.behind["echo"]
    assert result.snr == pytest.approx(20 * math.log10(2))
    assert behind.perturbation_gain == pytest.approx(0.0, abs=1e-3)  # ‖0 - x/2‖ / ‖x/2 - x‖
    assert math.isinf(behind.energy_drop)
    assert (behind.original.cer, behind.protected.cer, result.protected.cer) == (0, 1, 0)
    assert Verification.model_validate_json(result.model_dump_json()).behind == result.behind


def test_error_rates_are_against_the_given_text_or_else_the_transcript_of_the_original(pair, echo, reader):
    result = verify(*pair, {"echo": echo}, reader)
    assert (result.reference, result.reference_given, result.original.wer) == ("FOUR WORDS ARE HERE", False, 0)
    result = verify(*pair, {"echo": echo}, reader, text="Five words are not here")
    assert result.reference_given
    assert (result.original.wer, result.behind["echo"].protected.wer) == (2 / 5, 1)


def test_undefined_values_are_noted(pair, echo, reader):
    other = verify(pair[0], pair[0], {"echo": echo}, reader, text="SOMETHING ELSE ALTOGETHER")
    assert math.isnan(other.behind["echo"].perturbation_gain)
    assert any("no perturbation gain" in note for note in other.notes)


def test_files_that_do_not_belong_together(pair, tmp_path, echo, reader):
    soundfile.write(tmp_path / "c.wav", np.ones(31_999) / 2, 16_000)
    with pytest.raises(SottovoceError, match="not a copy"):
        verify(pair[0], tmp_path / "c.wav", {"echo": echo}, reader)


def test_every_enhancer_gets_a_picture_with_its_name_and_no_folder(pair, tmp_path, monkeypatch, echo, reader):
    drawn = {}

    def draw(path, *signals, title):
        drawn[path] = (title, [signal.abs().max().item() for signal in signals])

    monkeypatch.setattr("sottovoce.evaluation.verify.draw", draw)
    verify(*pair, {"models/echo": echo, "other": echo}, reader, pictures=tmp_path / "a.wav")
    assert list(drawn) == [tmp_path / "a.wav-models_echo.png", tmp_path / "a.wav-other.png"]
    title, peaks = drawn[tmp_path / "a.wav-models_echo.png"]
    assert title == "models/echo" and peaks == pytest.approx([0.5, 0.25, 0.25, 0.0], abs=1e-3)
