"""A frozen GRU whose gradients to its input take few operations a time step."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional


class FrozenGRU(torch.autograd.Function):
    """What `torch.nn.GRU` computes with one layer and one direction, without gradients to the weights.

    On the CPU, PyTorch records some fifteen operations a time step for the backward pass, which takes several times as
    long as the forward pass where layers are small. All states are known by then, so that the gates of all steps can be
    computed at once; only the gradient of the state goes from step to step.

    Shape:
        x `(time, batch, features)`, first state `(batch, hidden)`, weights as in `torch.nn.GRU` → states
        `(time, batch, hidden)`.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, first: Tensor, inner: Tensor, outer: Tensor, bias: Tensor, shift: Tensor
    ) -> Tensor:
        weights = [inner, outer, bias, shift]
        states: Tensor = torch.gru(x, first[None], weights, True, 1, 0.0, False, False, False)[0]
        ctx.save_for_backward(x, first, states, *weights)
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, first, states, inner, outer, bias, shift = ctx.saved_tensors
        before = torch.cat([first[None], states[:-1]])
        from_x = functional.linear(x, inner, bias).chunk(3, -1)
        from_state = functional.linear(before, outer, shift).chunk(3, -1)
        reset, update = torch.sigmoid(from_x[0] + from_state[0]), torch.sigmoid(from_x[1] + from_state[1])
        new = torch.tanh(from_x[2] + reset * from_state[2])

        # Derivatives of each state by what enters its three gates from x, and from the state before.
        by_new = (1 - update) * (1 - new.square())
        by_reset = by_new * from_state[2] * reset * (1 - reset)
        by_update = (before - new) * update * (1 - update)
        by_gates = torch.stack([by_reset, by_update, by_new * reset], 2)

        total, carried = torch.empty_like(states), torch.zeros_like(first)
        for step in reversed(range(len(states))):
            at = torch.add(gradient[step], carried, out=total[step])
            carried = torch.addmm(at * update[step], (at[:, None] * by_gates[step]).flatten(1), outer)
        to_x = torch.cat([total * by_reset, total * by_update, total * by_new], -1) @ inner
        return to_x, carried, None, None, None, None
