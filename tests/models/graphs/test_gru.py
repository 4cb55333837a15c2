"""The frozen GRU against torch's own."""

import pytest
import torch
from torch import nn

from sottovoce.models.graphs.gru import FrozenGRU


@pytest.mark.parametrize("time, batch", [(1, 1), (7, 3)])
def test_states_and_gradients_are_those_of_torch(time: int, batch: int) -> None:
    torch.manual_seed(0)
    layer = nn.GRU(4, 5).double()
    tensors = torch.randn(time, batch, 4).double(), torch.randn(1, batch, 5).double()
    ours, theirs = ([each.clone().requires_grad_() for each in tensors] for _ in range(2))
    weights = layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0
    found, (right, _) = FrozenGRU.apply(ours[0], ours[1][0], *weights), layer(*theirs)
    torch.testing.assert_close(found, right)
    direction = torch.randn(right.shape).double()
    (found * direction).sum().backward()
    (right * direction).sum().backward()
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one.grad, other.grad)
