"""What enhancers are made to give, and what the report says of it."""

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.attacks import PGD
from sottovoce.models.enhancers import load_enhancer
from sottovoce.protections import against_enhancers
from sottovoce.protections.base import protect_file
from sottovoce.protections.words import Words
from sottovoce.threats import SNRFloor, Speech


@pytest.fixture(autouse=True)
def always_quick(quick_attack):
    pass


def test_the_same_seed_gives_the_same_file_and_another_another(tmp_path, sound, tiny):
    source = sound()
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        protect_file(source, tmp_path / f"out-{name}.wav", Words(tiny, wanted="noise", seed=seed))
    one, other, third = ((tmp_path / f"out-{name}.wav").read_bytes() for name in "abc")
    assert one == other != third


@pytest.mark.parametrize(("seconds", "word"), [(0.4, "shorter"), (1.6, "longer"), (1.0, None)])
def test_target_speech_is_fitted_and_the_report_says_so(tmp_path, sound, tiny, seconds, word):
    speech = sound("speech.wav", 8_000, seconds=seconds)
    report = protect_file(sound(), tmp_path / "b.wav", Words(tiny, wanted=str(speech)))
    notes = report.effect.notes
    assert [word in note and "0.60 s" in note for note in notes] == ([True] if word else [])
    assert not word or word in report.line()


def test_each_window_gets_its_part_of_the_target_speech(tmp_path, sound, tiny, monkeypatch):
    targets = list[torch.Tensor]()

    def listening(name, snr, target, *, steps, progress):
        targets.append(target)
        return PGD(steps=1, step=0.02, budget=SNRFloor(snr)), Speech(target)

    monkeypatch.setattr(against_enhancers, "targeted", listening)
    speech = torch.linspace(-0.5, 0.5, 30 * 16_000)
    soundfile.write(tmp_path / "speech.wav", speech.numpy(), 16_000, subtype="FLOAT")
    protect_file(sound(seconds=30.0), tmp_path / "b.wav", Words(tiny, wanted=str(tmp_path / "speech.wav")))
    (target,) = targets
    torch.testing.assert_close(target[0, :1000], speech[:1000])
    assert float(target[1, 0]) == pytest.approx(float(speech[15 * 16_384]), abs=0.05)


def test_a_long_recording_goes_through_in_windows(tmp_path, sound, tiny):
    source = sound(seconds=41.0)
    report = protect_file(source, tmp_path / "b.wav", Words(tiny))
    change = soundfile.read(tmp_path / "b.wav")[0] - soundfile.read(source)[0]
    assert report.snr >= 20
    assert all(np.any(second) for second in change.reshape(41, -1))


def test_the_report_says_how_much_quieter_the_output_is_where_it_lost_least(tmp_path, sound, tiny):
    source, target = sound(channels=2), tmp_path / "b.wav"
    report = protect_file(source, target, Words({"net": load_enhancer(tiny)}))
    drops = report.effect.behind["net"].energy_drop
    enhancer, pair = load_enhancer(tiny), [soundfile.read(path, dtype="float32")[0].T for path in (source, target)]
    with torch.no_grad():
        powers = [enhancer(torch.from_numpy(each.copy())).square().sum(-1) for each in pair]
    np.testing.assert_allclose(drops[:2], 10 * torch.log10(powers[0] / powers[1]).numpy(), atol=0.01)
    weakest = report.effect.views[int(np.argmin(drops))]
    assert len(drops) == 4 and f"output of net {-min(drops):+.1f} dB ({weakest})" in report.line()
