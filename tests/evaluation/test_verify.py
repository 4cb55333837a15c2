"""Verification says what is in the files."""

import json
import math

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.errors import SottovoceError
from sottovoce.evaluation.verify import Verification, verify

pytestmark = pytest.mark.usefixtures("no_dnsmos")


def test_values_in_closed_form(pair, echo, reader):
    result = verify(*pair, {"echo": echo}, reader)
    enhanced = result.enhanced["echo"]
    assert result.snr == pytest.approx(20 * math.log10(2))
    assert enhanced.perturbation_gain == pytest.approx(0.0, abs=1e-3)  # ‖0 - x/2‖ / ‖x/2 - x‖
    assert math.isinf(enhanced.energy_drop)
    assert (enhanced.original.cer, enhanced.protected.cer, result.protected.cer) == (0, 1, 0)
    assert Verification.model_validate_json(result.model_dump_json()).views == result.views


def test_error_rates_are_against_the_given_text_or_else_the_transcript_of_the_original(pair, echo, reader):
    result = verify(*pair, {"echo": echo}, reader)
    assert list(result.views) == ["channel 1"]
    reference = result.views["channel 1"].reference
    assert (reference, result.reference_given, result.original.wer) == ("FOUR WORDS ARE HERE", False, 0)
    result = verify(*pair, {"echo": echo}, reader, text="Five words are not here")
    assert result.reference_given
    assert (result.original.wer, result.enhanced["echo"].protected.wer) == (2 / 5, 1)


def test_undefined_values_are_noted(pair, echo, reader):
    other = verify(pair[0], pair[0], {"echo": echo}, reader, text="SOMETHING ELSE ALTOGETHER")
    assert math.isnan(other.enhanced["echo"].perturbation_gain)
    assert any("no perturbation gain" in note for note in other.notes)


def stereo(path, left, right, subtype="DOUBLE"):
    soundfile.write(path, np.stack([left, right], 1), 16_000, subtype=subtype)
    return path


def speech(level=0.5, sign=1.0):
    """Two seconds that are mostly positive, or mostly negative."""
    time = np.arange(32_000) * 0.05
    return sign * level * (np.sin(time) + 0.5 * np.cos(2 * time))


class Nothing(torch.nn.Module):
    """An enhancer that changes nothing."""

    seam, device = 1, torch.device("cpu")

    def forward(self, waveforms, lengths=None):
        return waveforms


def test_the_channel_in_which_the_words_are_left_is_the_weakest(tmp_path, levels):
    left, right = speech(), speech(sign=-1.0)
    before = stereo(tmp_path / "a.wav", left, right)
    after = stereo(tmp_path / "b.wav", 0.1 * left, right)
    result = verify(before, after, {"nothing": Nothing()}, levels)
    assert list(result.views) == ["channel 1", "channel 2", "difference 1-2"]  # they cancel in the mean
    assert result.views["channel 1"].reference != result.views["channel 2"].reference
    assert [result.views[f"channel {n}"].protected.wer for n in (1, 2)] == [1, 0]
    assert result.weakest() == result.weakest("nothing") == "channel 2"
    assert result.enhanced["nothing"].protected.wer == result.protected.wer == 0


def test_a_talker_who_is_left_in_the_difference_alone_is_found(tmp_path, levels):
    said, common = speech(0.3), speech(0.6, sign=-1.0)
    before = stereo(tmp_path / "a.wav", said, 0 * said)
    after = stereo(tmp_path / "b.wav", said + common, common)
    result = verify(before, after, {"nothing": Nothing()}, levels, text="one two three four")
    assert {name: view.protected.wer for name, view in result.views.items()} == {
        "channel 1": 1,
        "mean": 1,
        "difference 1-2": 0,
    }
    assert result.weakest("nothing") == "difference 1-2"


