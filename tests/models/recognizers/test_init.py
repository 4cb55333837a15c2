"""Recognisers by name and by path."""

import json
from pathlib import Path

import pytest

import sottovoce.models.recognizers as recognizers
from sottovoce.errors import SottovoceError
from sottovoce.models.recognizers import DeepSpeech, PocketSphinx, Wav2Vec2, load_ctc_recognizer, load_recognizer
from sottovoce.weights import Card
from sottovoce.weights.store import cache_folder, save


@pytest.fixture
def small(tmp_path: Path) -> str:
    """The path of a tiny recogniser with its card."""
    path = tmp_path / "small.safetensors"
    card = Card(
        name="small",
        kind="recognizer",
        architecture="deep-speech",
        config={"hidden": 4, "layers": 1},
        data="none",
        recipe="none",
        seed=0,
        metrics={},
        licence="CC0-1.0",
    )
    save(path, DeepSpeech(hidden=4, layers=1).state_dict(), card)
    return str(path)


@pytest.fixture
def by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whisper and wav2vec 2.0 as pairs of their kind and the name that they are loaded by."""
    monkeypatch.setattr(
        recognizers, "Whisper", type("Whisper", (tuple,), {"__new__": _pair, "architecture": "whisper"})
    )
    monkeypatch.setattr(recognizers, "Wav2Vec2", type("Wav2Vec2", (tuple,), {"__new__": _pair}))


def _pair(kind: type[tuple[str, str]], name: str) -> tuple[str, str]:
    return kind.__name__, name


def test_by_name_and_by_path(small: str, tiny: str) -> None:
    assert isinstance(load_recognizer("pocketsphinx"), PocketSphinx)
    assert isinstance(load_recognizer("deep-speech"), DeepSpeech)
    assert isinstance(load_recognizer(small), DeepSpeech)
    with pytest.raises(SottovoceError, match="holds a segan model"):
        load_recognizer(tiny)
    with pytest.raises(SottovoceError):
        load_recognizer("nobody")


@pytest.mark.usefixtures("by_name")
@pytest.mark.parametrize(("kind", "found"), [("whisper", "Whisper"), ("wav2vec2", "Wav2Vec2")])
def test_what_transformers_has_saved_is_known_by_its_configuration(tmp_path: Path, kind: str, found: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))
    assert load_recognizer(str(tmp_path)) == (found, str(tmp_path))


@pytest.mark.parametrize("content", ["{", "[]", ""])
def test_a_configuration_that_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(SottovoceError, match="not a model's configuration"):
        load_recognizer(str(tmp_path))


@pytest.mark.usefixtures("by_name")
def test_a_whisper_is_looked_for_in_the_cache_and_then_on_the_hubs_shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(recognizers, "downloaded", lambda name: asked.append(name) or name == "openai/whisper-here")
    with pytest.raises(SottovoceError, match="sottovoce models fetch whisper-nowhere"):
        load_recognizer("whisper-nowhere")
    assert load_recognizer("whisper-here") == ("Whisper", "openai/whisper-here")
    folder = cache_folder() / "whisper-fetched"
    folder.mkdir(parents=True)
    assert load_recognizer("whisper-fetched") == ("Whisper", str(folder))
    assert asked == ["openai/whisper-nowhere", "openai/whisper-here"]


def test_who_writes_character_by_character(small: str) -> None:
    assert isinstance(load_ctc_recognizer(small), DeepSpeech | Wav2Vec2)
    with pytest.raises(SottovoceError, match="pocketsphinx: does not write character by character"):
        load_ctc_recognizer("pocketsphinx")
