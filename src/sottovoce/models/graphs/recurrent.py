"""ONNX's GRU and LSTM with torch's own kernels."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from sottovoce.models.graphs.gru import FrozenGRU
from sottovoce.models.graphs.reader import Node

ORDER = {"GRU": (1, 0, 2), "LSTM": (0, 2, 3, 1)}
"""Of the gates: where torch's r, z, n and i, f, g, o stand among ONNX's z, r, h and i, o, f, c."""
ACTIVATIONS = {"GRU": ["sigmoid", "tanh"], "LSTM": ["sigmoid", "tanh", "tanh"]}
FREE = ("direction", "hidden_size", "linear_before_reset")
KNOWN = {"layout": 0, "input_forget": 0}
"""Attributes that may have any value, and those that may have one."""

NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
"""What torch calls the weights of a layer."""


def missing(node: Node, constants: Mapping[str, Tensor]) -> str | None:
    """What is not covered of a GRU or LSTM, such as "LSTM(clip)"; None if all is."""
    directions = 2 if node.attributes.get("direction") == "bidirectional" else 1
    known = {name: [value] for name, value in KNOWN.items()} | {"activations": [directions * ACTIVATIONS[node.kind]]}
    for name, value in node.attributes.items():
        found = [each.lower() for each in value] if name == "activations" else value
        if name not in FREE and found not in known.get(name, []):
            return f"{node.kind}({name})"
    inputs = dict(enumerate(node.inputs))
    if inputs.get(4) or inputs.get(7):
        return f"{node.kind} with sequence lengths or peepholes"
    if any(name and name not in constants for name in node.inputs[1:4]):
        return f"{node.kind} with computed weights"
    return None


class Recurrent(nn.Module):
    """A GRU or an LSTM of a graph.

    Where a GRU applies its reset gate before the product (`linear_before_reset` is 0), torch has no kernel, and a loop
    over the time steps computes it.

    Args:
        node: one for which `missing` finds nothing.
        constants: the graph's, with its weights.

    Shape:
        x `(time, batch, features)`, and states `(directions, batch, hidden)`, zero by default → ONNX's outputs:
        Y `(time, directions, batch, hidden)`, Y_h and, of an LSTM, Y_c `(directions, batch, hidden)`.
    """

    def __init__(self, node: Node, constants: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.kind, self.direction = node.kind, node.attributes.get("direction", "forward")
        self.native = node.kind == "LSTM" or bool(node.attributes.get("linear_before_reset", 0))
        inner, outer = constants[node.inputs[1]], constants[node.inputs[2]]
        directions, _, self.hidden = outer.shape
        self.directions = int(directions)
        biases = constants[node.inputs[3]] if len(node.inputs) > 3 and node.inputs[3] else None
        make = nn.GRU if node.kind == "GRU" else nn.LSTM
        self.layer = make(inner.shape[2], self.hidden, bias=True, bidirectional=self.directions == 2)
        for index, suffix in enumerate(["", "_reverse"][: self.directions]):
            tensors = {
                "weight_ih": inner[index],
                "weight_hh": outer[index],
                "bias_ih": torch.zeros(len(inner[index])) if biases is None else biases[index].chunk(2)[0],
                "bias_hh": torch.zeros(len(inner[index])) if biases is None else biases[index].chunk(2)[1],
            }
            for name, tensor in tensors.items():
                gates = tensor.chunk(len(ORDER[node.kind]))
                getattr(self.layer, f"{name}_l0{suffix}").data = torch.cat([gates[at] for at in ORDER[node.kind]])
        self.requires_grad_(False)

    def forward(self, x: Tensor, hidden: Tensor | None = None, cell: Tensor | None = None) -> tuple[Tensor, ...]:
        if self.direction == "reverse":
            x = x.flip(0)
        zeros = x.new_zeros(self.directions, x.shape[1], self.hidden)
        first = zeros if hidden is None else hidden.to(x).contiguous()
        if self.kind == "LSTM":
            y, lasts = self.layer(x, (first, zeros if cell is None else cell.to(x).contiguous()))
        elif not self.native:
            y, *lasts = self._apart(_reset_first, x, first)
        elif x.device.type == "cpu" and torch.is_grad_enabled() and self._is_frozen():
            y, *lasts = self._apart(FrozenGRU.apply, x, first)
        else:
            y, *lasts = self.layer(x, first)
        y = y.unflatten(2, (self.directions, self.hidden)).transpose(1, 2)
        return (y.flip(0) if self.direction == "reverse" else y, *lasts)

    def _is_frozen(self) -> bool:
        return not any(weight.requires_grad for weight in self.layer.parameters())

    def _apart(self, one: Callable[..., Tensor], x: Tensor, first: Tensor) -> tuple[Tensor, Tensor]:
        """Each direction by a function of x, the first state and the weights."""
        both, lasts = [], []
        for index, suffix in enumerate(["", "_reverse"][: self.directions]):
            back = (0,) if index else ()
            weights = (getattr(self.layer, f"{name}_l0{suffix}") for name in NAMES)
            states = one(x.flip(back), first[index], *weights)
            both.append(states.flip(back))
            lasts.append(states[-1])
        return torch.cat(both, -1), torch.stack(lasts)


def _reset_first(x: Tensor, state: Tensor, inner: Tensor, outer: Tensor, bias: Tensor, shift: Tensor) -> Tensor:
    """States `(time, batch, hidden)` of a GRU that applies its reset gate before the product."""
    states, gates = [], 2 * state.shape[1]
    for step in nn.functional.linear(x, inner, bias + shift):
        reset, update = torch.sigmoid(step[:, :gates] + state @ outer[:gates].T).chunk(2, 1)
        new = torch.tanh(step[:, gates:] + (reset * state) @ outer[gates:].T)
        state = torch.lerp(new, state, update)
        states.append(state)
    return torch.stack(states)
