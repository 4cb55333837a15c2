"""The loop on a line through the origin, whose steps can be followed by hand."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from lightning_fabric import Fabric
from torch import nn

from sottovoce.training import Recipe, run
from sottovoce.training.loop import means, validation_metrics
from sottovoce.weights import Card, load


class Line(Recipe):
    """Learns y = 2x by steps of 0.1 on x = 1, and scores its epochs as it is told."""

    def __init__(self, fabric: Fabric, scores: list[float], seed: int = 1) -> None:
        super().__init__(SimpleNamespace(epochs=len(scores), seed=seed), fabric)
        self.scores = scores
        self.network = nn.Linear(1, 1, bias=False)
        nn.init.zeros_(self.network.weight)
        optimizer = torch.optim.SGD(self.network.parameters(), lr=0.1)
        self.model, self.optimizer = fabric.setup(self.network, optimizer)

    def train_epoch(self, epoch: int) -> dict[str, float]:
        self.epoch = epoch
        error = self.model(torch.ones(1, 1)) - 2.0
        return {"loss": self.descend(self.optimizer, error.square().mean())}

    def validate(self) -> dict[str, float]:
        return {"score": self.scores[self.epoch], "valid_weight": self.network.weight.item()}

    def card(self, metrics: dict[str, float]) -> Card:
        return self.make_card("line", "line", {"size": 1}, validation_metrics(metrics), data="one point")


def test_a_step_goes_down_the_gradient_and_gives_the_loss_before_it(fabric: Fabric) -> None:
    recipe = Line(fabric, [0.0])
    assert recipe.train_epoch(0)["loss"] == 4.0
    assert recipe.network.weight.item() == pytest.approx(0.1 * 4.0)  # the derivative of (w - 2)² at 0 is -4


def test_the_seed_makes_networks_and_random_numbers(fabric: Fabric) -> None:
    def drawn(seed: int) -> list[float]:
        recipe = Line(fabric, [0.0], seed)
        return [nn.Linear(1, 1).weight.item(), torch.rand((), generator=recipe.generator).item()]

    assert drawn(1) == drawn(1)
    assert all(one != other for one, other in zip(drawn(1), drawn(2), strict=True))


def test_the_weights_of_the_best_epoch_are_kept(fabric: Fabric, tmp_path: Path) -> None:
    recipe = Line(fabric, [0.0, 3.0, 1.0])
    recipe.origin, recipe.command = "speech: a", "sottovoce train line"
    card, state = load(run(recipe, tmp_path, fabric))
    assert state["weight"].item() == pytest.approx(2 - 2 * 0.8**2)  # each step leaves 0.8 of the error
    assert card.metrics == {"epoch": 1.0, "valid_weight": pytest.approx(state["weight"].item())}
    assert (card.data, card.recipe, card.config) == ("speech: a; one point", "sottovoce train line", {"size": 1})
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [row["score"] for row in rows] == [0.0, 3.0, 1.0]


def test_the_best_score_outlives_an_interruption(fabric: Fabric, tmp_path: Path) -> None:
    first = Line(fabric, [0.0, 3.0])
    best = run(first, tmp_path, fabric).read_bytes()
    assert run(Line(fabric, [0.0, 3.0, 1.0]), tmp_path, fabric).read_bytes() == best
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 3


def test_a_finished_training_is_not_run_again(fabric: Fabric, tmp_path: Path) -> None:
    run(Line(fabric, [0.0, 1.0]), tmp_path, fabric)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    run(Line(fabric, [0.0, 1.0]), tmp_path, fabric)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_weights_can_be_stored_in_half_precision(fabric: Fabric, tmp_path: Path) -> None:
    whole, half = (run(Line(fabric, [0.0]), tmp_path / str(half), fabric, half=half) for half in (False, True))
    assert half.stat().st_size < whole.stat().st_size
    assert load(half)[1]["weight"].item() == pytest.approx(0.4, abs=1e-3)


def test_means_are_taken_key_by_key() -> None:
    assert means([{"a": 1.0, "b": 0.0}, {"a": 2.0, "b": -4.0}]) == {"a": 1.5, "b": -2.0}


class Drawing(Line):
    """A line that draws a number and a dropout mask an epoch and notes them in a file of its process."""

    def __init__(self, fabric: Fabric, epochs: int, folder: Path) -> None:
        super().__init__(fabric, [0.0] * epochs)
        self.notes = folder / f"drawn-{fabric.global_rank}"

    def train_epoch(self, epoch: int) -> dict[str, float]:
        with self.notes.open("a") as notes:
            mask = nn.functional.dropout(torch.ones(64)).bool().int().tolist()
            notes.write(f"{torch.rand((), generator=self.generator).item()} {''.join(map(str, mask))}\n")
        return super().train_epoch(epoch)


def _drawn(fabric: Fabric, folder: str, name: str, epochs: int) -> None:
    run(Drawing(fabric, epochs, Path(folder)), Path(folder) / name, fabric)


def test_every_process_of_a_resumed_training_draws_its_own_numbers_and_dropout(tmp_path: Path) -> None:
    for name, sittings in (("whole", [4]), ("parts", [2, 4])):
        (tmp_path / name).mkdir()
        for epochs in sittings:
            fabric = Fabric(accelerator="cpu", devices=2, strategy="ddp_fork")
            fabric.launch(_drawn, str(tmp_path / name), "run", epochs)
    drawn = {path: path.read_text().split() for path in tmp_path.glob("*/drawn-*")}
    whole, parts = ([drawn[tmp_path / name / f"drawn-{rank}"] for rank in range(2)] for name in ("whole", "parts"))
    assert whole == parts and all(len(set(numbers)) == 8 for numbers in whole)
    assert not set(whole[0]) & set(whole[1])


def test_a_process_that_was_not_there_before_starts_with_its_own_seed(fabric: Fabric, tmp_path: Path) -> None:
    run(Line(fabric, [0.0]), tmp_path, fabric)
    second, elsewhere = Line(fabric, [0.0]), SimpleNamespace(global_rank=1, print=print)
    fresh = second.generator.manual_seed(1001).get_state()
    run(second, tmp_path, elsewhere)
    assert torch.equal(second.generator.get_state(), fresh)
