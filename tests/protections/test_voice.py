"""The original comes back bit for bit to those with the key, and to nobody else."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.audio import files
from sottovoce.errors import SottovoceError
from sottovoce.perturbers import SSED, refine
from sottovoce.protections.voice import companion_path, hide_file, restore_approximately, restore_file
from sottovoce.reversible.keys import Key

KEY = Key(bytes(range(32)))


@pytest.fixture(scope="module")
def network() -> SSED:
    torch.manual_seed(0)
    return SSED(channels=4, blocks=1).eval()


@pytest.mark.parametrize(
    ("suffix", "subtype"),
    [(".wav", "PCM_16"), (".wav", "PCM_24"), (".wav", "FLOAT"), (".flac", "PCM_16"), (".flac", "PCM_24")],
)
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (16_000, 2), (44_100, 1), (48_000, 2)])
def test_exact_restoration(tmp_path, sound, network, suffix, subtype, rate, channels):
    source = sound(f"in{suffix}", rate, channels, subtype, seconds=0.4)
    if suffix == ".wav":
        with soundfile.SoundFile(source, "r+") as file:
            file.title = "Größe"
    target, restored = tmp_path / f"out{suffix}", tmp_path / f"back{suffix}"
    report = hide_file(source, target, network, "tiny", KEY)
    assert 20 <= report.snr < 60
    restore_file(target, restored, network, KEY)
    before, after = files.read(source), files.read(restored)
    assert after.samples.tobytes() == before.samples.tobytes()
    described = ("rate", "format", "subtype", "endian", "text")
    assert [getattr(after, name) for name in described] == [getattr(before, name) for name in described]


def test_a_lossless_copy_in_another_format_will_do(tmp_path, sound, network):
    source = sound()
    hide_file(source, tmp_path / "out.wav", network, "tiny", KEY)
    samples, rate = soundfile.read(tmp_path / "out.wav", dtype="int16")
    soundfile.write(tmp_path / "copy.flac", samples, rate)
    companion_path(tmp_path / "out.wav").rename(companion_path(tmp_path / "copy.flac"))
    restore_file(tmp_path / "copy.flac", tmp_path / "back.wav", network, KEY)
    assert (tmp_path / "back.wav").read_bytes() == source.read_bytes()


def test_the_companion_is_smaller_than_the_original_encrypted(tmp_path, sound, network):
    report = hide_file(sound(seconds=2.0), tmp_path / "out.wav", network, "tiny", KEY)
    assert report.companion_bytes == companion_path(tmp_path / "out.wav").stat().st_size
    assert report.companion_bytes < report.encrypted_original_bytes < (tmp_path / "in.wav").stat().st_size
    assert f"encrypted: {report.encrypted_original_bytes}" in report.line()


def test_a_sound_file_from_a_lossy_format_comes_back_as_it_was_decoded(tmp_path, sound, network):
    source = sound("in.ogg", subtype="VORBIS")
    hide_file(source, tmp_path / "out.wav", network, "tiny", KEY)
    restore_file(tmp_path / "out.wav", tmp_path / "back.wav", network, KEY)
    assert files.read(tmp_path / "back.wav").samples.tobytes() == files.read(source).samples.tobytes()


def test_whoever_changes_something_gets_nothing(tmp_path, sound, network):
    source, target = sound(), tmp_path / "out.wav"
    hide_file(source, target, network, "tiny", KEY)
    other = tmp_path / "other.wav"
    hide_file(sound("b.wav", seconds=0.8), other, network, "tiny", KEY)
    samples, rate = soundfile.read(target, dtype="int16")
    samples[100] += 1
    soundfile.write(tmp_path / "edited.wav", samples, rate)
    companion_path(tmp_path / "edited.wav").write_bytes(companion_path(target).read_bytes())
    back = tmp_path / "back.wav"
    with pytest.raises(SottovoceError, match="has been changed"):
        restore_file(tmp_path / "edited.wav", back, network, KEY)
    with pytest.raises(SottovoceError, match="key is not the one"):
        restore_file(target, back, network, Key(bytes(32)))
    companion_path(other).write_bytes(companion_path(target).read_bytes())
    with pytest.raises(SottovoceError, match="not the file that its companion belongs to"):
        restore_file(other, back, network, KEY)
    with pytest.raises(SottovoceError, match="other weights of tiny"):
        restore_file(target, back, SSED(channels=4, blocks=1).eval(), KEY)
    with pytest.raises(SottovoceError, match=r"choose \.wav"):
        restore_file(target, tmp_path / "back.ogg", network, KEY)
    assert not back.exists() and not (tmp_path / "back.ogg").exists()


def test_a_lossy_target_is_refused_before_the_work(tmp_path, sound, network):
    with pytest.raises(SottovoceError, match=r"choose \.wav or \.flac"):
        hide_file(sound(), tmp_path / "out.ogg", network, "tiny", KEY)
    with pytest.raises(SottovoceError, match="FLOAT samples exactly"):
        hide_file(sound(subtype="FLOAT"), tmp_path / "out.flac", network, "tiny", KEY)
    assert [path.name for path in tmp_path.iterdir()] == ["in.wav"]
    hide_file(sound(), tmp_path / "out.ogg", network, "tiny")
    assert not companion_path(tmp_path / "out.ogg").exists()


def test_silence_and_snippets_are_refused(tmp_path, sound, network):
    soundfile.write(tmp_path / "zero.wav", np.zeros(16_000), 16_000)
    with pytest.raises(SottovoceError, match="zero"):
        hide_file(tmp_path / "zero.wav", tmp_path / "out.wav", network, "tiny")
    with pytest.raises(SottovoceError, match="too short"):
        hide_file(sound(seconds=0.04), tmp_path / "out.wav", network, "tiny")


def test_without_a_key_it_is_what_the_removal_module_gives_refined(tmp_path, sound, network):
    source, target, back = sound(subtype="FLOAT"), tmp_path / "out.wav", tmp_path / "back.wav"
    hide_file(source, target, network, "tiny")
    restore_approximately(target, back, network)
    protected = torch.from_numpy(files.as_mono_16k(files.read(target)))
    with torch.no_grad():
        wanted = refine(network.remove(protected[None]), protected[None], network)[0].numpy()
    np.testing.assert_allclose(soundfile.read(back)[0], wanted, rtol=0, atol=1e-6)


def test_a_long_recording_is_hidden_as_a_whole(tmp_path: Path, sound, network):
    source = sound(seconds=25.0)
    hide_file(source, tmp_path / "out.wav", network, "tiny")
    heard = torch.from_numpy(files.as_mono_16k(files.read(source)))
    with torch.no_grad():
        wanted = network(heard[None])[0].numpy()
    np.testing.assert_allclose(soundfile.read(tmp_path / "out.wav")[0], wanted, rtol=0, atol=2 / 2**16)
