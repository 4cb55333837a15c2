"""Verification says what is in the files."""

import json
import math

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.errors import SottovoceError
from sottovoce.evaluation.ledger import Ledger
from sottovoce.evaluation.panel import Panel
from sottovoce.evaluation.verification import Verification
from sottovoce.evaluation.verify import verify

pytestmark = pytest.mark.usefixtures("no_dnsmos")


def test_values_in_closed_form(pair, panel):
    result = verify(*pair, panel)
    strength = result.views["channel 1"].strengths["echo"]
    assert result.snr == pytest.approx(20 * math.log10(2))
    assert strength.perturbation_gain == pytest.approx(0.0, abs=1e-3)  # ‖0 - x/2‖ / ‖x/2 - x‖
    assert math.isinf(strength.energy_drop)
    behind, alone = result.cell("reader", "echo"), result.cell("reader")
    assert (behind.original, behind.protected, alone.protected) == (0, 1, 0)
    assert Verification.model_validate_json(result.model_dump_json()).views == result.views


def test_error_rates_are_against_the_given_text_or_else_the_transcript_of_the_original(pair, panel):
    result = verify(*pair, panel)
    assert list(result.views) == ["channel 1"]
    assert result.views["channel 1"].reference == "FOUR WORDS ARE HERE" and result.reference_by == "reader"
    result = verify(*pair, panel, text="Five words are not here")
    assert result.reference_by is None
    assert (result.cell("reader").original, result.cell("reader", "echo").protected) == (2 / 5, 1)


def test_the_first_recogniser_writes_the_reference_for_all(pair, reader, levels):
    result = verify(*pair, Panel(recognisers={"level": levels, "reader": reader}))
    assert result.reference_by == "level" and result.cell("level").original == 0
    assert result.cell("reader").original > 0


def test_undefined_values_are_noted(pair, panel):
    same = verify(pair[0], pair[0], panel, text="SOMETHING ELSE ALTOGETHER")
    assert math.isnan(same.views["channel 1"].strengths["echo"].perturbation_gain)
    assert any("no perturbation gain" in note for note in same.notes)


def stereo(path, left, right, subtype="DOUBLE"):
    soundfile.write(path, np.stack([left, right], 1), 16_000, subtype=subtype)
    return path


def speech(level=0.5, sign=1.0):
    """Two seconds that are mostly positive, or mostly negative."""
    time = np.arange(32_000) * 0.05
    return sign * level * (np.sin(time) + 0.5 * np.cos(2 * time))


def test_the_channel_in_which_the_words_are_left_is_the_weakest(tmp_path, levels, nothing):
    left, right = speech(), speech(sign=-1.0)
    before = stereo(tmp_path / "a.wav", left, right)
    after = stereo(tmp_path / "b.wav", 0.1 * left, right)
    result = verify(before, after, Panel(recognisers={"level": levels}, enhancers={"nothing": nothing}))
    assert list(result.views) == ["channel 1", "channel 2", "difference 1-2"]  # they cancel in the mean
    assert result.views["channel 1"].reference != result.views["channel 2"].reference
    alone = {cell.view: cell.protected for cell in result.cells if cell.channel == "as it is"}
    assert [alone[f"channel {n}"] for n in (1, 2)] == [1, 0]
    assert result.cell("level").view == result.cell("level", "nothing").view == "channel 2"
    assert result.weakest("words").protected == 0


def test_a_talker_who_is_left_in_the_difference_alone_is_found(tmp_path, levels):
    said, common = speech(0.3), speech(0.6, sign=-1.0)
    before = stereo(tmp_path / "a.wav", said, 0 * said)
    after = stereo(tmp_path / "b.wav", said + common, common)
    result = verify(before, after, Panel(recognisers={"level": levels}), text="rain falls on roofs")
    assert {cell.view: cell.protected for cell in result.cells} == {"channel 1": 1, "mean": 1, "difference 1-2": 0}
    assert result.weakest("words").view == "difference 1-2"


def test_a_view_whose_original_is_not_understood_is_not_the_weakest(tmp_path, levels):
    loud, quiet = speech(), speech(0.05)
    before = stereo(tmp_path / "a.wav", loud, quiet)
    after = stereo(tmp_path / "b.wav", 0.05 * loud, quiet)
    result = verify(before, after, Panel(recognisers={"level": levels}), text="rain falls on roofs noise noise noise")
    first, second = (next(c for c in result.cells if c.view == f"channel {n}") for n in (1, 2))
    assert first.original == 3 / 7 and first.protected == 6 / 7
    assert second.protected == second.original == 6 / 7
    assert result.cell("level").view != "channel 2"


