"""The original comes back bit for bit to those with the key, and to nobody else."""

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.audio import files, streams
from sottovoce.errors import SottovoceError
from sottovoce.perturbers import SSED, refine
from sottovoce.protections.base import protect_file
from sottovoce.protections.voice import Voice
from sottovoce.reversible.companion import Companion, companion_path
from sottovoce.reversible.keys import Key
from sottovoce.reversible.restore import restore_approximately, restore_file

KEY = Key(bytes(range(32)))


@pytest.fixture(scope="module")
def network() -> SSED:
    torch.manual_seed(0)
    return SSED(channels=4, blocks=1).eval()


@pytest.fixture
def hide(network):
    """Hides the voice in a file, with a companion unless `secret` is None."""

    def hide(source, target, secret=KEY):
        return protect_file(source, target, Voice(effort="low", generator=network, witnesses=()), secret=secret)

    return hide


@pytest.mark.parametrize(
    ("suffix", "subtype"),
    [(".wav", "PCM_16"), (".wav", "PCM_24"), (".wav", "FLOAT"), (".flac", "PCM_16"), (".flac", "PCM_24")],
)
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (16_000, 2), (44_100, 1), (48_000, 2)])
def test_exact_restoration(tmp_path, sound, hide, suffix, subtype, rate, channels):
    source = sound(f"in{suffix}", rate, channels, subtype, seconds=0.4)
    if suffix == ".wav":
        with soundfile.SoundFile(source, "r+") as file:
            file.title = "Größe"
    target, restored = tmp_path / f"out{suffix}", tmp_path / f"back{suffix}"
    report = hide(source, target)
    assert 20 <= report.snr < 60
    assert restore_file(target, restored, KEY) == "restored, identical to the byte"
    assert restored.read_bytes() == source.read_bytes() != target.read_bytes()
    assert restore_file(target, restored, KEY) == "identical to the original already"


def test_in_another_container_all_samples_come_back(tmp_path, sound, hide):
    source = sound("in.wav", 44_100, 2)
    hide(source, tmp_path / "out.wav")
    told = restore_file(tmp_path / "out.wav", tmp_path / "back.flac", KEY)
    assert told.startswith("restored, all samples identical; tags: ")
    np.testing.assert_array_equal(soundfile.read(tmp_path / "back.flac")[0], soundfile.read(source)[0])


def test_a_file_of_somebody_is_never_replaced(tmp_path, sound, hide):
    source, other = sound(), sound("other.wav", seconds=0.7)
    hide(source, tmp_path / "out.wav")
    before = other.read_bytes()
    with pytest.raises(SottovoceError, match="did not write"):
        restore_file(tmp_path / "out.wav", other, KEY)
    with pytest.raises(SottovoceError, match="itself"):
        restore_file(tmp_path / "out.wav", tmp_path / "out.wav", KEY)
    assert other.read_bytes() == before
    restore_file(tmp_path / "out.wav", other, KEY, overwrite=True)
    assert other.read_bytes() == source.read_bytes()


def test_what_comes_back_is_no_more_readable_than_what_it_comes_from(tmp_path, sound, hide):
    source = sound()
    source.chmod(0o640)
    hide(source, tmp_path / "out.wav")
    restore_file(tmp_path / "out.wav", tmp_path / "back.wav", KEY)
    assert (tmp_path / "back.wav").stat().st_mode & 0o777 == 0o640


def test_a_lossless_copy_in_another_format_will_do(tmp_path, sound, hide):
    source = sound()
    hide(source, tmp_path / "out.wav")
    samples, rate = soundfile.read(tmp_path / "out.wav", dtype="int16")
    soundfile.write(tmp_path / "copy.flac", samples, rate)
    companion_path(tmp_path / "out.wav").rename(companion_path(tmp_path / "copy.flac"))
    restore_file(tmp_path / "copy.flac", tmp_path / "back.wav", KEY)
    assert (tmp_path / "back.wav").read_bytes() == source.read_bytes()


