"""Words that a recogniser no longer writes, and texts that it does, in files as written."""

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.attacks import PGD, CarliniWagner
from sottovoce.audio import windows
from sottovoce.errors import SottovoceError
from sottovoce.models.adapters import AsEnhancer, AsRecognizer
from sottovoce.models.chain import Chain
from sottovoce.models.recognizers import DeepSpeech
from sottovoce.protections import against_recognizers, presets
from sottovoce.protections.base import done_before, protect_file
from sottovoce.protections.words import Words


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
    samples = 0.1 * np.random.default_rng(0).normal(size=(22_050, 1))
    soundfile.write(tmp_path / "in.wav", np.repeat(samples, 2, 1), 22_050)
    return tmp_path / "in.wav"


def test_other_words_are_written_within_the_snr(noise, tmp_path, recognizer) -> None:
    target = tmp_path / "out.wav"
    protection = Words({"tiny": recognizer}, snr=15.0, steps=20)
    report = protect_file(noise, target, protection)
    effect = report.effect
    assert effect.before[0] and effect.after != effect.before and report.snr >= 15.0 - 0.01
    assert effect.views == ["channel 1", "channel 2", "mean"] and "tiny gets" in report.line()
    assert soundfile.info(target).samplerate == 22_050 and soundfile.info(target).channels == 2
    assert done_before(noise, target, protection)
    assert not done_before(noise, target, Words({"tiny": recognizer}, snr=20.0, steps=20))
    assert not done_before(noise, target, Words({"tiny": recognizer}, snr=15.0, steps=21))


def test_what_stands_in_front_of_the_recogniser_is_attacked_as_well(noise, tmp_path, recognizer) -> None:
    class Halving(torch.nn.Module):
        def forward(self, waveforms):
            return 0.5 * waveforms

    chain = Chain(AsEnhancer(Halving()), recognizer)
    report = protect_file(noise, tmp_path / "out.wav", Words([chain], snr=15.0, steps=20))
    heard = torch.from_numpy(soundfile.read(noise, dtype="float32")[0][:, :1].T.copy())
    assert report.effect.recognizer == "DeepSpeech" and report.effect.after != report.effect.before
    assert torch.equal(chain.front(heard), 0.5 * heard)


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
        patched.setattr(against_recognizers, "quietest", lambda *_, **__: PGD(step=1e-4, steps=1))
        with pytest.raises(SottovoceError, match=r"not protected: toy writes “.*; try more --steps"):
            protect_file(source, target, protection)
    assert not target.exists()
    report = protect_file(source, target, protection)
    assert report.effect.after == ["AB"] and "toy writes the text" in report.line()


def test_a_recogniser_that_writes_what_it_wrote_before_is_not_fooled(noise, tmp_path) -> None:
    toy = {"toy": AsRecognizer(Spelling(), ("", "A", "B"))}
    with pytest.raises(SottovoceError, match="not protected: toy writes the same as before"):
        protect_file(noise, tmp_path / "out.wav", Words(toy, snr=60.0, steps=1))
    assert not (tmp_path / "out.wav").exists()


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

    monkeypatch.setattr(against_recognizers, "quietest", listening)
    with pytest.raises(SottovoceError, match="not protected"):
        protect_file(noise, tmp_path / "out.wav", Words([recognizer], wanted="NO", steps=1))
    assert differences[0] == 0.0 < differences[1]


def test_a_text_is_written_in_rooms_within_the_snr(noise, tmp_path, recognizer, monkeypatch) -> None:
    monkeypatch.setattr(presets, "MOST_ROOMS", 4)
    target = tmp_path / "out.wav"
    in_rooms = Words([recognizer], wanted="NO", snr=12.0, steps=40, in_rooms=True)
    report = protect_file(noise, target, in_rooms)
    assert report.effect.after != report.effect.before and 12.0 - 0.01 <= report.snr < 20.0
    assert done_before(noise, target, in_rooms)
    assert not done_before(noise, target, Words([recognizer], wanted="NO", steps=40))


def test_windows_without_words_stay_as_they_are(recognizer, monkeypatch) -> None:
    heard = 0.1 * torch.randn(1, 30 * 16_000, generator=torch.Generator().manual_seed(0))
    heard[:, 15 * 16_384 :] *= 0.001
    monkeypatch.setattr(
        DeepSpeech, "transcribe", lambda self, rows, lengths=None: ["SO" if rows.abs().mean() > 0.03 else ""]
    )
    change = Words([recognizer], steps=10).perturb(heard, lambda _: None)
    assert change[:, : 15 * 16_384].any() and not change[:, 17 * 16_384 :].any()


def test_what_cannot_be_done_is_said_before_any_work(noise, tmp_path, recognizer, monkeypatch) -> None:
    target = tmp_path / "out.wav"
    with pytest.raises(SottovoceError, match=r"in\.wav: .*take a shorter text"):
        protect_file(noise, target, Words([recognizer], wanted="A" * 200))
    monkeypatch.setattr(windows, "LONGEST", 8000)
    with pytest.raises(SottovoceError, match="cut it"):
        protect_file(noise, target, Words([recognizer], wanted="NO"))
    monkeypatch.setattr(DeepSpeech, "transcribe", lambda self, waveforms, lengths=None: [""])
    with pytest.raises(SottovoceError, match="hears no words"):
        protect_file(noise, target, Words([recognizer]))
    assert not target.exists()