def test_equal_channels_are_judged_once(tmp_path, panel, reader):
    asked, transcribe = [], reader.transcribe
    reader.transcribe = lambda waveforms: asked.append(1) or transcribe(waveforms)
    before = stereo(tmp_path / "a.wav", speech(), speech())
    after = stereo(tmp_path / "b.wav", 0.5 * speech(), 0.5 * speech())
    shares = []
    result = verify(before, after, panel, text="four words are here", progress=shares.append)
    assert list(result.views) == ["channel 1", "channel 2", "mean"]
    assert len(asked) == 2 and shares == [0.5, 1.0]  # alone, and behind the enhancer
    assert {cell.view for cell in result.cells} == set(result.views)


def test_the_snr_is_that_of_the_worst_channel_without_its_offset(tmp_path, reader):
    said, alone = speech(), Panel(recognisers={"reader": reader})
    before = stereo(tmp_path / "a.wav", said + 0.2, said)
    after = stereo(tmp_path / "b.wav", 1.1 * said + 0.2, 1.01 * said)
    assert verify(before, after, alone).snr == pytest.approx(20, abs=0.01)
    silent = stereo(tmp_path / "c.wav", said, 0 * said)
    perturbed = stereo(tmp_path / "d.wav", 1.1 * said, 0.001 * said)
    assert verify(silent, perturbed, alone).snr == -math.inf
    assert verify(silent, silent, alone).snr == math.inf


def test_quality_is_that_of_the_worst_channel(tmp_path):
    said, hiss = speech(), 0.05 * np.random.default_rng(0).standard_normal(32_000)
    before = stereo(tmp_path / "a.wav", said, 0.5 * said)
    after = stereo(tmp_path / "b.wav", said + 0.1 * hiss, 0.5 * said + hiss)
    expected = 10 * math.log10(np.square(0.5 * said).sum() / np.square(hiss).sum())
    assert verify(before, after, Panel()).quality["si_sdr"] == pytest.approx(expected, abs=0.2)
    assert verify(before, before, Panel()).quality["si_sdr"] == math.inf


def test_samples_above_full_scale_are_heard_at_full_scale(tmp_path, reader):
    heard, transcribe = [], reader.transcribe
    reader.transcribe = lambda waveforms: heard.append(waveforms.abs().max().item()) or transcribe(waveforms)
    loud = stereo(tmp_path / "a.wav", speech(2.0), speech(2.0), "FLOAT")
    verify(loud, loud, Panel(recognisers={"reader": reader}), text="four words are here")
    assert max(heard) == pytest.approx(1.0, abs=0.01)


def test_a_transcript_that_is_no_reference_gives_no_error_rates(tmp_path, reader, nothing):
    silent = stereo(tmp_path / "a.wav", 0 * speech(), 0 * speech())
    result = verify(silent, silent, Panel(recognisers={"reader": reader}, enhancers={"nothing": nothing}))
    assert "heard no words" in result.views["channel 1"].worthless
    assert all(math.isnan(cell.protected) and "heard no words" in cell.problem for cell in result.cells)
    assert result.weakest("words") is None


def test_an_empty_text_is_refused(pair, panel):
    with pytest.raises(SottovoceError, match="no words"):
        verify(*pair, panel, text=" ?!")


def test_names_with_undecodable_bytes_can_be_reported(tmp_path, panel):
    before = stereo(tmp_path / "a.wav", speech(), speech()).rename(tmp_path / "caf\udce9.wav")
    result = verify(before, before, panel)
    assert json.loads(result.model_dump_json())["original_file"].endswith(r"caf\udce9.wav")


def test_a_copy_of_another_rate_and_length_is_aligned_first(tmp_path, panel):
    random = np.random.default_rng(0)
    said = np.convolve(random.standard_normal(32_000), np.hanning(9) / 40, "same")
    soundfile.write(tmp_path / "a.wav", said, 16_000, subtype="DOUBLE")
    soundfile.write(tmp_path / "b.wav", np.concatenate([np.zeros(300), said[:-500]]), 16_000, subtype="DOUBLE")
    result = verify(tmp_path / "a.wav", tmp_path / "b.wav", panel)
    assert "moved 300 samples earlier" in result.aligned
    assert result.snr > 15  # the 500 samples that are missing
    assert verify(tmp_path / "a.wav", tmp_path / "a.wav", panel).aligned is None


