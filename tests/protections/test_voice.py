"""What is said of a hidden voice, and which settings make sense."""

from pathlib import Path

import pytest
import soundfile
import torch

from sottovoce.errors import SottovoceError
from sottovoce.evaluation.voice import Judge, Likeness
from sottovoce.models.speakers import ECAPATDNN
from sottovoce.perturbers import SSED
from sottovoce.protections.base import done_before, protect_file
from sottovoce.protections.voice import Hidden, Voice


@pytest.fixture(scope="module")
def network() -> SSED:
    torch.manual_seed(0)
    return SSED(channels=4, blocks=1).eval()


def encoder(name: str, *, seed: int = 0, threshold: float = -1.5) -> Judge:
    """An encoder so small that no two voices differ much."""
    torch.manual_seed(seed)
    return Judge(name, ECAPATDNN(channels=16, aggregated=24).eval(), threshold)


@pytest.fixture(scope="module")
def judge() -> Judge:
    return encoder("tiny")


def one_pass(network: SSED, *witnesses: Judge) -> Voice:
    return Voice(effort="low", generator=network, witnesses=witnesses)


def test_every_channel_is_compared_and_the_closest_is_told(tmp_path: Path, sound, network, judge):
    report = protect_file(sound(channels=2), tmp_path / "out.wav", one_pass(network, judge))
    assert len(report.effect.asked["tiny"]) == len(report.effect.views) == 4
    closest = max(likeness.cosine for likeness in report.effect.asked["tiny"])
    assert f"tiny recognises the same voice (cosine {closest:.2f}, threshold -1.50)" in report.line()


def test_other_weights_or_another_witness_are_not_done(tmp_path: Path, sound, network, judge):
    source, target = sound(), tmp_path / "out.wav"
    protect_file(source, target, one_pass(network, judge))
    assert done_before(source, target, one_pass(network, judge))
    assert not done_before(source, target, one_pass(network))
    assert not done_before(source, target, one_pass(SSED(channels=4, blocks=1).eval(), judge))


def test_a_voice_counts_as_hidden_if_one_stretch_is_not_recognised() -> None:
    def likeness(recognised: int) -> list[Likeness]:
        return [Likeness(judge="x", cosine=0.5, threshold=0.4, stretches=2, recognised=recognised)]

    def failure(*recognised: int) -> str | None:
        found = {str(place): likeness(each) for place, each in enumerate(recognised)}
        return Hidden(views=["channel 1"], attacked=found, unseen={}, asked={}, voiced=[True]).failure()

    assert failure(2, 1) is None and failure(0) is None and failure() is None
    assert failure(2, 2) is not None


def test_of_a_recording_without_a_voice_nothing_is_claimed(tmp_path: Path, network, judge) -> None:
    source = tmp_path / "rain.wav"
    soundfile.write(source, 0.1 * torch.randn(16_000, generator=torch.Generator().manual_seed(0)).numpy(), 16_000)
    report = protect_file(source, tmp_path / "out.wav", one_pass(network, judge))
    assert report.effect.lines() == ["no voice was found in it, so nothing is claimed about who speaks"]


def test_only_channels_with_a_voice_count() -> None:
    def likeness(recognised: int, cosine: float) -> Likeness:
        return Likeness(judge="x", cosine=cosine, threshold=0.4, stretches=1, recognised=recognised)

    hidden, rain = likeness(0, 0.1), likeness(1, 0.9)
    views = ["channel 1", "channel 2"]
    effect = Hidden(views=views, attacked={"x": [hidden, rain]}, unseen={}, asked={}, voiced=[True, False])
    assert effect.failure() is None
    assert effect.lines() == ["x, attacked, hears another voice (cosine 0.10, threshold 0.40) (channel 1)"]
    both = effect.model_copy(update={"voiced": [True, True]})
    assert "recognises the voice as before (channel 2)" in str(both.failure())


def test_models_of_another_kind_are_refused() -> None:
    with pytest.raises(SottovoceError, match="segan"):
        Voice(effort="low", generator="segan")
    with pytest.raises(SottovoceError, match="needed: speaker encoder"):
        Voice(["segan"])


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"effort": "low", "against": ["ecapa-tdnn"]}, "--against is for a search"),
        ({"effort": "low", "snr": 20.0}, "--snr is for a search"),
        ({"generator": "ssed-ecapa-tdnn"}, "add --effort low"),
        ({"against": []}, "names no speaker encoder"),
        ({"against": ["ecapa-tdnn", "ecapa-tdnn"]}, "named twice"),
        ({"effort": "high", "steps": 3}, "choose the same"),
        ({"steps": 0}, "--steps 0"),
    ],
)
def test_what_makes_no_sense_is_refused(settings: dict[str, object], complaint: str) -> None:
    with pytest.raises(SottovoceError, match=complaint):
        Voice(**settings)


def test_the_usual_search_has_a_witness_who_is_not_attacked() -> None:
    usual = Voice()
    assert "ecapa-tdnn" in usual.listeners
    assert not usual.listeners.keys() & {judge.name for judge in usual.witnesses}
