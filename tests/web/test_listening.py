"""Two files to hear and to see, also behind an enhancer and as a panel judges them."""

from threading import Event

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.evaluation.panel import Panel
from sottovoce.models.adapters import AsEnhancer
from sottovoce.protections.report import Effect, Report
from sottovoce.web import judging, listening
from sottovoce.web.results import Protected
from sottovoce.web.uploads import Upload
from sottovoce.web.working import CancelledError, Meter


class Half(torch.nn.Module):
    def forward(self, waveforms):
        return 0.5 * waveforms


@pytest.fixture
def meter() -> Meter:
    return Meter(Event())


@pytest.fixture
def pair(sound, tmp_path):
    original, protected = sound("a.wav", rate=44_100, channels=2), tmp_path / "b.wav"
    samples, rate = soundfile.read(original)
    soundfile.write(protected, 0.9 * samples, rate)
    return original, protected


def test_browsers_get_the_same_samples_in_a_format_they_all_play(pair, tmp_path) -> None:
    heard = listening.listened(*pair, tmp_path)
    for path, own in zip(heard.sounds.values(), pair, strict=True):
        assert path.suffix == ".flac"
        np.testing.assert_array_equal(soundfile.read(path)[0], soundfile.read(own)[0])
    assert heard.pictures[listening.SPECTROGRAMS].read_bytes().startswith(b"\x89PNG")


def test_both_files_go_through_the_enhancer(pair, tmp_path, meter, monkeypatch) -> None:
    monkeypatch.setattr(listening, "load_enhancers", lambda names: {name: AsEnhancer(Half()) for name in names})
    folder = tmp_path / "enhanced"
    folder.mkdir()
    heard = listening.enhanced(listening.listened(*pair, tmp_path), "half", folder, meter)
    assert list(heard.sounds) == ["Original", "Protected", "Original after half", "Protected after half"]
    levels = [float(np.abs(soundfile.read(path)[0]).max()) for path in heard.sounds.values()]
    assert levels[2] == pytest.approx(0.5 * levels[0], rel=0.02) and levels[3] == pytest.approx(
        0.45 * levels[0], rel=0.02
    )
    meter.cancelled.set()
    with pytest.raises(CancelledError):
        listening.enhanced(heard, "half", folder, meter)


def test_only_who_is_here_is_offered() -> None:
    assert "metricgan-plus" in listening.enhancers() and "pocketsphinx" not in listening.enhancers()
    assert {"metricgan-plus", "pocketsphinx", "ecapa-tdnn"} <= set(judging.usual()) <= set(judging.here())


def test_judges_hear_the_files_and_what_they_find_names_them_as_the_person_does(
    pair, tmp_path, meter, soft, monkeypatch
) -> None:
    panel = Panel(enhancers={"half": AsEnhancer(Half())})
    monkeypatch.setattr(judging, "judges", lambda protection: (panel, ["half"]))
    monkeypatch.setattr(Panel, "of", classmethod(lambda cls, names: panel))
    monkeypatch.setattr("sottovoce.evaluation.verify.QUALITY", {})
    report = Report(
        protection="soft",
        identity={},
        source="mine.wav",
        target="protected-1.wav",
        seconds=1.0,
        snr=20.0,
        effect=Effect(),
    )
    result = Protected("mine.wav", 1, *pair, report, soft)
    judging.judge(result, meter, survival=False)
    assert (result.verified.original_file, result.verified.protected_file) == ("mine.wav", "protected-1.wav")
    assert result.verified.attacked == ["half"] and result.verified.snr == pytest.approx(20.0, abs=0.1)
    assert str(tmp_path) not in (tmp_path / "panel-1.json").read_text()
    folder = tmp_path / "compared"
    folder.mkdir()
    uploads = [Upload(name, path) for name, path in zip(("mine.wav", "yours.wav"), pair, strict=True)]
    found = judging.compare(*uploads, folder, meter, names=["half"], text=None, survival=False)
    assert found.verified.protected_file == "yours.wav" and judging.MATRIX in found.heard.pictures
