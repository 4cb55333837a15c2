"""The written file is the original's own samples plus one perturbation, within the SNR, in the original's form."""

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.audio import files
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.enhance import enhance, load_enhancers
from sottovoce.protections.settings import ProtectSettings
from sottovoce.protections.words import Report, done, protect_file

FORMS = [
    ("a.wav", 8_000, 1, "PCM_16"),
    ("a.wav", 16_000, 1, "PCM_16"),
    ("a.wav", 22_050, 2, "PCM_16"),
    ("a.wav", 44_100, 2, "PCM_24"),
    ("a.wav", 48_000, 2, "FLOAT"),
    ("a.wav", 16_000, 1, "PCM_U8"),
    ("a.flac", 44_100, 2, "PCM_16"),
    ("a.flac", 48_000, 1, "PCM_24"),
]


def protect(source, destination, tiny, **changes):
    settings = ProtectSettings(against=(tiny,), **changes)
    return protect_file(source, destination, settings, load_enhancers(settings.against))


@pytest.mark.parametrize(("name", "rate", "channels", "subtype"), FORMS)
def test_form_and_own_samples_stay(tmp_path, sound, tiny, name, rate, channels, subtype):
    source, target = sound(name, rate, channels, subtype, seconds=0.503), tmp_path / f"b{name[1:]}"
    before = source.read_bytes()
    report = protect(source, target, tiny)
    assert source.read_bytes() == before
    one, other = soundfile.info(source), soundfile.info(target)
    for trait in ("samplerate", "channels", "frames", "format", "subtype"):
        assert getattr(one, trait) == getattr(other, trait), trait
    original, protected = (soundfile.read(path, always_2d=True)[0] for path in (source, target))
    change = protected - original
    assert np.any(change)
    step = {"PCM_U8": 2.0**-7, "PCM_16": 2.0**-15, "PCM_24": 2.0**-23, "FLOAT": 1e-6}[subtype]
    np.testing.assert_allclose(change, change[:, :1].repeat(channels, 1), atol=1.01 * step)  # the same in every channel
    ratio = 10 * np.log10((original**2).sum() / (change**2).sum())
    assert ratio >= 20.0 - 1e-9
    assert report.snr == pytest.approx(ratio, abs=1e-6)


def test_the_perturbation_is_the_attack_s_to_the_sample(tmp_path, sound, tiny, monkeypatch):
    noise = torch.round(torch.randn(16_000, generator=torch.Generator().manual_seed(0)) * 30) / 2**15
    monkeypatch.setattr("sottovoce.protections.words.perturbation", lambda *_: noise)
    source = sound()
    protect(source, tmp_path / "b.wav", tiny)
    change = soundfile.read(tmp_path / "b.wav")[0] - soundfile.read(source)[0]
    np.testing.assert_array_equal(change, noise.double().numpy())


def test_the_same_seed_gives_the_same_file_and_another_another(tmp_path, sound, tiny):
    source = sound()
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        protect(source, tmp_path / f"out-{name}.wav", tiny, target="noise", seed=seed)
    one, other, third = ((tmp_path / f"out-{name}.wav").read_bytes() for name in "abc")
    assert one == other != third


@pytest.mark.parametrize(("seconds", "word"), [(0.4, "shorter"), (1.6, "longer"), (1.0, None)])
def test_target_speech_is_fitted_and_the_report_says_so(tmp_path, sound, tiny, seconds, word):
    speech = sound("speech.wav", 8_000, seconds=seconds)
    report = protect(sound(), tmp_path / "b.wav", tiny, target=str(speech))
    assert [word in note and "0.60 s" in note for note in report.notes] == ([True] if word else [])


def test_a_long_recording_goes_through_in_windows(tmp_path, sound, tiny):
    source = sound(seconds=41.0)
    report = protect(source, tmp_path / "b.wav", tiny)
    change = soundfile.read(tmp_path / "b.wav")[0] - soundfile.read(source)[0]
    assert report.snr >= 20
    assert all(np.any(second) for second in change.reshape(41, -1))


def test_enhancing_in_windows_is_enhancing_the_whole(tiny, sound):
    enhancer = load_enhancers([tiny])[tiny]
    signal = torch.from_numpy(files.as_mono_16k(files.read(sound(seconds=45.0))))
    with torch.no_grad():
        whole = enhancer(signal[None])[0]
    difference = (enhance(enhancer, signal) - whole).abs()
    assert difference.max() < 0.05 * whole.abs().max()
    assert difference.square().sum() < 1e-4 * whole.square().sum()


def test_a_report_tells_what_is_done(tmp_path, sound, tiny):
    source, target, enhancers = sound(), tmp_path / "b.wav", load_enhancers([tiny])
    report = protect(source, target, tiny)
    assert Report.of(target) == report
    assert done(source, target, report.settings, enhancers)
    assert not done(source, target, report.settings.model_copy(update={"snr": 25.0}), enhancers)
    target.write_bytes(target.read_bytes()[:-2])
    assert not done(source, target, report.settings, enhancers)
    protect(source, target, tiny)
    sound(seconds=0.9)
    assert not done(source, target, report.settings, enhancers)


def test_what_was_made_with_other_weights_or_another_version_is_not_done(tmp_path, sound, tiny, monkeypatch):
    source, target, enhancers = sound(), tmp_path / "b.wav", load_enhancers([tiny])
    settings = protect(source, target, tiny).settings
    with monkeypatch.context() as patched:
        patched.setattr("sottovoce.protections.base.__version__", "0.0.0")
        assert not done(source, target, settings, enhancers)
    assert done(source, target, settings, enhancers)
    with torch.no_grad():
        next(enhancers[tiny].parameters()).add_(1e-3)
    assert not done(source, target, settings, enhancers)


def test_what_cannot_be_protected(tmp_path, sound, tiny):
    with pytest.raises(SottovoceError, match="50 ms"):
        protect(sound("short.wav", seconds=0.05), tmp_path / "b.wav", tiny)
    soundfile.write(tmp_path / "zero.wav", np.zeros(16_000), 16_000)
    with pytest.raises(SottovoceError, match="zero"):
        protect(tmp_path / "zero.wav", tmp_path / "b.wav", tiny)
    hum = np.sin(np.arange(16_000) / 10) * 0.5
    soundfile.write(tmp_path / "anti.wav", np.stack([hum, -hum], 1), 16_000, subtype="FLOAT")
    with pytest.raises(SottovoceError, match="cancel"):
        protect(tmp_path / "anti.wav", tmp_path / "b.wav", tiny)
    source = sound()
    (tmp_path / "link.wav").hardlink_to(source)
    with pytest.raises(SottovoceError, match="original"):
        protect(source, tmp_path / "link.wav", tiny)
    assert not (tmp_path / "b.wav").exists()
