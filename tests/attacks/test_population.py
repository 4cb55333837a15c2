"""Properties of all searches without gradients: success, budget, number of queries, determinism."""

from functools import partial

import pytest
import torch
from torch import Tensor, nn

from sottovoce.attacks import Genetic, Swarm
from sottovoce.attacks.population import PopulationSearch
from sottovoce.threats import Label, LabelMargin, LInf

SAMPLES = 400


class Linear(nn.Module):
    """Two classes by the mean of the first half of the samples; records the size of every batch."""

    def __init__(self, offset: float = 0.0) -> None:
        super().__init__()
        self.asked: list[int] = []
        self.offset = offset

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        self.asked.append(len(waveforms))
        score = 1e4 * waveforms[:, : SAMPLES // 2].mean(-1) + self.offset
        return torch.stack([-score, score], -1)


def searches(seed: int = 0):
    random = partial(torch.Generator().manual_seed, seed)
    return {
        "genetic": Genetic(generator=random(), size=10, mutation=0.05, generations=60, step=0.01),
        "swarm": Swarm(generator=random(), size=10, iterations=20, epochs=3, step=0.01),
    }


@pytest.mark.parametrize("name", ["genetic", "swarm"])
def test_the_target_is_found_within_the_budget(name) -> None:
    waveforms = -0.002 * torch.ones(3, SAMPLES)
    result = searches()[name](Linear(), waveforms, LabelMargin(torch.tensor([1])))
    assert result.success.all()
    assert (result.adversarial - waveforms).abs().max() <= 0.01 + 1e-6
    assert (result.loss < 0).all()


@pytest.mark.parametrize("name", ["genetic", "swarm"])
def test_a_whole_population_of_all_examples_goes_through_at_once_and_finished_ones_leave(name) -> None:
    listener, waveforms = Linear(), torch.tensor([[0.1], [-0.9]]).expand(2, SAMPLES).clone()
    result = searches()[name](listener, waveforms, LabelMargin(torch.tensor([1])))
    assert listener.asked[0] == 20 and listener.asked[1] == 10
    assert result.success.tolist() == [True, False]
    assert result.queries[0] == 10 and result.queries[1] == sum(listener.asked) - 10 - len(waveforms)


@pytest.mark.parametrize("name", ["genetic", "swarm"])
def test_the_same_seed_gives_the_same_answer(name) -> None:
    waveforms = -0.002 * torch.ones(2, SAMPLES)
    one, other = (searches(3)[name](Linear(), waveforms, LabelMargin(torch.tensor([1]))) for _ in range(2))
    assert torch.equal(one.adversarial, other.adversarial)


def test_padding_stays_silent_and_targets_go_with_their_rows() -> None:
    waveforms = torch.tensor([[-0.001], [0.001]]).expand(2, SAMPLES).clone()
    lengths = torch.tensor([SAMPLES, SAMPLES // 2])
    result = searches()["swarm"](Linear(), waveforms, Label(torch.tensor([1, 0])), lengths=lengths)
    assert result.success.all() and not result.adversarial[1, SAMPLES // 2 :].any()


def test_the_best_of_all_candidates_is_kept() -> None:
    search = PopulationSearch(
        Linear(),
        torch.zeros(1, SAMPLES),
        LabelMargin(torch.tensor([1])),
        None,
        LInf(0.1),
        size=3,
        rows=2,
        generator=torch.Generator().manual_seed(0),
    )
    changes = torch.tensor([-0.01, 0.02, 0.01])[None, :, None].expand(1, 3, SAMPLES)
    losses, met = search.judge(changes)
    assert met.tolist() == [[False, True, True]] and losses.argmin() == 1
    assert torch.allclose(search.best, torch.full((1, SAMPLES), 0.02))
