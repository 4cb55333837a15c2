"""Choices on the page stand for protections, and their costs are estimated."""

import pytest

from sottovoce.protections.presets import Effort, Strength
from sottovoce.protections.words_and_voice import WordsAndVoice
from sottovoce.web import choices, estimates
from sottovoce.web.choices import BOTH, VOICE, WORDS, Choice


def test_every_choice_is_one_protection_made_once(monkeypatch) -> None:
    monkeypatch.setattr(choices, "_protection", choices._protection.__wrapped__)
    monkeypatch.setattr("sottovoce.protections.words.usual_witnesses", lambda attacked: [])
    monkeypatch.setattr("sottovoce.protections.voice.usual_encoder_witnesses", lambda attacked: [])
    monkeypatch.setattr("sottovoce.protections.voice.usual_encoders", lambda: ["ecapa-tdnn"])
    quiet, loud = (Choice(WORDS, strength, Effort.LOW).protection() for strength in (Strength.LIGHT, Strength.STRONG))
    assert quiet.snr > loud.snr and quiet.aim.steps == 15
    assert Choice(VOICE, Strength.STRONG, Effort.LOW).protection().identity().keys() >= {"generator"}
    assert Choice(VOICE, Strength.STRONG, Effort.HIGH).protection().aim.steps == 100
    both = Choice(BOTH, Strength.MEDIUM, Effort.LOW).protection()
    assert isinstance(both, WordsAndVoice) and both.aim.steps == 15


def test_an_estimate_grows_with_steps_and_seconds(monkeypatch) -> None:
    costs = {WORDS: estimates.StepCost(0.5, 0.1), VOICE: estimates.StepCost(0.0, 0.2)}
    monkeypatch.setattr(estimates, "_step", costs.__getitem__)
    monkeypatch.setattr(estimates, "_pass", lambda: 0.01)
    assert estimates.seconds(WORDS, Effort.LOW, [4.0]) == pytest.approx(15 * (0.5 + 0.4))
    assert estimates.seconds(VOICE, Effort.NORMAL, [4.0, 6.0]) == pytest.approx(30 * 2.0)
    assert estimates.seconds(VOICE, Effort.LOW, [4.0, 6.0]) == pytest.approx(0.1)
    line = estimates.line(WORDS, [4.0])
    assert line == "For 4 s of sound on this computer: low: about 15 s; normal: about 25 s; high: about 2 min."
