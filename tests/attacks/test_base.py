"""The state of a batch under attack, its result, and frozen listeners."""

import math

import pytest
import torch
from torch import Tensor, nn

from sottovoce.attacks import AttackResult
from sottovoce.attacks.base import Problem, faded, frozen
from sottovoce.audio import energy, pad, zero_padding
from sottovoce.threats import LInf, Objective, Silence, Speech, Unlimited, WaveformDomain, Weighted


class Halved(nn.Module):
    """Half of the waveforms."""

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        return 0.5 * waveforms


def problem_of(batch: tuple[Tensor, Tensor], objective: Objective, limit: float = 1.0) -> Problem:
    return Problem(Halved(), batch[0], objective, batch[1], LInf(limit), WaveformDomain())


def test_a_result_is_shown_without_its_tensors() -> None:
    result = AttackResult(
        adversarial=torch.zeros(3, 16_000),
        success=torch.tensor([True, False, True]),
        loss=torch.zeros(3),
        queries=torch.tensor([50, 20, 50]),
        snr=torch.tensor([20.04, math.inf, 18.96]),
    )
    assert repr(result) == "AttackResult(batch=3, successes=2, snr=19.0..inf dB, queries=20..50)"


def test_equal_figures_are_shown_once() -> None:
    ones = torch.ones(2)
    result = AttackResult(adversarial=ones[:, None], success=ones > 0, loss=ones, queries=ones.long(), snr=20 * ones)
    assert repr(result) == "AttackResult(batch=2, successes=2, snr=20.0 dB, queries=1)"


def test_the_step_size_fades_on_a_line() -> None:
    assert [faded(number, 5, 0.2) for number in range(5)] == pytest.approx([1.0, 0.8, 0.6, 0.4, 0.2])
    assert faded(0, 1, 0.2) == 1.0


def test_gradients_flow_through_frozen_listeners_inside_no_grad() -> None:
    listener, waveforms = nn.Linear(4, 1), torch.ones(1, 4, requires_grad=True)
    with torch.no_grad():
        with frozen([listener]):
            listener(waveforms).sum().backward()
        assert not torch.is_grad_enabled()
    torch.testing.assert_close(waveforms.grad, listener.weight.detach())
    assert listener.weight.grad is None and listener.weight.requires_grad


def test_candidates_are_within_budget_and_full_scale_and_silent_in_the_padding(batch) -> None:
    problem = problem_of(batch, Silence(), limit=0.1)
    candidates = problem.waveforms(batch[0] + 0.3)
    assert torch.equal(candidates, zero_padding((batch[0] + 0.1).clamp(-1, 1), batch[1]))
    assert candidates.max() == 1


def test_queries_are_counted_for_the_rows_that_were_asked(batch) -> None:
    problem = problem_of(batch, Silence())
    problem.ask(problem.originals)
    problem.ask(problem.originals[[2, 2, 1]], torch.tensor([2, 2, 1]))
    assert problem.queries.tolist() == [1, 2, 3]


def test_rows_are_rated_against_their_own_targets(batch) -> None:
    problem = problem_of(batch, Speech(0.5 * batch[0]))
    rows = torch.tensor([2, 0])
    assert problem.ask(problem.originals[rows], rows).losses().tolist() == [0.0, 0.0]
    assert (problem.ask(problem.originals[rows.flip(0)], rows).losses() > 0).all()


def test_the_lowest_score_of_each_row_is_kept(batch) -> None:
    problem = problem_of(batch, Silence())
    first, second = 0.9 * problem.originals, 0.8 * problem.originals
    problem.keep_best(first, torch.tensor([3.0, 1.0, 2.0]))
    problem.keep_best(second, torch.tensor([2.0, 1.0, 5.0]))
    assert torch.equal(problem.best, torch.stack([second[0], first[1], first[2]]))


def test_the_mean_loss_and_every_listener_count(batch) -> None:
    class Mute(nn.Module):
        def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
            return 0.0 * waveforms

    problem = Problem([Halved(), Mute()], batch[0], Silence(), batch[1], Unlimited(), WaveformDomain())
    answers = problem.ask(problem.originals)
    torch.testing.assert_close(answers.losses(), 0.125 * energy(batch[0]) / batch[1])
    torch.testing.assert_close(answers.distances(), 0.25 * energy(batch[0]).sqrt(), rtol=1e-4, atol=0)
    assert not answers.met().any()


def test_the_surrogate_gives_the_losses_and_the_objective_of_the_call_the_success(batch) -> None:
    silence, kept = Silence(drop=6.0), Speech(batch[0])  # half of the waveforms is 6.02 dB down
    problem = problem_of(batch, silence)
    problem.descend_on(kept)
    answers = problem.ask(0.8 * problem.originals)
    torch.testing.assert_close(answers.losses(), 0.36 * energy(batch[0]) / batch[1])
    assert answers.met().all()
    result = problem.result()
    assert result.success.all()
    torch.testing.assert_close(result.loss, 0.25 * energy(batch[0]) / batch[1])
    assert not problem_of(batch, kept).result().success.any()


@pytest.mark.parametrize("offset", [0.0, 0.4])
def test_the_snr_is_that_of_the_change_and_the_mean_is_no_signal(batch, offset: float) -> None:
    rows = [row[:size] - row[:size].mean() for row, size in zip(*batch, strict=True)]
    waves, lengths = pad([0.5 * row + offset for row in rows])
    problem = problem_of((waves, lengths), Silence())
    changes = torch.tensor([0.1, 0.01, 0.0])[:, None] * pad([0.5 * row for row in rows])[0]
    problem.keep_best(problem.originals - changes, torch.zeros(3))
    assert problem.result().snr.tolist() == pytest.approx([20.0, 40.0, math.inf], abs=1e-2)


def test_every_listener_has_its_own_objective_and_weight(batch) -> None:
    """Half of the waveforms is 6.02 dB down, so that one is met for it and the other for the waveforms themselves."""

    class Same(nn.Module):
        def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
            return waveforms

    wishes = [Silence(drop=6.0), Weighted(Speech(0.9 * batch[0]), 3.0)]
    problem = Problem([Halved(), Same()], batch[0], wishes, batch[1], Unlimited(), WaveformDomain())
    expected = (0.25 + 3.0 * 0.01) / 2 * energy(batch[0]) / batch[1]
    torch.testing.assert_close(problem.ask(problem.originals).losses(), expected)
    rows = torch.tensor([2, 0])
    torch.testing.assert_close(problem.ask(problem.originals[rows], rows).losses(), expected[rows])
    torch.testing.assert_close(problem.result().loss, expected)


@pytest.mark.parametrize("wishes", [[Silence()], [Silence()] * 3, [], [Silence(), None], "quiet"])
def test_there_is_an_objective_for_every_listener(batch, wishes: object) -> None:
    with pytest.raises(ValueError, match="objective must be an Objective or a sequence with one for each of 2"):
        Problem([Halved(), Halved()], batch[0], wishes, batch[1], Unlimited(), WaveformDomain())
