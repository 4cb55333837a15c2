"""Who judges a protected file, and what is written about it."""

import json
from copy import deepcopy

import pytest
import soundfile
import torch

from sottovoce.cli.reporting import Reporter
from sottovoce.evaluation.panel import Panel
from sottovoce.evaluation.survival import Survival
from sottovoce.models.adapters import AsEnhancer
from sottovoce.models.recognizers import DeepSpeech
from sottovoce.protections.voice import Voice
from sottovoce.protections.words import Words


class Surrogate(torch.nn.Module):
    """Hears, but writes nothing."""

    def own_frames(self, lengths):
        return lengths // 400

    def forward(self, waveforms, lengths=None):
        return waveforms.unfold(-1, 400, 400).square()


class Faithful(torch.nn.Module):
    """Writes the same whatever it hears."""

    name, language = "faithful", "en"

    def transcribe(self, waveforms, lengths=None):
        return ["RAIN FALLS ON ROOFS AND FIELDS"] * len(waveforms)


class Half(torch.nn.Module):
    def forward(self, waveforms):
        return 0.5 * waveforms


def network(seed: int) -> DeepSpeech:
    torch.manual_seed(seed)
    return DeepSpeech(hidden=8, layers=1).eval()


def usual(monkeypatch, panel: Panel) -> None:
    monkeypatch.setattr(Panel, "of", classmethod(lambda cls, names=None, device="cpu": panel))


def test_the_panel_has_the_attacked_and_a_witness_but_no_surrogate_and_no_friend(monkeypatch) -> None:
    own, friend = network(0), network(1)
    usual(monkeypatch, Panel(recognisers={"usual": deepcopy(own), "other": network(2), "amie": deepcopy(friend)}))
    protection = Words({"mine": own, "like": Surrogate()}, keep={"friend": friend})
    reporter = Reporter.of(protection)
    assert list(protection.aim.witnesses) == ["pocketsphinx"]
    assert list(reporter.panel.recognisers) == ["pocketsphinx", "usual", "other", "mine"]
    assert reporter.attacked == ["mine", "like", "usual"]  # the same network under another name


def test_where_enhancers_are_attacked_the_usual_listeners_are_judges(monkeypatch) -> None:
    usual(monkeypatch, Panel(recognisers={"faithful": Faithful()}))
    reporter = Reporter.of(Words({"half": AsEnhancer(Half())}))
    assert list(reporter.panel.recognisers) == ["faithful"] and list(reporter.panel.enhancers) == ["half"]
    assert reporter.attacked == ["half"]


def test_voices_are_judged_by_encoders_only_the_attacked_and_the_others() -> None:
    pytest.importorskip("resemblyzer", reason="needs the extra 'resemblyzer'")
    reporter = Reporter.of(Voice(["ecapa-tdnn"], witnesses=["resemblyzer"]))
    assert list(reporter.panel.encoders) == ["ecapa-tdnn", "resemblyzer"] and not reporter.panel.recognisers
    assert list(reporter.panel.enhancers) == ["metricgan-plus"] and not reporter.panel.missing
    assert reporter.attacked == ["ecapa-tdnn"]


@pytest.mark.usefixtures("no_dnsmos")
def test_what_was_found_is_written_and_said(monkeypatch, sound, tmp_path, capsys) -> None:
    half = AsEnhancer(Half())
    channels = Survival({"quieter": Half()}, {})
    monkeypatch.setattr("sottovoce.evaluation.verify.survival_channels", lambda: channels)
    source, target = sound("a.wav"), tmp_path / "b.wav"
    samples, rate = soundfile.read(source)
    soundfile.write(target, 0.9 * samples, rate)
    reporter = Reporter(Panel(recognisers={"faithful": Faithful()}, enhancers={"half": half}), ["half"])
    place = tmp_path / "report" / "b.wav"
    place.parent.mkdir()
    reporter(source, target, place)
    assert {path.name for path in place.parent.iterdir()} == {"b.wav.json", "b.wav-matrix.png", "b.wav-half.png"}
    assert {path.name.removeprefix("b.wav") for path in place.parent.iterdir()} < set(reporter.suffixes)
    result = json.loads((place.parent / "b.wav.json").read_text())
    assert result["attacked"] == ["half"] and "quieter" in result["channels"]
    told = capsys.readouterr().out
    assert "Words: not protected. The weakest place among listeners that were never attacked is faithful: 0.0 %" in told
    assert "Those attacked: not protected. The weakest place among them is faithful behind half" in told
