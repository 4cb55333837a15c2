"""What is written about a protected file."""

import json

import pytest
import soundfile

from sottovoce.cli.reporting import Reporter
from sottovoce.evaluation.panel import Panel
from sottovoce.evaluation.survival import Survival
from sottovoce.models.adapters import AsEnhancer
from tests.listeners import Faithful, Half


@pytest.mark.usefixtures("no_dnsmos")
def test_what_was_found_is_written_and_given_in_sentences(monkeypatch, sound, tmp_path) -> None:
    half = AsEnhancer(Half())
    channels = Survival({"quieter": Half()}, {})
    monkeypatch.setattr("sottovoce.evaluation.verify.survival_channels", lambda: channels)
    source, target = sound("a.wav"), tmp_path / "b.wav"
    samples, rate = soundfile.read(source)
    soundfile.write(target, 0.9 * samples, rate)
    reporter = Reporter(Panel(recognisers={"faithful": Faithful()}, enhancers={"half": half}), ["half"])
    place = tmp_path / "report" / "b.wav"
    place.parent.mkdir()
    shares: list[float] = []
    told = " ".join(reporter(source, target, place, shares.append))
    assert shares[-1] == 1.0
    assert {path.name for path in place.parent.iterdir()} == {"b.wav.json", "b.wav-matrix.png", "b.wav-half.png"}
    assert {path.name.removeprefix("b.wav") for path in place.parent.iterdir()} < set(reporter.suffixes)
    result = json.loads((place.parent / "b.wav.json").read_text())
    assert result["attacked"] == ["half"] and "quieter" in result["channels"]
    assert "Words: not protected. The weakest place among listeners that were never attacked is faithful: 0.0 %" in told
    assert "Those attacked: not protected. The weakest place among them is faithful behind half" in told
