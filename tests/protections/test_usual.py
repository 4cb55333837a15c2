"""Whom words are protected from on machines with and without Whisper."""

import pytest

from sottovoce.protections import usual
from sottovoce.protections.words import Words


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of those that are on this machine."""
    names = {"pocketsphinx"}
    monkeypatch.setattr(usual, "_here", lambda wanted: [name for name in wanted if name in names])
    return names


def test_the_surrogate_stands_for_whisper_where_that_is_not_here_or_a_friend(here: set[str]) -> None:
    assert usual.usual_listeners() == ["whisper-student"]
    here.add("whisper-tiny.en")
    assert usual.usual_listeners() == ["whisper-tiny.en"]
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
