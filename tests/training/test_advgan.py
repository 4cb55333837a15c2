"""The recipe of AdvGAN: losses by hand, targets, and when it stops."""

import pytest
import torch

from sottovoce.errors import SottovoceError
from sottovoce.models.classifiers import WideResNet
from sottovoce.perturbers import AdvGAN
from sottovoce.training import advgan, run
from sottovoce.weights import Card, save

SAMPLES = 16_000
SHAPE = {"depth": 10, "width": 1}


def small_advgan(clips, fabric, victim, **settings) -> advgan.AdvGANRecipe:
    small = {"width": 1 / 8, "judge_width": 1 / 32, "epochs": 6, "steps": 3, "batch": 6, "lr": 5e-3}
    return advgan.AdvGANRecipe(
        clips, advgan.Config(victims=(victim,) if isinstance(victim, str) else victim, **{**small, **settings}), fabric
    )


def test_the_losses_are_the_published_ones(clips, fabric, victim) -> None:
    recipe = small_advgan(clips, fabric, victim, bound=0.5, levelled=False)
    recipe.judge.eval()
    changes, targets = 0.01 * torch.ones(3, SAMPLES), torch.tensor([0, 1, 2])
    terms = recipe.losses(clips.valid, changes, targets)
    perturbed = clips.valid + 0.01
    log = torch.log_softmax(recipe.victims[0](perturbed), -1)
    torch.testing.assert_close(terms["target"], -log[torch.arange(3), targets].mean())
    torch.testing.assert_close(terms["fool"], (1 - recipe.judge(perturbed)).square().mean())
    assert terms["hinge"].item() == pytest.approx(0.01 * SAMPLES**0.5 - 0.5, rel=1e-3)
    assert terms["change"].item() == pytest.approx(0.01, rel=1e-3)


def test_the_norms_of_a_levelled_generator_are_those_at_one_loudness(clips, fabric, victim) -> None:
    recipe = small_advgan(clips, fabric, victim)
    changes, targets = 0.01 * clips.valid, torch.tensor([0, 1, 2])
    loud, quiet = (recipe.losses(gain * clips.valid, gain * changes, targets) for gain in (0.5, 0.05))
    for name in ("hinge", "change"):
        torch.testing.assert_close(loud[name], quiet[name])
    assert loud["hinge"].item() == pytest.approx(0.01 * 0.05 * SAMPLES**0.5, rel=1e-3)


def test_no_clip_is_sent_to_its_own_label(clips, fabric, victim) -> None:
    sources = torch.arange(3).repeat(50)
    targets = small_advgan(clips, fabric, victim)._targets(sources)
    assert (targets != sources).all() and set(targets.tolist()) == {0, 1, 2}
    one = small_advgan(clips, fabric, victim, target="low")._targets(sources)
    assert set(one.tolist()) == {1}


def test_the_classifier_joins_after_the_warm_up_and_then_success_rises(clips, fabric, victim, tmp_path) -> None:
    settings = {"warm_up": 1, "beta": 0.1, "gamma": 1.0, "epochs": 12, "patience": 0}
    recipe = small_advgan(clips, fabric, victim, **settings)
    before = recipe.victims[0].linear.weight.clone()
    rows = [recipe.train_epoch(epoch) for epoch in range(12)]
    assert rows[-1]["target"] < 0.8 * rows[0]["target"]
    assert torch.equal(before, recipe.victims[0].linear.weight)


def test_training_stops_when_success_does_not_change(clips, fabric, victim, tmp_path) -> None:
    recipe = small_advgan(clips, fabric, victim, patience=2, lr=1e-9, target="low")
    best = run(recipe, tmp_path, fabric)
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 3
    network = AdvGAN.load(str(best))
    assert network.labels == ("low",)
    resumed = small_advgan(clips, fabric, victim, patience=2, lr=1e-9, target="low")
    run(resumed, tmp_path, fabric)
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 3


