"""Transcripts in batches of like length, and the recogniser's recipe on two words of tones."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch
from lightning_fabric import Fabric

from sottovoce.corpora import Utterance, write_manifest
from sottovoce.errors import SottovoceError
from sottovoce.models.recognizers.deep_speech import DeepSpeech
from sottovoce.training import deep_speech, run
from sottovoce.training.clips import Variation
from sottovoce.training.transcripts import Transcripts

PITCHES = {"A": 300, "B": 1200}


@pytest.fixture(scope="session")
def spelt(tmp_path_factory):
    """Tones for letters: a manifest."""
    folder, random, rows = tmp_path_factory.mktemp("spelt"), np.random.default_rng(0), []
    for number in range(24):
        letters = random.choice(list(PITCHES), size=random.integers(1, 4))
        times = np.arange(2800) / 16_000
        tones = [np.pad(np.sin(2 * np.pi * PITCHES[letter] * times), 600) for letter in letters]
        samples = 0.1 * np.concatenate(tones)
        path = folder / f"{number}.wav"
        soundfile.write(path, samples + 1e-3 * random.standard_normal(len(samples)), 16_000)
        rows.append(Utterance(path, "valid" if number % 6 == 0 else "train", text="".join(letters)))
    write_manifest(folder / "spelt.csv", rows)
    return folder / "spelt.csv"


@pytest.fixture(scope="session")
def transcripts(spelt) -> Transcripts:
    return Transcripts([spelt], [], Variation(gain=(0.0, 0.0)))


def test_an_epoch_holds_every_utterance_once_in_batches_of_like_length(transcripts) -> None:
    batches = transcripts.epoch(4, torch.Generator().manual_seed(0))
    assert sorted(place for batch in batches for place in batch) == list(range(20))
    assert [len(batch) for batch in batches] == [4] * 5
    sizes = [{len(transcripts.train[place]) for place in batch} for batch in batches]
    assert sum(len(size) for size in sizes) <= 7


def test_a_batch_has_its_texts_and_lengths(transcripts) -> None:
    waveforms, lengths, texts = transcripts.batch([0, 5], torch.Generator().manual_seed(0))
    assert waveforms.shape == (2, int(lengths.max())) and texts == [transcripts.train_texts[i] for i in (0, 5)]
    for length, text in zip(lengths.tolist(), texts, strict=True):
        assert 0.89 < length / (4000 * len(text)) < 1.12


def test_utterances_are_heard_in_rooms(spelt, tmp_path) -> None:
    soundfile.write(tmp_path / "echo.wav", np.concatenate([[0.8], np.zeros(1599), [0.4]]), 16_000)
    data = Transcripts([spelt], [], Variation(gain=(0.0, 0.0)), [tmp_path], room=0.5)
    data.train[0] = torch.zeros(4000)
    data.train[0][800] = 0.5
    random, echoes = torch.Generator().manual_seed(0), []
    for _ in range(40):
        (waveform,), _, _ = data.batch([0], random)
        echoes.append(float(waveform[2000:].square().sum() / waveform.square().sum()))
    assert {round(echo, 1) for echo in echoes} == {0.0, 0.2}
    assert 8 <= sum(echo > 0.1 for echo in echoes) <= 32


def test_speech_without_texts_is_refused(corpora) -> None:
    with pytest.raises(SottovoceError, match="with texts"):
        Transcripts([corpora[0]], [], Variation())


def test_it_learns_to_spell_and_its_weights_load(transcripts, fabric, tmp_path) -> None:
    config = deep_speech.Config(hidden=32, layers=1, epochs=40, batch=4, lr=1e-2)
    recipe = deep_speech.DeepSpeechRecipe(transcripts, config, fabric)
    untrained = recipe.validate()["valid_wer"]
    network = DeepSpeech.load(str(run(recipe, tmp_path, fabric)))
    assert untrained == 1.0
    texts = [network.transcribe(waveform.float()[None])[0] for waveform in transcripts.valid]
    assert sum(a == b for a, b in zip(texts, transcripts.valid_texts, strict=True)) >= 3


def test_going_on_adversarially_keeps_the_shape_and_resists_better(transcripts, fabric, tmp_path) -> None:
    plain = deep_speech.Config(hidden=32, layers=1, epochs=40, batch=4, lr=1e-2, epsilon=0.02)
    first = deep_speech.DeepSpeechRecipe(transcripts, plain, fabric)
    initial = str(run(first, tmp_path / "plain", fabric))
    settings = replace(plain, hidden=8, initial=initial, alpha=0.34, epochs=15, lr=3e-3)
    recipe = deep_speech.DeepSpeechRecipe(transcripts, settings, fabric)
    before = recipe.validate()
    network = DeepSpeech.load(str(run(recipe, tmp_path / "adv", fabric)))
    assert network.config == {"hidden": 32, "layers": 1}
    recipe.network.load_state_dict(network.state_dict())
    after = recipe.validate()
    assert before["valid_attacked_wer"] > before["valid_wer"]
    assert after["valid_attacked_wer"] < before["valid_attacked_wer"]


def test_adversarial_training_knows_bfloat16(transcripts) -> None:
    half = Fabric(accelerator="cpu", devices=1, precision="bf16-mixed")
    recipe = deep_speech.DeepSpeechRecipe(transcripts, deep_speech.Config(hidden=8, layers=1, alpha=0.34), half)
    before = [parameter.clone() for parameter in recipe.network.parameters()]
    assert recipe.train_epoch(0)["loss"] > 0
    assert any(not torch.equal(*pair) for pair in zip(before, recipe.network.parameters(), strict=True))
    assert {"valid_wer", "valid_attacked_wer"} < set(recipe.validate())
