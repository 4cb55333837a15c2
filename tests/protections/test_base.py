"""The one way of a file: the person's own samples plus one perturbation a channel, within the SNR, in the same form."""

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.errors import SottovoceError
from sottovoce.journal import is_ours
from sottovoce.protections.base import done_before, protect_file
from sottovoce.protections.report import Effect
from sottovoce.reversible.companion import companion_path
from sottovoce.reversible.keys import Key
from sottovoce.reversible.restore import restore_file

KEY = Key(bytes(range(32)))
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


class Nothing(Effect):
    """Says that it was there."""

    def lines(self) -> list[str]:
        return ["an effect"]


class Hiss:
    """Adds white noise of a given loudness, the same for each channel that it is asked about."""

    name, device = "hiss", torch.device("cpu")

    def __init__(self, level: float = 0.05, snr: float = 20.0) -> None:
        self.level, self.snr = level, snr
        self.asked: list[torch.Tensor] = []

    def identity(self):
        return {"level": self.level, "snr": self.snr}

    def perturb(self, heard, progress):
        self.asked.append(heard)
        noise = torch.randn(heard.shape[-1], generator=torch.Generator().manual_seed(0))
        return (self.level * noise).expand_as(heard)

    def measure(self, before, after):
        return Nothing()


@pytest.mark.parametrize(("name", "rate", "channels", "subtype"), FORMS)
def test_form_and_own_samples_stay(tmp_path, sound, name, rate, channels, subtype):
    source, target = sound(name, rate, channels, subtype, seconds=0.503), tmp_path / f"b{name[1:]}"
    before = source.read_bytes()
    report = protect_file(source, target, Hiss())
    assert source.read_bytes() == before
    one, other = soundfile.info(source), soundfile.info(target)
    for trait in ("samplerate", "channels", "frames", "format", "subtype"):
        assert getattr(one, trait) == getattr(other, trait), trait
    original, protected = (soundfile.read(path, always_2d=True)[0] for path in (source, target))
    change = protected - original
    assert np.any(change, 0).all()
    ratios = 10 * np.log10(len(original) * original.var(0) / (change**2).sum(0))
    assert (ratios >= 20.0 - 1e-9).all()
    assert report.snr == pytest.approx(ratios.min(), abs=1e-6)


def test_the_perturbation_is_the_protections_to_the_sample(tmp_path, sound, monkeypatch):
    noise = torch.round(torch.randn(16_000, generator=torch.Generator().manual_seed(0)) * 30) / 2**15
    protection = Hiss()
    monkeypatch.setattr(protection, "perturb", lambda heard, progress: noise[None])
    source = sound()
    protect_file(source, tmp_path / "b.wav", protection)
    change = soundfile.read(tmp_path / "b.wav")[0] - soundfile.read(source)[0]
    np.testing.assert_array_equal(change, noise.double().numpy())


def test_each_channel_is_asked_about_once_equal_ones_together_and_silence_stays(tmp_path):
    rng, protection = np.random.default_rng(0), Hiss()
    talker = 0.1 * rng.normal(size=16_000)
    channels = np.stack([talker, np.zeros(16_000), talker, -talker], 1)
    soundfile.write(tmp_path / "in.wav", channels, 16_000, subtype="DOUBLE")
    protect_file(tmp_path / "in.wav", tmp_path / "out.wav", protection)
    (asked,) = protection.asked
    assert asked.shape == (2, 16_000)  # the talker, and the talker with the opposite sign
    written = soundfile.read(tmp_path / "out.wav")[0]
    assert not written[:, 1].any() and (written[:, 0] == written[:, 2]).all()
    assert all((written[:, place] != channels[:, place]).any() for place in (0, 2, 3))


def test_float_samples_beyond_full_scale_are_heard_within_it(tmp_path):
    source, protection = tmp_path / "loud.wav", Hiss(snr=0.0)
    samples = 0.3 * np.sin(np.arange(8000) / 9)
    samples[4000] = 3.0
    soundfile.write(source, samples, 16_000, subtype="FLOAT")
    protect_file(source, tmp_path / "out.wav", protection)
    assert protection.asked[0].abs().max() == pytest.approx(1.0, abs=1e-3)
    change = soundfile.read(tmp_path / "out.wav")[0] - soundfile.read(source)[0]
    assert np.std(change) == pytest.approx(3.0 * 0.05, rel=0.05)  # in proportion to the recording


