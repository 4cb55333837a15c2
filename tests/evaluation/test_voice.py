"""Voices compared stretch by stretch."""

import pytest
import torch
from torch import nn

from sottovoce.errors import SottovoceError
from sottovoce.evaluation.voice import MOST_STRETCHES, STRETCH, Judge, likeness
from sottovoce.models.speakers import SpeakerEncoder


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
    assert encoder.asked == [STRETCH] * 2 * compared.stretches and 8 <= compared.stretches <= MOST_STRETCHES
    compared = likeness(Judge("means", encoder, 0.5), *torch.ones(2, 3 * STRETCH + 500))
    assert compared.stretches == 4 and encoder.asked[-4:] == [STRETCH] * 3 + [500]


def test_one_of_two_speakers_who_is_still_known_is_said() -> None:
    judge, speech = Judge("means", Means(), threshold=0.5), torch.ones(4 * STRETCH)
    changed = torch.cat([-speech[:STRETCH], speech[STRETCH:]])
    assert likeness(judge, speech, changed).line().startswith("means recognises the same voice in 3 of 4 stretches (")
    assert likeness(judge, speech, -speech).line().startswith("means hears another voice in 4 of 4 stretches (")


def test_models_that_cannot_judge_are_refused(tiny) -> None:
    with pytest.raises(SottovoceError, match="cannot judge voices"):
        Judge.load(tiny)
