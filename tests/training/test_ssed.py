"""The recipe of SSED: what is trained and what is not, the SNR of what is saved, and resuming."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric

from sottovoce.metrics import snr
from sottovoce.perturbers import SSED
from sottovoce.training import Voices, run, ssed
from sottovoce.training.ssed import floor_at


def small_ssed(voices: Voices, fabric: Fabric, encoder: str, **settings: object) -> ssed.SSEDRecipe:
    small = ssed.Config(channels=4, blocks=1, victims=(encoder,), epochs=3, steps=2, batch=2, seconds=0.5, validation=2)
    return ssed.SSEDRecipe(voices, replace(small, **settings), fabric)


@pytest.mark.parametrize("detached", [False, True])
def test_the_removal_loss_reaches_the_generator_unless_detached(
    voices: Voices, fabric: Fabric, encoder: str, detached: bool
) -> None:
    recipe = small_ssed(voices, fabric, encoder, detached=detached)
    waveforms = voices.excerpts(2, 0.5, torch.Generator().manual_seed(0))
    recipe.losses(waveforms)["removal"].backward()
    reached = [p.grad is not None and bool(p.grad.any()) for p in recipe.network.generator.parameters()]
    assert any(reached) != detached
    assert all(p.grad is not None for p in recipe.network.removal.parameters())


def test_ssed_moves_the_cosine_down_and_its_weights_load(
    voices: Voices, fabric: Fabric, encoder: str, tmp_path: Path
) -> None:
    recipe = small_ssed(voices, fabric, encoder, lr=3e-3, beta=0.0, epochs=6)
    before = recipe.validate()["valid_cosine"]
    best = run(recipe, tmp_path, fabric)
    network = SSED.load(str(best))
    assert recipe.validate()["valid_cosine"] < before - 0.02
    assert network(torch.rand(1, 1000)).shape == (1, 1000) and not network.training


def test_the_floor_rises_to_the_wanted_snr() -> None:
    floors = [floor_at(step / 10, 33.0) for step in range(11)]
    assert floors[0] == 12.0 and floors[5:] == [33.0] * 6 and floors == sorted(floors)


def test_what_is_too_loud_is_heard_at_the_wanted_snr(voices: Voices, fabric: Fabric, encoder: str) -> None:
    waveforms = voices.excerpts(2, 0.5, torch.Generator().manual_seed(0))
    terms = [
        small_ssed(voices, fabric, encoder, snr=wanted, epsilon=epsilon).losses(waveforms)
        for wanted, epsilon in ((0.0, 0.2), (50.0, 0.2), (50.0, 0.02))
    ]
    cosines, ratios = [[term[name].item() for term in terms] for name in ("cosine", "snr")]
    assert ratios[0] == ratios[1] < ratios[2] < 50
    assert cosines[0] < cosines[1] == pytest.approx(cosines[2], abs=1e-3)


def test_an_interrupted_ssed_training_ends_in_the_same_weights(
    voices: Voices, fabric: Fabric, encoder: str, tmp_path: Path
) -> None:
    run(small_ssed(voices, fabric, encoder), tmp_path / "whole", fabric)
    first = small_ssed(voices, fabric, encoder)
    first.epochs = 1
    run(first, tmp_path / "parts", fabric)
    torch.rand(7)  # whatever else happens to the global state
    run(small_ssed(voices, fabric, encoder), tmp_path / "parts", fabric)
    ours, theirs = ((tmp_path / name / "best.safetensors").read_bytes() for name in ("parts", "whole"))
    assert ours == theirs


def test_an_attacker_with_the_generator_learns_a_removal_module_of_their_own(
    voices: Voices, fabric: Fabric, encoder: str, tmp_path: Path
) -> None:
    public = SSED.load(str(run(small_ssed(voices, fabric, encoder), tmp_path / "public", fabric)))
    recipe = small_ssed(voices, fabric, encoder, generator=str(tmp_path / "public" / "best"), lr=1e-2, seed=2, epochs=8)
    assert recipe.validate()["valid_removal"] < -1.0  # the generator's own negative takes most of it away
    with torch.no_grad():
        recipe.network.removal.noise.out.weight.mul_(0.5)
    before = recipe.validate()["valid_removal"]
    learnt = SSED.load(str(run(recipe, tmp_path / "attacker", fabric)))
    ours, theirs = public.generator.state_dict(), learnt.generator.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert recipe.validate()["valid_removal"] < before - 0.2


def test_what_is_shipped_has_the_wanted_snr_on_validation(
    voices: Voices, fabric: Fabric, encoder: str, tmp_path: Path
) -> None:
    recipe = small_ssed(voices, fabric, encoder, snr=30.0, theta=0.0, epochs=1, validation=4)
    shipped = SSED.load(str(run(recipe, tmp_path, fabric)))
    with torch.no_grad():
        ratios = torch.cat([snr(each[None], shipped(each[None])) for each in recipe.validation])
    assert ratios.mean().item() == pytest.approx(30.0, abs=0.1)
    assert recipe.network.epsilon == 0.05 != shipped.epsilon


def test_the_generator_alone_and_then_its_removal_module(
    voices: Voices, fabric: Fabric, encoder: str, tmp_path: Path
) -> None:
    alone = small_ssed(voices, fabric, encoder, theta=0.0, lr=3e-3, epochs=4)
    untouched = {name: weight.clone() for name, weight in alone.network.removal.named_parameters()}
    assert "removal" not in alone.losses(voices.excerpts(2, 0.5, torch.Generator().manual_seed(0)))
    run(alone, tmp_path / "alone", fabric)
    assert all(torch.equal(weight, untouched[name]) for name, weight in alone.network.removal.named_parameters())
    second = small_ssed(voices, fabric, encoder, generator=str(tmp_path / "alone" / "best"))
    terms = second.losses(voices.excerpts(2, 0.5, torch.Generator().manual_seed(0)))
    assert "cosine" not in terms and torch.equal(terms["loss"], terms["removal"])
    assert f"victims: {encoder}" in second.card({}).data
