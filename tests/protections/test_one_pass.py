"""A voice is hidden by one pass of the generator over the whole recording."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.audio import files
from sottovoce.perturbers import SSED
from sottovoce.protections.base import protect_file
from sottovoce.protections.voice import Voice


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