def test_a_rerun_knows_what_is_done(tmp_path, sound):
    source, target = sound(), tmp_path / "b.wav"
    report = protect_file(source, target, Hiss())
    assert report.line() == f"{source} → {target}: SNR {report.snr:.1f} dB; an effect"
    assert done_before(source, target, Hiss())
    assert not done_before(source, target, Hiss(snr=25.0))
    target.write_bytes(target.read_bytes()[:-2])
    assert not done_before(source, target, Hiss())
    target.unlink()
    protect_file(source, target, Hiss())
    sound(seconds=0.9)
    assert not done_before(source, target, Hiss())


def test_nothing_lies_beside_a_protected_file_and_it_is_no_more_readable_than_the_original(tmp_path, sound):
    source, folder = sound(), tmp_path / "out"
    folder.mkdir()
    source.chmod(0o600)
    protect_file(source, folder / "b.wav", Hiss())
    assert [path.name for path in folder.iterdir()] == ["b.wav"]
    protect_file(source, folder / "c.wav", Hiss(), secret=KEY)
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "b.wav": 0o600,
        "c.wav": 0o600,
        "c.wav.veil": 0o600,
    }


def test_a_recording_that_sottovoce_did_not_write_is_never_replaced(tmp_path, sound):
    source, other = sound(), sound("other.wav", seconds=0.7)
    before = other.read_bytes()
    with pytest.raises(SottovoceError, match="did not write"):
        protect_file(source, other, Hiss())
    assert other.read_bytes() == before
    (tmp_path / "new.wav.veil").write_bytes(b"somebody's")
    with pytest.raises(SottovoceError, match="did not write"):
        protect_file(source, tmp_path / "new.wav", Hiss(), secret=KEY)
    protect_file(source, other, Hiss(), overwrite=True)
    assert is_ours(other)
    protect_file(source, other, Hiss(snr=30.0))  # our own file may be made anew


def test_a_constant_offset_earns_no_budget(tmp_path):
    rng = np.random.default_rng(0)
    speech = 0.05 * rng.normal(size=16_000)
    soundfile.write(tmp_path / "in.wav", speech + 0.3, 16_000, subtype="FLOAT")
    report = protect_file(tmp_path / "in.wav", tmp_path / "out.wav", Hiss())
    change = soundfile.read(tmp_path / "out.wav")[0] - soundfile.read(tmp_path / "in.wav")[0]
    ratio = 10 * np.log10((speech**2).sum() / (change**2).sum())
    assert ratio >= 20.0 - 0.01 and report.snr == pytest.approx(ratio, abs=0.01)


def test_a_channel_that_holds_nothing_but_an_offset_stays_as_it_is(tmp_path):
    talker = 0.1 * np.random.default_rng(0).normal(size=16_000)
    soundfile.write(tmp_path / "in.wav", np.stack([talker, np.full(16_000, 0.3)], 1), 16_000, subtype="FLOAT")
    protection = Hiss()
    protect_file(tmp_path / "in.wav", tmp_path / "out.wav", protection)
    written = soundfile.read(tmp_path / "out.wav")[0]
    assert (
        len(protection.asked[0]) == 1 and (written[:, 1] == np.float32(0.3)).all() and (written[:, 0] != talker).any()
    )


def test_measured_are_the_channels_their_mean_and_their_differences(tmp_path, monkeypatch):
    rng, protection, seen = np.random.default_rng(0), Hiss(), list[tuple[torch.Size, torch.Size]]()
    soundfile.write(tmp_path / "in.wav", 0.1 * rng.normal(size=(16_000, 2)), 16_000)

    def measure(before, after):
        seen.append((before.shape, after.shape))
        return Nothing()

    monkeypatch.setattr(protection, "measure", measure)
    report = protect_file(tmp_path / "in.wav", tmp_path / "out.wav", protection)
    assert report.effect.views == ["channel 1", "channel 2", "mean", "difference 1-2"]
    assert seen == [(torch.Size([1, 16_000]), torch.Size([1, 16_000]))] * 4


