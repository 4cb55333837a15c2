"""The recipe of DeepSpeech on two letters of tones, also adversarially."""

from dataclasses import replace

import torch
from lightning_fabric import Fabric

from sottovoce.models.recognizers.deep_speech import DeepSpeech
from sottovoce.training import deep_speech, run


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
