"""Wave-U-Net and DNN: losses by hand, eq. 6, and training that takes noise off."""

import json

import pytest
import torch
from lightning_fabric import Fabric

from sottovoce.models.enhancers import load_enhancer
from sottovoce.models.enhancers.wave_unet import SEGMENT
from sottovoce.training import MixingRange, SpeechInNoise, regression, run
from sottovoce.training.perceptual import PESQLoss

SMALL = {"epochs": 3, "steps": 6, "batch": 4, "validation": 4, "lr": 2e-3}


@pytest.fixture(scope="module")
def data(corpora) -> SpeechInNoise:
    return SpeechInNoise([corpora[0]], [corpora[1]], MixingRange(seconds=SEGMENT / 16_000, snr=(0.0, 5.0)))


def config(kind: str, **more):
    settings = {**SMALL, **more}
    if kind == "wave-unet":
        return regression.WaveUNetConfig(levels=4, width=1 / 6, **settings)
    return regression.DNNConfig(hidden=64, **settings)


@pytest.mark.parametrize("kind", ["wave-unet", "dnn"])
def test_training_lowers_the_loss_and_the_weights_load(data, fabric, tmp_path, kind) -> None:
    best = run(regression.EnhancerRecipe(data, config(kind, steps=15), fabric), tmp_path, fabric)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["loss"] < 0.95 * rows[0]["loss"]
    assert load_enhancer(str(best)).architecture == kind


@pytest.mark.parametrize("kind", ["wave-unet", "dnn"])
def test_going_on_from_weights_begins_where_they_are_and_keeps_their_shape(data, fabric, tmp_path, kind) -> None:
    first = regression.EnhancerRecipe(data, config(kind), fabric)
    best = run(first, tmp_path, fabric)
    full = {"wave-unet": regression.WaveUNetConfig, "dnn": regression.DNNConfig}[kind]
    recipe = regression.EnhancerRecipe(data, full(**SMALL, initial=str(best), alpha=0.34), fabric)
    reached = json.loads(best.with_suffix(".json").read_text())
    assert recipe.validate()["score"] == pytest.approx(reached["metrics"]["valid_si_sdr_gain_db"], abs=1e-4)
    assert recipe.card({"score": 0.0, "epoch": 0}).config == reached["config"]


def test_the_loss_is_the_mean_over_speech_and_noise_in_decibels(data, fabric, monkeypatch) -> None:
    recipe = regression.EnhancerRecipe(data, config("wave-unet"), fabric)
    clean, noisy = data.batch(2, torch.Generator().manual_seed(0))
    guess = torch.stack([0.9 * clean, 1.01 * (noisy - clean)], 1)  # errors of -20 and -40 dB
    monkeypatch.setattr(recipe.network, "separate", lambda segments: guess)
    assert recipe.total(clean, noisy).item() == pytest.approx(-30.0, abs=0.01)


@torch.no_grad()
def test_what_pesq_hears_is_added_in_decibels_a_point(data, fabric) -> None:
    clean, noisy = data.batch(2, torch.Generator().manual_seed(0))
    plain, heard = (regression.EnhancerRecipe(data, config("wave-unet", pesq=pesq), fabric) for pesq in (0.0, 3.0))
    points = PESQLoss()(clean, plain.network.separate(noisy)[:, 0]).mean()
    assert points > 0.1
    torch.testing.assert_close(heard.total(clean, noisy), plain.total(clean, noisy) + 3.0 * points)


def test_equation_6_weighs_the_plain_and_the_attacked_mixture(data, fabric) -> None:
    recipe = regression.EnhancerRecipe(data, config("wave-unet", alpha=0.34, epsilon=0.01), fabric)
    recipe.network.eval()
    clean, noisy = data.batch(2, torch.Generator().manual_seed(0))
    plain = recipe.loss(clean, noisy)
    attacked = (recipe.total(clean, noisy) - 0.34 * plain) / 0.66
    assert attacked > plain
    inputs = noisy.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(recipe.loss(clean, inputs), inputs)
    torch.testing.assert_close(attacked, recipe.loss(clean, (noisy + 0.01 * gradient.sign()).clamp(-1, 1)))


@pytest.mark.parametrize("kind", ["wave-unet", "dnn"])
def test_adversarial_training_knows_bfloat16(data, kind) -> None:
    half = Fabric(accelerator="cpu", devices=1, precision="bf16-mixed")
    recipe = regression.EnhancerRecipe(data, config(kind, alpha=0.34, steps=1), half)
    before = [parameter.clone() for parameter in recipe.network.parameters()]
    assert recipe.train_epoch(0)["loss"] > 0
    assert any(not torch.equal(*pair) for pair in zip(before, recipe.network.parameters(), strict=True))


def test_the_dnn_is_standardised_by_the_material(data, fabric) -> None:
    network = regression.EnhancerRecipe(data, config("dnn"), fabric).network
    _, noisy = data.validation(64, 2.0, seed=1)
    _, bands = network.log_power(noisy)
    scaled = (bands - network.mean[0]) / network.deviation[0]
    torch.testing.assert_close(scaled.mean((0, 1)), torch.zeros(257), rtol=0, atol=1e-3)