def test_what_another_version_made_is_not_done(tmp_path, sound, monkeypatch):
    source, target = sound(), tmp_path / "b.wav"
    protect_file(source, target, Hiss())
    monkeypatch.setattr("sottovoce.protections.base.__version__", "0.0.0")
    assert not done_before(source, target, Hiss())


def test_a_source_that_changes_meanwhile_is_an_error(tmp_path, sound, monkeypatch):
    source, target, protection = sound(), tmp_path / "b.wav", Hiss()
    perturb = protection.perturb

    def replaced(heard, progress):
        sound(seconds=0.9)  # somebody writes another recording under the same name meanwhile
        return perturb(heard, progress)

    monkeypatch.setattr(protection, "perturb", replaced)
    with pytest.raises(SottovoceError, match="changed while it was being protected"):
        protect_file(source, target, protection)
    assert not target.exists()


def test_a_rerun_with_a_key_wants_a_companion_that_this_key_opens(tmp_path, sound):
    source, target = sound(), tmp_path / "b.wav"
    protect_file(source, target, Hiss())
    assert not done_before(source, target, Hiss(), secret=KEY)
    protect_file(source, target, Hiss(), secret=KEY)
    assert is_ours(companion_path(target))
    assert done_before(source, target, Hiss(), secret=KEY)
    assert not done_before(source, target, Hiss(), secret=Key(bytes(32)))
    companion_path(target).write_bytes(companion_path(target).read_bytes()[:-1])
    assert not done_before(source, target, Hiss(), secret=KEY)
    companion_path(target).write_bytes(b"")
    assert not done_before(source, target, Hiss(), secret=KEY)


def test_target_and_companion_appear_together_or_not_at_all(tmp_path, sound, monkeypatch):
    source, folder = sound(), tmp_path / "out"
    folder.mkdir()
    monkeypatch.setattr("sottovoce.reversible.companion.difference.decode", lambda *_: iter([]))
    with pytest.raises(ValueError, match="does not come out of its companion"):
        protect_file(source, folder / "b.wav", Hiss(), secret=KEY)
    assert list(folder.iterdir()) == []


def test_a_name_without_room_for_the_companion_is_refused_before_the_work(tmp_path, sound):
    protection, long = Hiss(), tmp_path / f"{'a' * 248}.wav"
    with pytest.raises(SottovoceError, match="2 bytes too long"):
        protect_file(sound(), long, protection)
    assert not protection.asked


def test_any_protection_can_be_undone_with_the_key(tmp_path):
    source, target = tmp_path / "in.wav", tmp_path / "out.wav"
    soundfile.write(source, 0.1 * np.random.default_rng(1).normal(size=32_000), 16_000)
    report = protect_file(source, target, Hiss(level=0.002), secret=KEY)
    assert report.companion_bytes == companion_path(target).stat().st_size
    assert report.companion_bytes < report.encrypted_original_bytes < source.stat().st_size
    assert f"encrypted: {report.encrypted_original_bytes}" in report.line()
    restore_file(target, tmp_path / "back.wav", KEY)
    assert (tmp_path / "back.wav").read_bytes() == source.read_bytes()


def test_a_lossy_target_is_refused_before_the_work(tmp_path, sound):
    protection = Hiss()
    with pytest.raises(SottovoceError, match=r"choose \.wav or \.flac"):
        protect_file(sound(), tmp_path / "out.ogg", protection, secret=KEY)
    with pytest.raises(SottovoceError, match="FLOAT samples exactly"):
        protect_file(sound(subtype="FLOAT"), tmp_path / "out.flac", protection, secret=KEY)
    assert [path.name for path in tmp_path.iterdir()] == ["in.wav"] and not protection.asked
    report = protect_file(sound(), tmp_path / "out.ogg", protection)
    assert not companion_path(tmp_path / "out.ogg").exists()
    assert any("because of the lossy format" in note for note in report.notes) == (report.snr < 20.0 - 1e-6)


