"""Voices compared stretch by stretch."""

import math
from pathlib import Path

import pytest
import torch
from torch import nn

from sottovoce.audio.files import as_mono_16k, read
from sottovoce.corpora.manifest import read_manifest
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.voice import EXCERPT, MOST_STRETCHES, STRETCH, Judge, equal_error_threshold, likeness
from sottovoce.models.speakers import SpeakerEncoder, load_speaker_encoder


class Means(SpeakerEncoder):
    """Embeds a recording as the means of its halves; records the lengths of its inputs."""

    shortest = 100

    def __init__(self) -> None:
        super().__init__()
        self.nothing = nn.Parameter(torch.zeros(1))
        self.asked: list[int] = []

    def embed(self, waveforms):
        self.asked.append(waveforms.shape[-1])
        middle = waveforms.shape[-1] // 2
        return torch.stack([waveforms[:, :middle].mean(-1), waveforms[:, middle:].mean(-1)], -1)


def test_the_same_recording_has_the_same_voice_and_a_turned_one_another() -> None:
    judge = Judge("means", Means(), threshold=0.5)
    waveform = torch.linspace(0.1, 1.0, 5000)
    assert likeness(judge, waveform, 0.5 * waveform).cosine == pytest.approx(1.0)
    same = likeness(judge, waveform, waveform)
    assert same.line() == "means recognises the same voice (cosine 1.00, threshold 0.50)"
    other = likeness(judge, waveform, -waveform)
    assert (
        other.cosine == pytest.approx(-1.0)
        and other.line() == "means hears another voice (cosine -1.00, threshold 0.50)"
    )


def test_long_recordings_are_heard_in_a_bounded_number_of_stretches() -> None:
    encoder = Means()
    compared = likeness(Judge("means", encoder, 0.5), *torch.ones(2, 30 * STRETCH + 50))
    assert encoder.asked == [STRETCH] * compared.stretches and 8 <= compared.stretches <= MOST_STRETCHES
    compared = likeness(Judge("means", encoder, 0.5), *torch.ones(2, 3 * STRETCH + 500))
    assert compared.stretches == 4 and encoder.asked[-4:] == [STRETCH] * 3 + [500]


def test_one_of_two_speakers_who_is_still_known_is_said() -> None:
    judge, speech = Judge("means", Means(), threshold=0.5), torch.ones(4 * STRETCH)
    changed = torch.cat([-speech[:STRETCH], speech[STRETCH:]])
    assert likeness(judge, speech, changed).line().startswith("means recognises the same voice in 3 of 4 stretches (")
    assert likeness(judge, speech, -speech).line().startswith("means hears another voice in 4 of 4 stretches (")


@pytest.mark.parametrize("name", ["ecapa-tdnn", "resemblyzer"])
def test_encoders_whose_threshold_is_known_judge(name: str) -> None:
    if name == "resemblyzer":
        pytest.importorskip("resemblyzer", reason="needs the extra 'resemblyzer'")
    judge = Judge.load(name)
    assert judge.name == name and judge.threshold == judge.encoder.threshold


def test_models_that_cannot_judge_are_refused(tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SottovoceError, match="needed: speaker encoder"):
        Judge.load(tiny)
    monkeypatch.setattr("sottovoce.evaluation.voice.load_speaker_encoder", lambda name: Means())
    with pytest.raises(SottovoceError, match="mine: cannot judge voices"):
        Judge.load("mine")


def test_the_threshold_lies_where_errors_are_equal() -> None:
    def directed(degrees: float) -> torch.Tensor:
        halves = torch.tensor([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])
        return torch.cat([halves.repeat_interleave(EXCERPT // 2), torch.full((777,), -9.0)])  # not heard after 3 s

    voices = {"a": [directed(0), directed(30)], "b": [directed(40), directed(75)]}
    # Angles within a voice: 30 and 35 degrees. Between the two: 10, 40, 45 and 75; of these, 10 is an error at 35.
    assert equal_error_threshold(Means(), voices) == pytest.approx(math.cos(math.radians(35)))


@pytest.mark.parametrize(("name", "tolerance"), [("resemblyzer", 0.03), ("campplus", 0.08)])
def test_thresholds_are_where_they_were_measured(
    name: str, tolerance: float, request: pytest.FixtureRequest, shared_data: Path
) -> None:
    """On 84 recordings; the thresholds come from 1482. CAM++ errs in none of the 84: any cosine in a gap would do."""
    if name == "resemblyzer":
        pytest.importorskip("resemblyzer", reason="needs the extra 'resemblyzer'")
        encoder = load_speaker_encoder(name)
    else:
        encoder = load_speaker_encoder(str(request.getfixturevalue("third_party")(name)))
    recordings: dict[str, list[torch.Tensor]] = {}
    for utterance in read_manifest(shared_data / "manifests" / "librispeech-mini.csv"):
        own = recordings.setdefault(utterance.speaker, [])
        if utterance.seconds >= 3 and len(own) < 3:
            own.append(torch.from_numpy(as_mono_16k(read(utterance.path))))
    assert encoder.threshold == pytest.approx(equal_error_threshold(encoder, recordings), abs=tolerance)
