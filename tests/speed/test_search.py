"""What a search will cost; times themselves are no test's business."""

import math

import pytest
import torch

from sottovoce.models.adapters import AsEnhancer
from sottovoce.models.recognizers import DeepSpeech
from sottovoce.protections.voice import Voice
from sottovoce.protections.words import Words
from sottovoce.speed import search


class Half(torch.nn.Module):
    def forward(self, waveforms):
        return 0.5 * waveforms


@pytest.fixture
def aim():
    torch.manual_seed(0)
    recognizer = DeepSpeech(hidden=8, layers=1).eval()
    return Words({"tiny": recognizer, "half": AsEnhancer(Half())}, keep={"friend": recognizer}, steps=10).aim


def test_a_step_costs_a_window_and_its_seconds(aim, monkeypatch) -> None:
    monkeypatch.setattr(search, "_step", lambda aim, seconds: 0.8 + 0.2 * seconds)
    assert search.seconds_per_second(aim) == pytest.approx(10 * (0.8 / 16.384 + 0.2))
    # on a busy machine the longer step may be the quicker one
    monkeypatch.setattr(search, "_step", lambda aim, seconds: 2.0 / seconds)
    assert search.seconds_per_second(aim) == pytest.approx(10 * 2.0 / 16.384)


def test_the_figure_is_said_with_what_it_is_of(aim, monkeypatch) -> None:
    monkeypatch.setattr(search, "_step", lambda aim, seconds: 0.8 + 0.2 * seconds)
    line = search.announcement(aim)
    assert line.startswith("At least 2.5 s of computing per second of audio (10 steps on 3 listeners);")
    monkeypatch.setattr(search, "_step", lambda aim, seconds: 40.0 * seconds)
    assert search.announcement(aim).startswith("At least 400 s of computing")


def test_a_step_passes_through_every_listener_and_leaves_them_as_they_were(aim, monkeypatch) -> None:
    asked, goals = [], aim.goals

    def counted(waveforms, lengths):
        found = goals(waveforms, lengths)
        asked.append((waveforms.shape, len(found[0])))
        return found

    monkeypatch.setattr(aim, "goals", counted)
    before = [parameter.requires_grad for parameter in aim.ears["tiny"].parameters()]
    figure = search.seconds_per_second(aim)
    assert math.isfinite(figure) and figure > 0
    assert asked == [((1, 16_000), 3), ((1, 16_000), 3), ((1, 80_000), 3)]  # the first to warm up
    assert [parameter.requires_grad for parameter in aim.ears["tiny"].parameters()] == before
    assert all(parameter.grad is None for parameter in aim.ears["tiny"].parameters())


def test_encoders_cost_nothing_extra_for_a_short_recording(monkeypatch) -> None:
    monkeypatch.setattr(search, "_step", lambda aim, seconds: 0.2 * seconds)
    aim = Voice(["ecapa-tdnn"], witnesses=(), steps=10).aim
    assert search.announcement(aim) == "At least 2 s of computing per second of audio (10 steps on 1 listener)."
