"""Every recipe trains, ships weights that load, and goes on after an interruption as if there had been none."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from lightning_fabric import Fabric

from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers import load_enhancer
from sottovoce.training import Machine, Material, Recipe, SpeechInNoise, metricgan_plus, run, segan, train
from sottovoce.training.recipes import CONFIGS, USES, parse
from sottovoce.weights import load

EPOCHS = 4


class Kind(NamedTuple):
    """A recipe cut down to seconds."""

    make: Callable[[SpeechInNoise, Fabric], Recipe]
    architecture: str
    logged: set[str]


def small_segan(data: SpeechInNoise, fabric: Fabric) -> Recipe:
    config = segan.Config(width=1 / 32, epochs=EPOCHS, steps=2, batch=2, validation=2)
    return segan.SEGANRecipe(data, config, fabric)


def small_metricgan(data: SpeechInNoise, fabric: Fabric) -> Recipe:
    config = metricgan_plus.Config(
        warm_epochs=1, critic_epochs=1, epochs=EPOCHS, utterances=4, warm_utterances=4, warm_batch=2, validation=1,
        history=0.5,
    )  # fmt: skip
    # Threads give the scores that processes give, without seconds of starting up.
    return metricgan_plus.MetricGANPlusRecipe(data, config, fabric, ThreadPoolExecutor(1))


KINDS = {
    "segan": Kind(small_segan, "segan", {"discriminator", "adversarial", "l1"}),
    "metricgan-plus": Kind(small_metricgan, "metricgan-plus", {"discriminator", "generator", "train_pesq"}),
}


def weights(folder: Path) -> dict[str, torch.Tensor]:
    """The state of the recipe after its last epoch."""
    state = torch.load(folder / "last.ckpt", weights_only=True)["recipe"]
    return state["network"]


def interrupt(recipe: Recipe, epoch: int) -> None:
    """Make `recipe` stop in the validation of an epoch, all of whose training is done."""
    validate, calls = recipe.validate, iter(range(EPOCHS))

    def stop() -> dict[str, float]:
        if next(calls) == epoch:
            raise KeyboardInterrupt
        return validate()

    recipe.validate = stop


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_an_interrupted_training_ends_in_the_same_weights(
    kind: Kind, data: SpeechInNoise, fabric: Fabric, tmp_path: Path
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    run(kind.make(data, fabric), whole, fabric)

    stopped = kind.make(data, fabric)
    interrupt(stopped, epoch=3)
    with pytest.raises(KeyboardInterrupt):
        run(stopped, parts, fabric)
    assert torch.load(parts / "last.ckpt", weights_only=True)["epoch"] == 2  # the last whole epoch
    assert load_enhancer(str(parts / "best")).architecture == kind.architecture
    torch.rand(7)  # whatever else happens to the global state
    best = run(kind.make(data, fabric), parts, fabric)

    ours, theirs = weights(parts), weights(whole)
    assert ours.keys() == theirs.keys() and all(torch.equal(ours[key], theirs[key]) for key in ours)
    assert (parts / "best.safetensors").read_bytes() == (whole / "best.safetensors").read_bytes()
    assert sorted(path.name for path in parts.iterdir()) == ["best.json", "best.safetensors", "last.ckpt", "log.jsonl"]

    rows = [json.loads(line) for line in (parts / "log.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == list(range(EPOCHS))
    assert kind.logged <= rows[-1].keys()
    card, state = load(best)
    kept = max(rows, key=lambda row: row["score"])
    assert card.metrics["epoch"] == kept["epoch"] and kept["score"] in card.metrics.values()
    assert (card.architecture, card.seed, card.licence) == (kind.architecture, 1, "Apache-2.0")
    network = load_enhancer(str(best))
    assert all(torch.equal(value, state[key]) for key, value in network.state_dict().items())
    assert network(torch.rand(1, 1000)).shape == (1, 1000)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_a_finished_training_is_not_run_again(kind: Kind, data: SpeechInNoise, fabric: Fabric, tmp_path: Path) -> None:
    recipe = kind.make(data, fabric)
    recipe.epochs = 1
    run(recipe, tmp_path, fabric)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    recipe = kind.make(data, fabric)
    recipe.epochs = 1
    run(recipe, tmp_path, fabric)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_training_moves_the_warm_loss_down(data: SpeechInNoise, fabric: Fabric) -> None:
    config = metricgan_plus.Config(warm_epochs=9, warm_utterances=8, warm_batch=4, validation=1)
    recipe = metricgan_plus.MetricGANPlusRecipe(data, config, fabric, ThreadPoolExecutor(1))
    losses = [recipe.train_epoch(epoch)["warm_loss"] for epoch in range(8)]
    assert losses[-1] < 0.9 * losses[0]


def test_a_recipe_without_warm_start_begins_at_its_own_step_size(data: SpeechInNoise, fabric: Fabric) -> None:
    config = metricgan_plus.Config(warm_epochs=0, utterances=2, validation=1, lr=3e-4)
    recipe = metricgan_plus.MetricGANPlusRecipe(data, config, fabric, ThreadPoolExecutor(1))
    recipe.train_epoch(0)
    assert [group["lr"] for group in recipe.optimizer.param_groups] == [3e-4]


def test_segan_refuses_excerpts_that_are_no_chunks(corpora: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(SottovoceError, match="16384"):
        train(
            "segan",
            Material([corpora[0]], [corpora[1]]),
            tmp_path,
            {"mixing.seconds": "0.5"},
            Machine(accelerator="cpu"),
        )


def test_train_by_name(corpora: tuple[Path, Path], tmp_path: Path) -> None:
    settings = {"width": "0.03125", "epochs": "1", "steps": "1", "batch": "1", "validation": "1", "mixing.snr": "0,5"}
    speech, noise = corpora
    best = train("segan", Material([speech], [noise]), tmp_path, settings, Machine(accelerator="cpu"))
    card, _ = load(best)
    assert card.config == {"width": 0.03125}
    assert speech.name in card.data and card.recipe.startswith("sottovoce train segan --speech")
    assert "--set mixing.snr=0,5" in card.recipe


def test_settings_are_parsed_to_their_types() -> None:
    config = parse("metricgan-plus", {"epochs": "7", "lr": "1e-3", "mixing.snr": "-3,9", "initial": "x"})
    assert (config.epochs, config.lr, config.mixing.snr) == (7, 1e-3, (-3.0, 9.0))
    assert parse("segan", {}) == segan.Config()


@pytest.mark.parametrize(
    ("name", "settings", "complaint"),
    [
        ("wavenet", {}, "no recipe 'wavenet'"),
        ("segan", {"depth": "3"}, "no setting 'depth'"),
        ("segan", {"mixing": "3"}, "no setting 'mixing'"),
        ("segan", {"mixing.colour": "3"}, "no setting 'mixing.colour'"),
        ("segan", {"epochs": "many"}, "epochs cannot be 'many'"),
        ("segan", {"mixing.snr": "3"}, "mixing.snr"),
    ],
)
def test_wrong_settings_are_named_in_one_line(name: str, settings: dict[str, str], complaint: str) -> None:
    with pytest.raises(SottovoceError, match=complaint) as error:
        parse(name, settings)
    assert "\n" not in str(error.value)


def test_every_recipe_says_what_it_trains_on() -> None:
    known = set(Material.__dataclass_fields__)
    assert USES.keys() == CONFIGS.keys() and all("speech" in kinds and known >= set(kinds) for kinds in USES.values())
