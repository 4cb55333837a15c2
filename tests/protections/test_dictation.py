"""Texts that a recogniser writes instead of what is said, in files as written."""

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.attacks import PGD, CarliniWagner
from sottovoce.audio import files, windows
from sottovoce.errors import SottovoceError
from sottovoce.models.adapters import AsEnhancer, AsRecognizer
from sottovoce.models.chain import Chain
from sottovoce.models.recognizers import DeepSpeech
from sottovoce.protections import dictation, presets
from sottovoce.protections.base import done_before, protect_file
from sottovoce.protections.words import Words


@pytest.fixture
def recognizer(babbling: DeepSpeech) -> DeepSpeech:
    return babbling


@pytest.fixture
def noise(tmp_path):
    samples = 0.1 * np.random.default_rng(0).normal(size=(22_050, 1))
    soundfile.write(tmp_path / "in.wav", np.repeat(samples, 2, 1), 22_050)
    return tmp_path / "in.wav"


def test_what_stands_in_front_of_the_recogniser_is_attacked_as_well(noise, recognizer) -> None:
    class Halving(torch.nn.Module):
        def forward(self, waveforms):
            return 0.5 * waveforms

    chain = Chain(AsEnhancer(Halving()), recognizer)
    aim = Words([chain], wanted="NO").aim
    heard = torch.from_numpy(soundfile.read(noise, dtype="float32")[0][:, :1].T.copy())
    assert aim.name == "DeepSpeech" and aim.listener is chain and aim.recognizer is recognizer
    assert torch.equal(chain.front(heard), 0.5 * heard)


def _mono(path) -> torch.Tensor:
    sound = files.read(path)
    return torch.from_numpy(files.as_mono_16k(sound))[None]


class Spelling(torch.nn.Module):
    """Frames of 4000 samples; "A" where the mean is positive, "B" where it is negative."""

    def forward(self, waveforms):
        level = waveforms.unfold(-1, 4000, 4000).mean(-1)
        return torch.stack([0.0 * level - 1.0, 99.0 * level, -99.0 * level], -1)


def test_a_text_is_written_or_the_file_is_not(tmp_path, monkeypatch) -> None:
    source, target = tmp_path / "in.wav", tmp_path / "out.wav"
    soundfile.write(source, 0.1 * np.random.default_rng(0).normal(size=16_000), 16_000)
    protection = Words({"toy": AsRecognizer(Spelling(), ("", "A", "B"))}, wanted="ab!", steps=200)
    with monkeypatch.context() as patched:
        patched.setattr(dictation, "quietest", lambda *_, **__: PGD(step=1e-4, steps=1))
        with pytest.raises(SottovoceError, match=r"not protected: toy writes “.*; try more --steps"):
            protect_file(source, target, protection)
    assert not target.exists()
    report = protect_file(source, target, protection)
    assert report.effect.after == ["AB"] and "toy writes the text" in report.line()


def test_a_text_is_sought_as_the_file_will_hold_it(noise, tmp_path, recognizer, monkeypatch) -> None:
    """Less than half of a 16-bit step is lost in the file, and so on what the search listens to."""
    differences = list[float]()

    def listening(*_: object, **__: object):
        def attack(listener, waveforms, objective, *, lengths):
            rounded = (32768 * waveforms).round() / 32768
            differences.append((listener(rounded + 1e-5) - listener(rounded)).abs().max().item())
            differences.append((listener(rounded + 1e-3) - listener(rounded)).abs().max().item())
            return CarliniWagner(steps=1)(listener, waveforms, objective)

        return attack

    monkeypatch.setattr(dictation, "quietest", listening)
    with pytest.raises(SottovoceError, match="not protected"):
        protect_file(noise, tmp_path / "out.wav", Words([recognizer], wanted="NO", steps=1))
    assert differences[0] == 0.0 < differences[1]


def test_a_text_is_written_in_rooms_within_the_snr(noise, tmp_path, recognizer, monkeypatch) -> None:
    monkeypatch.setattr(presets, "MOST_ROOMS", 4)
    target = tmp_path / "out.wav"
    in_rooms = Words([recognizer], wanted="NO", snr=12.0, steps=40, in_rooms=True)
    report = protect_file(noise, target, in_rooms)
    assert report.effect.after[0] != recognizer.transcribe(_mono(noise))[0] and 12.0 - 0.01 <= report.snr < 20.0
    assert done_before(noise, target, in_rooms)
    assert not done_before(noise, target, Words([recognizer], wanted="NO", steps=40))


def test_what_cannot_be_done_is_said_before_any_work(noise, tmp_path, recognizer, monkeypatch) -> None:
    target = tmp_path / "out.wav"
    with pytest.raises(SottovoceError, match=r"in\.wav: .*take a shorter text"):
        protect_file(noise, target, Words([recognizer], wanted="A" * 200))
    monkeypatch.setattr(windows, "LONGEST", 8000)
    with pytest.raises(SottovoceError, match="cut it"):
        protect_file(noise, target, Words([recognizer], wanted="NO"))
    assert not target.exists()
