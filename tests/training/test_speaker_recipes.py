"""The recipes about who speaks: losses by hand, training that helps, weights that load."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric
from torch.nn import functional

from sottovoce.metrics import snr
from sottovoce.models.speakers import ECAPATDNN, load_speaker_encoder
from sottovoce.perturbers import SSED
from sottovoce.perturbers.ssed import Perturbed
from sottovoce.training import Voices, ecapa_tdnn, run, ssed
from sottovoce.training.ecapa_tdnn import AngularMargin
from sottovoce.training.recipes import parse
from sottovoce.training.ssed import excess, floor_at, quality_loss, removal_loss
from sottovoce.weights import Card, save


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    torch.manual_seed(0)
    config = {"channels": 16, "aggregated": 24}
    card = Card(
        name="tiny", kind="speaker encoder", architecture="ecapa-tdnn", config=config, data="", recipe="", seed=0,
        metrics={}, licence="Apache-2.0",
    )  # fmt: skip
    path = tmp_path_factory.mktemp("encoder") / "tiny.safetensors"
    save(path, ECAPATDNN(**config).state_dict(), card)
    return str(path)


def small_ssed(voices: Voices, fabric: Fabric, encoder: str, **settings: object) -> ssed.SSEDRecipe:
    small = ssed.Config(channels=4, blocks=1, victims=(encoder,), epochs=3, steps=2, batch=2, seconds=0.5, validation=2)
    return ssed.SSEDRecipe(voices, replace(small, **settings), fabric)


def test_the_margin_is_added_to_the_angle() -> None:
    torch.manual_seed(0)
    head, embeddings, classes = AngularMargin(8, 5), torch.randn(6, 8), torch.tensor([0, 1, 2, 3, 4, 0])
    cosines = functional.normalize(embeddings) @ functional.normalize(head.weight).T
    angles = cosines.acos()
    for row, number in enumerate(classes.tolist()):
        angles[row, number] += 0.2
    assert angles.max() < math.pi
    wanted = functional.cross_entropy(30 * angles.cos(), classes)
    loss, right = head(embeddings, classes)
    torch.testing.assert_close(loss, wanted, rtol=1e-4, atol=1e-4)
    assert right == (cosines.argmax(1) == classes).sum()


def test_beyond_a_half_turn_the_loss_goes_on_falling() -> None:
    head = AngularMargin(2, 2)
    with torch.no_grad():
        head.weight.copy_(torch.eye(2))
    angles = torch.linspace(0, math.pi, 200)
    losses = torch.stack([head(torch.tensor([[a.cos(), a.sin()]]), torch.tensor([0]))[0] for a in angles])
    assert (losses.diff()[:100] >= 0).all() and losses.isfinite().all()
    right = torch.tensor([[-1.0, 0.0]], requires_grad=True)
    head(right, torch.tensor([0]))[0].backward()
    assert right.grad is not None and right.grad.isfinite().all()


def test_ecapa_tdnn_learns_voices_it_has_not_heard(voices: Voices, fabric: Fabric, tmp_path: Path) -> None:
    config = ecapa_tdnn.Config(channels=32, aggregated=48, epochs=6, utterances=96, batch=16, seconds=0.6)
    best = run(ecapa_tdnn.ECAPATDNNRecipe(voices, config, fabric), tmp_path, fabric)
    trained = load_speaker_encoder(str(best))
    recipe = ecapa_tdnn.ECAPATDNNRecipe(voices, config, fabric)
    recipe.network.load_state_dict(trained.state_dict())
    torch.manual_seed(0)
    assert recipe.validate()["eer"] < 0.35
    assert recipe.train_epoch(0)["accuracy"] > 3 / voices.classes


def test_the_losses_of_ssed_are_the_papers() -> None:
    waveforms, changed = torch.randn(2, 100), torch.randn(2, 100)
    noise, mask, other_noise, other_mask = (torch.rand(2, 100) for _ in range(4))
    there, back = Perturbed(changed, noise, mask), Perturbed(waveforms, other_noise, other_mask)
    for row in range(2):
        change = math.dist(changed[row].tolist(), waveforms[row].tolist())
        assert quality_loss(waveforms, there, 0.01)[row].item() == pytest.approx(
            0.99 * change + 0.01 * math.hypot(*mask[row].tolist()), rel=1e-4
        )
        masks = math.dist(mask[row].tolist(), other_mask[row].tolist())
        assert removal_loss(there, back, 0.8)[row].item() == pytest.approx(
            0.2 * masks + 0.8 * math.hypot(*(noise[row] + other_noise[row]).tolist()), rel=1e-4
        )


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


def test_the_excess_is_what_the_snr_lacks() -> None:
    waveforms, noise = torch.randn(3, 4000), torch.randn(3, 4000)
    changed = waveforms + torch.tensor([0.1, 0.01, 0.001])[:, None] * noise
    there = Perturbed(changed, noise, noise)
    lacking = torch.relu(30.0 - snr(waveforms, changed)).float()
    torch.testing.assert_close(excess(waveforms, there, 30.0), lacking, rtol=1e-3, atol=1e-2)
    assert lacking[0] > 0 and lacking[2] == 0


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


def test_victims_are_settings() -> None:
    assert parse("ssed", {"victims": "resemblyzer,ecapa-tdnn"}).victims == ("resemblyzer", "ecapa-tdnn")
    assert parse("ecapa-tdnn", {"augmentation.tempi": "1.0"}).augmentation.tempi == (1.0,)
