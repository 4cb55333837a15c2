"""Words that a recogniser no longer writes, and texts that it does, in files as written."""

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.attacks import CarliniWagner
from sottovoce.audio import windows
from sottovoce.errors import SottovoceError
from sottovoce.models.recognizers import DeepSpeech
from sottovoce.protections import mistranscribing
from sottovoce.protections import presets as attacks
from sottovoce.protections.mistranscribing import Mistranscribed, mistranscribe_file, mistranscribed_before


@pytest.fixture(scope="module")
def recognizer() -> DeepSpeech:
    """Untrained, and so that it writes letters instead of blanks."""
    torch.manual_seed(0)
    network = DeepSpeech(hidden=16, layers=1).eval()
    with torch.no_grad():
        network.linear.weight.mul_(20.0)
        network.linear.bias[0] -= 3.0
    return network


@pytest.fixture
def noise(tmp_path):
    samples = 0.1 * np.random.default_rng(0).normal(size=(22_050, 2))
    soundfile.write(tmp_path / "in.wav", samples, 22_050)
    return tmp_path / "in.wav"


def test_other_words_are_written_within_the_snr(noise, tmp_path, recognizer) -> None:
    target = tmp_path / "out.wav"
    report = mistranscribe_file(noise, target, recognizer, "tiny", snr=15.0, steps=20)
    assert report.before and report.after != report.before and report.snr >= 15.0 - 0.01
    assert "tiny gets" in report.line() and Mistranscribed.of(target) == report
    assert soundfile.info(target).samplerate == 22_050 and soundfile.info(target).channels == 2
    assert mistranscribed_before(noise, target, recognizer, "", 15.0, 20, in_rooms=False)
    assert not mistranscribed_before(noise, target, recognizer, "", 20.0, 20, in_rooms=False)
    assert not mistranscribed_before(noise, target, recognizer, "", 15.0, 21, in_rooms=False)


def test_a_text_is_written(noise, tmp_path, recognizer) -> None:
    report = mistranscribe_file(noise, tmp_path / "out.wav", recognizer, "tiny", text="NO", steps=150)
    assert report.text == "NO" and (report.after == "NO") == ("writes the text" in report.line())
    assert report.after != report.before


def test_a_text_is_sought_as_the_file_will_hold_it(noise, tmp_path, recognizer, monkeypatch) -> None:
    """Less than half of a 16-bit step is lost in the file, and so on what the search listens to."""
    differences = list[float]()

    def listening(*_: object, **__: object):
        def attack(victim, waveforms, objective):
            rounded = (32768 * waveforms).round() / 32768
            differences.append((victim(rounded + 1e-5) - victim(rounded)).abs().max().item())
            differences.append((victim(rounded + 1e-3) - victim(rounded)).abs().max().item())
            return CarliniWagner(steps=1)(victim, waveforms, objective)

        return attack

    monkeypatch.setattr(mistranscribing, "quietest", listening)
    mistranscribe_file(noise, tmp_path / "out.wav", recognizer, "tiny", text="NO", steps=1)
    assert differences[0] == 0.0 < differences[1]


def test_a_text_is_written_in_rooms_within_the_snr(noise, tmp_path, recognizer, monkeypatch) -> None:
    monkeypatch.setattr(attacks, "MOST_ROOMS", 4)
    target = tmp_path / "out.wav"
    report = mistranscribe_file(noise, target, recognizer, "tiny", text="NO", snr=12.0, steps=40, in_rooms=True)
    assert report.after != report.before and 12.0 - 0.01 <= report.snr < 20.0
    assert mistranscribed_before(noise, target, recognizer, "NO", 12.0, 40, in_rooms=True)
    assert not mistranscribed_before(noise, target, recognizer, "NO", 12.0, 40, in_rooms=False)


def test_what_cannot_be_done_is_said_before_any_work(noise, tmp_path, recognizer, monkeypatch) -> None:
    target = tmp_path / "out.wav"
    with pytest.raises(SottovoceError, match="take a shorter text"):
        mistranscribe_file(noise, target, recognizer, "tiny", text="A" * 200)
    monkeypatch.setattr(windows, "LONGEST", 8000)
    with pytest.raises(SottovoceError, match="cut it"):
        mistranscribe_file(noise, target, recognizer, "tiny", text="NO")
    monkeypatch.setattr(DeepSpeech, "transcribe", lambda self, waveforms, lengths=None: [""])
    with pytest.raises(SottovoceError, match="hears no words"):
        mistranscribe_file(noise, target, recognizer, "tiny")
    assert not target.exists()
