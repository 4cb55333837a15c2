"""Whom words and voices are protected from on machines with and without listeners of others."""

import pytest

from sottovoce.protections import usual
from sottovoce.protections.voice import Voice
from sottovoce.protections.words import Words


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of those that are on this machine."""
    names = {"pocketsphinx"}
    monkeypatch.setattr(usual, "_here", lambda wanted: [name for name in wanted if name in names])
    return names


def test_the_surrogate_helps_whisper_and_stands_for_it_where_that_is_not_here_or_a_friend(here: set[str]) -> None:
    assert usual.usual_listeners() == ["whisper-student"]
    here.add("whisper-tiny.en")
    assert usual.usual_listeners() == ["whisper-tiny.en", "whisper-student"]
    assert usual.usual_listeners(friends=["whisper-tiny.en"]) == ["whisper-student"]


def test_the_best_recogniser_that_was_not_attacked_is_the_witness(here: set[str]) -> None:
    assert usual.usual_witnesses(["whisper-tiny.en"]) == ["pocketsphinx"]
    here.add("whisper-base")
    assert usual.usual_witnesses(["whisper-tiny.en"]) == ["whisper-base"]
    assert usual.usual_witnesses(["whisper-base", "pocketsphinx"]) == []


def test_a_bare_machine_says_how_to_bring_a_real_recogniser(here: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    protection = Words()
    (note,) = protection.aim.notes
    assert note.startswith("no real recogniser was attacked, only a bundled surrogate of Whisper; whisper-tiny.en: ")
    assert "sottovoce" in note or "pip install" in note
    here.add("whisper-tiny.en")
    assert usual.missing_recogniser() is None


def test_all_encoders_that_are_here_are_attacked_and_others_are_witnesses(here: set[str]) -> None:
    here |= {"ecapa-tdnn", "resemblyzer"}
    assert usual.usual_encoders() == ["ecapa-tdnn", "resemblyzer"]
    assert usual.usual_encoder_witnesses(["resemblyzer"]) == ["ecapa-tdnn"]
    assert usual.usual_encoder_witnesses(usual.usual_encoders()) == []


def test_a_bare_machine_says_how_to_bring_a_third_partys_encoder(here: set[str]) -> None:
    here.add("ecapa-tdnn")
    (note,) = Voice().notes
    assert note.startswith("no third party's speaker encoder was attacked, only a bundled one; campplus: ")
    here.add("resemblyzer")
    assert usual.missing_encoder() is None and Voice().notes == []
