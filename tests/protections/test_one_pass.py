"""A voice is hidden by one pass of the generator over the whole recording."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.audio import files
from sottovoce.errors import SottovoceError
from sottovoce.journal import sha256
from sottovoce.perturbers import SSED, KeyedSSED
from sottovoce.protections.base import done_before, protect_file
from sottovoce.protections.voice import Voice
from sottovoce.reversible.keys import Key, perturbation_key
from sottovoce.reversible.restore import restore_approximately


@pytest.fixture(scope="module")
def network() -> SSED:
    torch.manual_seed(0)
    return SSED(channels=4, blocks=1).eval()


def test_a_long_recording_is_hidden_as_a_whole(tmp_path: Path, sound, network):
    source = sound(seconds=25.0)
    report = protect_file(source, tmp_path / "out.wav", Voice(effort="low", generator=network, witnesses=()))
    heard = torch.from_numpy(files.as_mono_16k(files.read(source)))
    with torch.no_grad():
        wanted = network(heard[None])[0].numpy()
    np.testing.assert_allclose(soundfile.read(tmp_path / "out.wav")[0], wanted, rtol=0, atol=2 / 2**16)
    assert report.effect.asked == report.effect.attacked == {} and report.snr >= 20


def test_each_channel_is_hidden_by_itself(tmp_path: Path, network):
    rng = np.random.default_rng(0)
    channels = 0.1 * rng.normal(size=(16_000, 2))
    soundfile.write(tmp_path / "in.wav", channels, 16_000, subtype="FLOAT")
    protect_file(tmp_path / "in.wav", tmp_path / "out.wav", Voice(effort="low", generator=network, witnesses=()))
    with torch.no_grad():
        wanted = network(torch.from_numpy(channels.T).float()).T.numpy()
    np.testing.assert_allclose(soundfile.read(tmp_path / "out.wav")[0], wanted, rtol=0, atol=1e-6)


@pytest.fixture(scope="module")
def keyed() -> KeyedSSED:
    torch.manual_seed(0)
    return KeyedSSED(channels=4, blocks=1).eval()


def test_a_keyed_generator_hides_every_recording_under_a_key_of_its_own(tmp_path: Path, sound, keyed) -> None:
    secret, voice = Key(bytes(32)), Voice(effort="low", generator=keyed, witnesses=())
    source = sound("a.wav", subtype="FLOAT")
    report = protect_file(source, tmp_path / "out.wav", voice, secret=secret)
    own = torch.from_numpy(files.as_mono_16k(files.read(source)))
    unlocked = keyed.unlocked(perturbation_key(secret, sha256(source)))
    np.testing.assert_allclose(
        soundfile.read(tmp_path / "out.wav")[0], unlocked(own[None])[0].numpy(), rtol=0, atol=1e-6
    )
    assert report.identity == voice.identity()
    assert done_before(source, tmp_path / "out.wav", voice, secret=secret)
    again = tmp_path / "b.wav"
    again.write_bytes(source.read_bytes() + b"LIST\x04\x00\x00\x00INFO")  # other bytes, the same samples
    protect_file(again, tmp_path / "other.wav", voice, secret=secret)
    assert not np.array_equal(*(soundfile.read(tmp_path / name)[0] for name in ("out.wav", "other.wav")))


def test_only_the_secret_takes_the_perturbation_of_a_keyed_generator_off(tmp_path: Path, sound, keyed) -> None:
    voice, target, back = Voice(effort="low", generator=keyed, witnesses=()), tmp_path / "out.wav", tmp_path / "b.wav"
    with pytest.raises(SottovoceError, match="depends on a key"):
        protect_file(sound(), target, voice)
    assert not target.exists()
    protect_file(sound(), target, voice, secret=Key(bytes(32)))
    with pytest.raises(SottovoceError, match="needs the key that the file was protected with"):
        restore_approximately(target, back, keyed)
    with pytest.raises(SottovoceError, match="key is not the one"):
        restore_approximately(target, back, keyed, Key(bytes(31) + b"1"))
    assert not back.exists()
    protected = soundfile.read(target)[0]
    soundfile.write(target, 0.9 * protected, 16_000)  # sound that the companion does not belong to any more
    restore_approximately(target, back, keyed, Key(bytes(32)))
    assert soundfile.info(back).frames == len(protected)