def test_a_victim_that_lacks_a_label_is_refused(clips, fabric, tmp_path) -> None:
    network = WideResNet(("low", "high"), **SHAPE)
    card = Card(
        name="two", kind="classifier", architecture="wide-resnet", config={"labels": ["low", "high"], **SHAPE},
        data="", recipe="", seed=0, metrics={}, licence="CC0-1.0",
    )  # fmt: skip
    save(tmp_path / "two", network.state_dict(), card)
    with pytest.raises(SottovoceError, match="'middle'"):
        small_advgan(clips, fabric, str(tmp_path / "two"))


def test_a_generator_goes_on_from_weights_of_its_labels_alone(clips, fabric, victim, tmp_path) -> None:
    best = str(run(small_advgan(clips, fabric, victim, epochs=2), tmp_path, fabric))
    given = AdvGAN.load(best)
    further = small_advgan(clips, fabric, victim, initial=best, width=1.0)
    for one, other in zip(further.network.parameters(), given.parameters(), strict=True):
        assert torch.equal(one, other)
    assert further.card({"epoch": 0}).config == given.config
    with pytest.raises(SottovoceError, match="made for the labels"):
        small_advgan(clips, fabric, victim, initial=best, target=given.labels[0])


@pytest.fixture
def other(clips, victim, tmp_path) -> str:
    """The path of a classifier that knows the labels in another order."""
    network = WideResNet(clips.labels[::-1], **SHAPE)
    known = WideResNet.load(victim)
    state = known.state_dict()
    order = torch.tensor([clips.labels.index(label) for label in network.labels])
    state |= {name: state[name][order] for name in ("linear.weight", "linear.bias")}
    card = Card(
        name="other", kind="classifier", architecture="wide-resnet", config={"labels": list(network.labels), **SHAPE},
        data="", recipe="", seed=0, metrics={}, licence="CC0-1.0",
    )  # fmt: skip
    save(tmp_path / "other", state, card)
    return str(tmp_path / "other")


def test_several_victims_share_the_loss_whatever_the_order_of_their_labels(clips, fabric, victim, other) -> None:
    changes, targets = 0.01 * torch.ones(3, SAMPLES), torch.tensor([0, 1, 2])
    alone, both = (
        small_advgan(clips, fabric, victims).losses(clips.valid, changes, targets)["target"]
        for victims in (victim, (victim, other))
    )
    torch.testing.assert_close(alone, both)


def test_the_victim_that_is_fooled_least_decides(clips, fabric, victim, other) -> None:
    recipe = small_advgan(clips, fabric, (victim, other))
    found = recipe.validate()
    assert found["valid_success"] == found["valid_success_1"] == found["valid_success_2"]
    with torch.no_grad():
        recipe.victims[1].linear.bias[:] = torch.tensor([50.0, 0.0, 0.0])
    found = recipe.validate()
    assert found["valid_success"] == min(found["valid_success_1"], found["valid_success_2"])
    assert f"victims: {victim}, {other}" in recipe.card({"epoch": 0}).data


def test_without_its_weight_there_is_no_discriminator(clips, fabric, victim) -> None:
    recipe = small_advgan(clips, fabric, victim, alpha=0.0)
    before = [parameter.clone() for parameter in recipe.judge.parameters()]
    assert recipe.train_epoch(0)["judge"] == 0.0
    assert all(torch.equal(*pair) for pair in zip(before, recipe.judge.parameters(), strict=True))


def test_the_channels_to_the_victims_are_others_each_time() -> None:
    clips, random = 0.1 * torch.randn(2, 4000), torch.Generator().manual_seed(0)
    assert advgan.Channels()(clips, random) is clips
    channels = advgan.Channels(delay=0.01, equalizer=3.0, noise=(20.0, 30.0))
    heard = [channels(clips, random) for _ in range(2)]
    assert heard[0].shape == clips.shape and not torch.allclose(*heard)