def test_what_cannot_be_protected(tmp_path, sound):
    with pytest.raises(SottovoceError, match=r"too short.*50 ms"):
        protect_file(sound("short.wav", seconds=0.05), tmp_path / "b.wav", Hiss())
    soundfile.write(tmp_path / "zero.wav", np.zeros(16_000), 16_000)
    with pytest.raises(SottovoceError, match="zero"):
        protect_file(tmp_path / "zero.wav", tmp_path / "b.wav", Hiss())
    source = sound()
    (tmp_path / "link.wav").hardlink_to(source)
    with pytest.raises(SottovoceError, match="original"):
        protect_file(source, tmp_path / "link.wav", Hiss())
    assert not (tmp_path / "b.wav").exists()


def test_what_a_protection_cannot_do_names_the_file(tmp_path, sound, monkeypatch):
    def refuse(heard, progress):
        raise SottovoceError("no words")

    protection, source = Hiss(), sound()
    monkeypatch.setattr(protection, "perturb", refuse)
    with pytest.raises(SottovoceError, match=rf"{source}: no words"):
        protect_file(source, tmp_path / "b.wav", protection)
    assert not (tmp_path / "b.wav").exists()


def test_a_file_that_does_not_come_out_protected_is_an_error_and_is_not_there(tmp_path, sound):
    with pytest.raises(SottovoceError, match="not protected: the perturbation does not outlast rounding to PCM_U8"):
        protect_file(sound(subtype="PCM_U8"), tmp_path / "b.wav", Hiss(level=1e-6))

    class Useless(Nothing):
        def failure(self):
            return "nobody is fooled"

    class Harmless(Hiss):
        def measure(self, before, after):
            return Useless()

    with pytest.raises(SottovoceError, match="not protected: nobody is fooled"):
        protect_file(sound(), tmp_path / "b.wav", Harmless())
    assert not (tmp_path / "b.wav").exists()


def test_one_channel_that_stays_as_it_was_is_enough_for_an_error(tmp_path):
    rng = np.random.default_rng(0)
    channels = np.stack([0.2 * rng.normal(size=8000), np.sign(rng.normal(size=8000)) * 2.0**-7], 1)
    soundfile.write(tmp_path / "in.wav", channels, 16_000, subtype="PCM_U8")
    with pytest.raises(SottovoceError, match="not protected"):
        protect_file(tmp_path / "in.wav", tmp_path / "b.wav", Hiss(level=0.002, snr=30.0))


def test_a_video_gets_other_sound_and_its_own_again_to_the_byte(video, tmp_path):
    tone = 0.3 * np.sin(np.arange(48_000)[:, None] / 40)
    source, target = video("in.mp4", samples=tone), tmp_path / "out.mp4"
    source.chmod(0o600)
    report = protect_file(source, target, Hiss(level=0.005), secret=KEY)
    assert 20.0 <= report.snr < 40.0 and report.notes == []  # in AAC as well
    assert done_before(source, target, Hiss(level=0.005), secret=KEY)
    assert restore_file(target, tmp_path / "again.mp4", KEY) == "restored, identical to the byte"
    assert (tmp_path / "again.mp4").read_bytes() == source.read_bytes()
    assert report.companion_bytes < source.stat().st_size < report.encrypted_original_bytes + 5_000
    assert target.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob(".sottovoce-*"))
    target.write_bytes(target.read_bytes() + b"\0")
    with pytest.raises(SottovoceError, match="not the file that its companion belongs to"):
        restore_file(target, tmp_path / "third.mp4", KEY)


def test_the_sound_of_a_video_alone_is_written_as_any_other(video, tmp_path):
    protect_file(video("in.mkv"), tmp_path / "out.wav", Hiss(), secret=KEY)
    with pytest.raises(SottovoceError, match="a video keeps its container"):
        protect_file(tmp_path / "in.mkv", tmp_path / "out.mp4", Hiss())
