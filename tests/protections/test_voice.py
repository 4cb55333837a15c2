"""A voice is hidden by one pass of the generator over the whole recording."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.audio import files
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.voice import Judge
from sottovoce.models.speakers import ECAPATDNN
from sottovoce.perturbers import SSED
from sottovoce.protections.base import done_before, protect_file
from sottovoce.protections.voice import Voice


@pytest.fixture(scope="module")
def network() -> SSED:
    torch.manual_seed(0)
    return SSED(channels=4, blocks=1).eval()


@pytest.fixture(scope="module")
def judge() -> Judge:
    torch.manual_seed(0)
    return Judge("tiny", ECAPATDNN(channels=16, aggregated=24).eval(), threshold=-1.5)


def test_a_long_recording_is_hidden_as_a_whole(tmp_path: Path, sound, network):
    source = sound(seconds=25.0)
    report = protect_file(source, tmp_path / "out.wav", Voice(network, judge=None))
    heard = torch.from_numpy(files.as_mono_16k(files.read(source)))
    with torch.no_grad():
        wanted = network(heard[None])[0].numpy()
    np.testing.assert_allclose(soundfile.read(tmp_path / "out.wav")[0], wanted, rtol=0, atol=2 / 2**16)
    assert report.effect.likenesses == [] and report.snr >= 20


def test_each_channel_is_hidden_by_itself(tmp_path: Path, network):
    rng = np.random.default_rng(0)
    channels = 0.1 * rng.normal(size=(16_000, 2))
    soundfile.write(tmp_path / "in.wav", channels, 16_000, subtype="FLOAT")
    protect_file(tmp_path / "in.wav", tmp_path / "out.wav", Voice(network, judge=None))
    with torch.no_grad():
        wanted = network(torch.from_numpy(channels.T).float()).T.numpy()
    np.testing.assert_allclose(soundfile.read(tmp_path / "out.wav")[0], wanted, rtol=0, atol=1e-6)


def test_the_judge_compares_every_channel_and_the_closest_is_told(tmp_path: Path, sound, network, judge):
    report = protect_file(sound(channels=2), tmp_path / "out.wav", Voice(network, judge=judge))
    assert len(report.effect.likenesses) == len(report.effect.views) == 4
    closest = max(likeness.cosine for likeness in report.effect.likenesses)
    assert f"tiny recognises the same voice (cosine {closest:.2f}, threshold -1.50)" in report.line()


def test_other_weights_or_another_judge_are_not_done(tmp_path: Path, sound, network, judge):
    source, target = sound(), tmp_path / "out.wav"
    protect_file(source, target, Voice(network, judge=judge))
    assert done_before(source, target, Voice(network, judge=judge))
    assert not done_before(source, target, Voice(network, judge=None))
    assert not done_before(source, target, Voice(SSED(channels=4, blocks=1).eval(), judge=judge))


def test_models_of_another_kind_are_refused() -> None:
    with pytest.raises(SottovoceError, match="segan"):
        Voice("segan")
    with pytest.raises(SottovoceError, match="needed: speaker encoder"):
        Voice(judge="segan")