def test_a_sound_file_from_a_lossy_format_comes_back_as_it_was_decoded(tmp_path, sound, hide):
    source = sound("in.ogg", subtype="VORBIS")
    hide(source, tmp_path / "out.wav")
    restore_file(tmp_path / "out.wav", tmp_path / "back.wav", KEY)
    assert files.read(tmp_path / "back.wav").samples.tobytes() == files.read(source).samples.tobytes()
    restore_file(tmp_path / "out.wav", tmp_path / "back.ogg", KEY)
    assert (tmp_path / "back.ogg").read_bytes() == source.read_bytes()


def test_whoever_changes_something_gets_nothing(tmp_path, sound, hide):
    source, target = sound(), tmp_path / "out.wav"
    hide(source, target)
    other = tmp_path / "other.wav"
    hide(sound("b.wav", seconds=0.8), other)
    samples, rate = soundfile.read(target, dtype="int16")
    samples[100] += 1
    soundfile.write(tmp_path / "edited.wav", samples, rate)
    companion_path(tmp_path / "edited.wav").write_bytes(companion_path(target).read_bytes())
    back = tmp_path / "back.wav"
    with pytest.raises(SottovoceError, match=r"edited\.wav: .*has been changed"):
        restore_file(tmp_path / "edited.wav", back, KEY)
    with pytest.raises(SottovoceError, match="key is not the one"):
        restore_file(target, back, Key(bytes(32)))
    companion_path(other).write_bytes(companion_path(target).read_bytes())
    with pytest.raises(SottovoceError, match="not the file that its companion belongs to"):
        restore_file(other, back, KEY)
    with pytest.raises(SottovoceError, match=r"choose \.wav"):
        restore_file(target, tmp_path / "back.ogg", KEY)
    assert not back.exists() and not (tmp_path / "back.ogg").exists()


@pytest.mark.parametrize(
    "code", [b"ab", b"\4\0\0\0DFxx", b"\5\0\0\0DZ\0\0x", b"\5\0\0\0DZ\1\0x", b"\xff\xff\xff\xffDF"]
)
def test_a_companion_that_was_sealed_with_nonsense_is_one_line_and_no_file(tmp_path, sound, hide, code):
    source, target, back = sound(), tmp_path / "out.wav", tmp_path / "back.wav"
    hide(source, target)
    honest = Companion.read(companion_path(target), KEY)
    companion_path(target).write_bytes(Companion(honest.contents, code, honest.rest).seal(KEY))
    before = set(tmp_path.iterdir())
    with pytest.raises(SottovoceError, match=r"^[^\n]*out\.wav\.veil: [^\n]*$"):
        restore_file(target, back, KEY)
    assert set(tmp_path.iterdir()) == before


def test_without_a_key_it_is_what_the_removal_module_gives_refined(tmp_path, sound, network, hide):
    source, target, back = sound(subtype="FLOAT"), tmp_path / "out.wav", tmp_path / "back.wav"
    hide(source, target, None)
    shares: list[float] = []
    restore_approximately(target, back, network, progress=shares.append)
    protected = torch.from_numpy(files.as_mono_16k(files.read(target)))
    mean = protected.mean()
    with torch.no_grad():
        centred = (protected - mean)[None]
        wanted = (refine(network.remove(centred), centred, network)[0] + mean).numpy()
    np.testing.assert_allclose(soundfile.read(back)[0], wanted, rtol=0, atol=1e-6)
    assert shares == sorted(shares) and shares[-1] == 1.0


def test_without_a_key_the_picture_of_a_video_stays(tmp_path, video, network):
    source, back = video("in.mkv", rate=16_000), tmp_path / "back.mkv"
    restore_approximately(source, back, network)
    (own, _), (copy, sound) = streams.streams(source), streams.streams(back)
    assert own == copy and sound.codec == "flac"