def test_files_that_do_not_belong_together(pair, tmp_path, panel):
    soundfile.write(tmp_path / "c.wav", np.random.default_rng(0).standard_normal(31_999) / 9, 16_000)
    with pytest.raises(SottovoceError, match=r"c\.wav.*a\.wav.*not a copy"):
        verify(pair[0], tmp_path / "c.wav", panel)
    stereo(tmp_path / "d.wav", speech(), speech())
    with pytest.raises(SottovoceError, match=r"d\.wav.*2 channels"):
        verify(pair[0], tmp_path / "d.wav", panel)


def test_noise_stands_beside_every_figure(pair, reader, echo):
    class Threshold(torch.nn.Module):
        """Hears words in what is smooth."""

        name, language = "threshold", "en"

        def transcribe(self, waveforms, lengths=None):
            rough = (waveforms[:, 1:] - waveforms[:, :-1]).square().mean(1) / waveforms.square().mean(1)
            return ["" if each > 0.1 else "FOUR WORDS ARE HERE" for each in rough]

    cell = verify(*pair, Panel(recognisers={"threshold": Threshold()})).cell("threshold")
    # the copy is the hum at half the level: smooth, where noise of its energy is rough
    assert (cell.original, cell.protected, cell.noise_as_loud) == (0, 0, 1)


def test_what_was_measured_before_an_interruption_is_not_measured_again(pair, panel, reader, tmp_path):
    whole = verify(*pair, panel)
    ledger = Ledger(tmp_path / "unfinished.jsonl")

    def interrupted(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verify(*pair, panel, progress=interrupted, ledger=ledger)
    assert len((tmp_path / "unfinished.jsonl").read_text().split("\n")) == 2  # after an empty line
    asked, transcribe = [], reader.transcribe
    reader.transcribe = lambda waveforms: asked.append(1) or transcribe(waveforms)
    again = verify(*pair, panel, ledger=Ledger(tmp_path / "unfinished.jsonl"), text=None)
    assert again.model_dump_json() == whole.model_dump_json()
    assert len(asked) == 3  # the reference, that it is trusted, and the cell that was missing


def test_the_weakest_place_is_among_those_never_attacked(pair, panel):
    class Faithful(torch.nn.Module):
        """Writes the same whatever it hears."""

        name, language = "faithful", "en"

        def transcribe(self, waveforms, lengths=None):
            return ["FOUR WORDS ARE HERE"] * len(waveforms)

    panel.add("faithful", Faithful())
    result = verify(*pair, panel, text="four words are here", attacked=["faithful"])
    assert result.attacked == ["faithful"]
    assert {cell.listener for cell in result.judged("words")} == {"reader"}
    assert (result.weakest("words").listener, result.weakest_attacked("words").listener) == ("reader", "faithful")
    behind = verify(*pair, panel, text="four words are here", attacked=["faithful", "echo"])
    assert [(cell.listener, cell.channel) for cell in behind.judged("words")] == [("reader", "as it is")]
    everybody = verify(*pair, panel, text="four words are here", attacked=["faithful", "reader"])
    assert everybody.weakest("words") == everybody.weakest_attacked("words") and len(everybody.judged("words")) == 4
    nobody = verify(*pair, panel, text="four words are here")
    assert nobody.weakest_attacked("words") is None and len(nobody.judged("words")) == 4
    assert Verification.model_validate_json(behind.model_dump_json()).attacked == ["faithful", "echo"]


def test_networks_of_ones_own_join_the_usual_listeners(pair, echo, monkeypatch, reader):
    usual = Panel(recognisers={"reader": reader})
    monkeypatch.setattr(Panel, "of", classmethod(lambda cls, names=None, device="cpu": usual))
    assert verify(*pair, {"echo": echo}).cell("reader", "echo").protected == 1


def test_every_enhancer_gets_a_picture_with_its_name_and_no_folder(pair, tmp_path, monkeypatch, echo, reader):
    drawn = {}

    def draw(path, shown, title):
        drawn[path] = (title, [signal.abs().max().item() for signal in shown.values()])

    monkeypatch.setattr("sottovoce.evaluation.verify.draw", draw)
    panel = Panel(recognisers={"reader": reader}, enhancers={"models/echo": echo, "other": echo})
    verify(*pair, panel, pictures=tmp_path / "a.wav")
    assert list(drawn) == [tmp_path / "a.wav-models_echo.png", tmp_path / "a.wav-other.png"]
    title, peaks = drawn[tmp_path / "a.wav-models_echo.png"]
    assert title == "Before and after models/echo" and peaks == pytest.approx([0.5, 0.25, 0.25, 0.0], abs=1e-3)