def test_a_view_whose_original_is_not_understood_is_not_the_weakest(tmp_path, levels):
    loud, quiet = speech(), speech(0.05)
    before = stereo(tmp_path / "a.wav", loud, quiet)
    after = stereo(tmp_path / "b.wav", 0.05 * loud, quiet)
    result = verify(before, after, {}, levels, text="one two three four noise noise noise")
    assert result.views["channel 1"].original.wer == 3 / 7 and result.views["channel 1"].protected.wer == 6 / 7
    assert result.views["channel 2"].protected.wer == result.views["channel 2"].original.wer == 6 / 7
    assert result.weakest() != "channel 2"


def test_equal_channels_are_judged_once(tmp_path, echo, reader):
    asked, transcribe = [], reader.transcribe
    reader.transcribe = lambda waveforms: asked.append(1) or transcribe(waveforms)
    before = stereo(tmp_path / "a.wav", speech(), speech())
    after = stereo(tmp_path / "b.wav", 0.5 * speech(), 0.5 * speech())
    result = verify(before, after, {"echo": echo}, reader, text="four words are here")
    assert list(result.views) == ["channel 1", "channel 2", "mean"]
    assert len(asked) == 4


def test_the_snr_is_that_of_the_worst_channel_without_its_offset(tmp_path, reader):
    said = speech()
    before = stereo(tmp_path / "a.wav", said + 0.2, said)
    after = stereo(tmp_path / "b.wav", 1.1 * said + 0.2, 1.01 * said)
    assert verify(before, after, {}, reader).snr == pytest.approx(20, abs=0.01)
    silent = stereo(tmp_path / "c.wav", said, 0 * said)
    perturbed = stereo(tmp_path / "d.wav", 1.1 * said, 0.001 * said)
    assert verify(silent, perturbed, {}, reader).snr == -math.inf
    assert verify(silent, silent, {}, reader).snr == math.inf


def test_quality_is_that_of_the_worst_channel(tmp_path, reader):
    said, hiss = speech(), 0.05 * np.random.default_rng(0).standard_normal(32_000)
    before = stereo(tmp_path / "a.wav", said, 0.5 * said)
    after = stereo(tmp_path / "b.wav", said + 0.1 * hiss, 0.5 * said + hiss)
    expected = 10 * math.log10(np.square(0.5 * said).sum() / np.square(hiss).sum())
    assert verify(before, after, {}, reader).quality["si_sdr"] == pytest.approx(expected, abs=0.2)
    assert verify(before, before, {}, reader).quality["si_sdr"] == math.inf


def test_samples_above_full_scale_are_heard_at_full_scale(tmp_path, reader):
    heard, transcribe = [], reader.transcribe
    reader.transcribe = lambda waveforms: heard.append(waveforms.abs().max().item()) or transcribe(waveforms)
    loud = stereo(tmp_path / "a.wav", speech(2.0), speech(2.0), "FLOAT")
    verify(loud, loud, {}, reader, text="four words are here")
    assert max(heard) == pytest.approx(1.0, abs=0.01)


def test_a_transcript_that_is_no_reference_gives_no_error_rates(tmp_path, reader):
    silent = stereo(tmp_path / "a.wav", 0 * speech(), 0 * speech())
    result = verify(silent, silent, {"nothing": Nothing()}, reader)
    assert "heard no words" in result.views["channel 1"].worthless
    assert math.isnan(result.protected.wer) and math.isnan(result.enhanced["nothing"].protected.cer)
    assert result.views["channel 1"].enhanced["nothing"].protected.text == ""


def test_an_empty_text_is_refused(pair, reader):
    with pytest.raises(SottovoceError, match="no words"):
        verify(*pair, {}, reader, text=" ?!")


def test_names_with_undecodable_bytes_can_be_reported(tmp_path, reader):
    before = stereo(tmp_path / "a.wav", speech(), speech()).rename(tmp_path / "caf\udce9.wav")
    result = verify(before, before, {}, reader)
    assert json.loads(result.model_dump_json())["original_file"].endswith(r"caf\udce9.wav")


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
