"""Objectives for classifiers against values computed by hand."""

import pytest
import torch

from sottovoce.threats import Label, LabelMargin

LOGITS = torch.tensor([[2.0, 0.0, -1.0], [0.0, 0.5, 3.0]])
CONTEXT = (torch.zeros(2, 10), torch.tensor([10, 10]))


def test_the_loss_is_the_cross_entropy_to_the_target() -> None:
    loss = Label(torch.tensor([0, 1])).loss(LOGITS, *CONTEXT)
    wanted = [LOGITS[0].exp().sum().log() - 2.0, LOGITS[1].exp().sum().log() - 0.5]
    torch.testing.assert_close(loss, torch.stack(wanted))


def test_the_margin_is_negative_exactly_where_the_target_is_met() -> None:
    for targets in ([0, 2], [1, 2], [2, 0]):
        objective = LabelMargin(torch.tensor(targets))
        margin, met = objective.loss(LOGITS, *CONTEXT), objective.met(LOGITS, *CONTEXT)
        assert ((margin < 0) == met).all()
    assert LabelMargin(torch.tensor([1])).loss(LOGITS, *CONTEXT).tolist() == pytest.approx([2.0, 2.5])


def test_one_target_serves_all_rows() -> None:
    assert Label(torch.tensor([2])).met(LOGITS, *CONTEXT).tolist() == [False, True]


def test_rows_keep_their_targets() -> None:
    chosen = Label(torch.tensor([0, 1])).rows(torch.tensor([1, 1, 0]))
    assert chosen.targets.tolist() == [1, 1, 0]
    one = Label(torch.tensor([1]))
    assert one.rows(torch.tensor([0, 0])) is one
