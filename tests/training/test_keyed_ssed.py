"""The recipe of the keyed SSED: who is trained against whom, the SNR of what is saved, and resuming."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric

from sottovoce.metrics import snr
from sottovoce.perturbers import KeyedSSED
from sottovoce.training import Voices, keyed_ssed, run


def small(voices: Voices, fabric: Fabric, encoder: str, **settings: object) -> keyed_ssed.KeyedSSEDRecipe:
    config = keyed_ssed.Config(
        channels=4, blocks=1, victims=(encoder,), epochs=3, steps=2, batch=2, seconds=0.5, validation=2
    )
    return keyed_ssed.KeyedSSEDRecipe(voices, replace(config, **settings), fabric)


@pytest.fixture(scope="module")
def trained(voices: Voices, fabric: Fabric, encoder: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(run(small(voices, fabric, encoder, snr=30.0), tmp_path_factory.mktemp("trained"), fabric))


def test_what_is_shipped_has_the_wanted_snr_on_validation(
    voices: Voices, fabric: Fabric, encoder: str, trained: str
) -> None:
    recipe, shipped = small(voices, fabric, encoder), KeyedSSED.load(trained)
    keys = recipe.validation_keys.chunk(2)
    with torch.no_grad():
        pairs = [(each[None].repeat(2, 1), own) for each, own in zip(recipe.validation, keys, strict=True)]
        ratios = torch.cat([snr(waveforms, shipped(waveforms, keys=own)) for waveforms, own in pairs])
    assert ratios.mean().item() == pytest.approx(30.0, abs=0.1)


def test_the_attackers_gradient_is_reversed_for_the_generator(voices: Voices, fabric: Fabric, encoder: str) -> None:
    recipe = small(voices, fabric, encoder, guard=1.0, gain=-1000.0)  # which every attacker exceeds
    recipe.floor = -100.0
    waveforms = voices.excerpts(2, 0.5, torch.Generator().manual_seed(0)).repeat(2, 1)
    keys = keyed_ssed.draw_keys(4, torch.Generator().manual_seed(0))
    perturbed = recipe.network.perturbed(waveforms, keys).waveforms
    noise, mask = recipe.attacker(perturbed)
    left = perturbed + recipe.network.epsilon * noise * mask - waveforms
    ratios = left.square().sum(-1) / (perturbed - waveforms).square().sum(-1)
    table, bias = recipe.network.hiding.table.weight, recipe.attacker.noise.out.bias
    up, down = torch.autograd.grad(10 * torch.log10(ratios).mean(), (table, bias))
    _, residuals = recipe._terms(waveforms, recipe.network.perturbed(waveforms, keys))
    residuals.mean().backward()
    torch.testing.assert_close(keyed_ssed.DECIBELS * bias.grad, down, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(table.grad, -up, rtol=1e-3, atol=1e-4)


def test_an_interrupted_training_ends_in_the_same_weights(
    voices: Voices, fabric: Fabric, encoder: str, tmp_path: Path
) -> None:
    run(small(voices, fabric, encoder), tmp_path / "whole", fabric)
    first = small(voices, fabric, encoder)
    first.epochs = 1
    run(first, tmp_path / "parts", fabric)
    torch.rand(7)  # whatever else happens to the global state
    run(small(voices, fabric, encoder), tmp_path / "parts", fabric)
    ours, theirs = ((tmp_path / name / "best.safetensors").read_bytes() for name in ("parts", "whole"))
    assert ours == theirs


@pytest.mark.parametrize("keyless", [False, True])
def test_a_removal_module_is_trained_for_a_generator_that_stays(
    voices: Voices, fabric: Fabric, encoder: str, trained: str, tmp_path: Path, keyless: bool
) -> None:
    given = KeyedSSED.load(trained)
    recipe = small(voices, fabric, encoder, generator=trained, keyless=keyless, lr=1e-2, steps=6)
    with torch.no_grad():
        recipe.network.network.removal.noise.out.weight.mul_(0.1)
    before, weights = recipe.validate()["valid_restored"], recipe.network.network.removal.first.conv.weight.clone()
    learnt = KeyedSSED.load(str(run(recipe, tmp_path, fabric)))
    kept, found = given.state_dict(), learnt.state_dict()
    for name in kept:
        assert torch.equal(kept[name], found[name]) or name.startswith(("network.removal", "removing"))
    assert not torch.equal(recipe.network.network.removal.first.conv.weight, weights)
    assert recipe.validate()["valid_restored"] > before + 1.0 or keyless  # without the key there is little to learn
    assert bool(learnt.removing.table.weight.any()) != keyless
    assert f"victims: {encoder}" in recipe.card({}).data
