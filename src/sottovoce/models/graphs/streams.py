"""Graphs that hear one frame a call and hand their state on, over whole recordings."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from sottovoce.models.graphs.graph import Graph, data
from sottovoce.models.graphs.recurrent import ORDER
from sottovoce.models.graphs.stacked import run_stacked


class Stream(nn.Module):
    """A graph over all frames of recordings, as if it were called frame by frame with states of zeros at the start.

    Where states are nothing but those of recurrent layers, which begin where they ended in the frame before, all frames
    go through the graph at once, and torch's kernels run through time in the recurrent layers. Other states take a call
    a frame.

    Args:
        graph: takes one frame, and one state or more of fixed shape.
        states: the output that gives each state, by the input that takes it in the next call.

    Attributes:
        at_once: whether all frames go through the graph at once.

    Shape:
        forward: inputs that are no states, by name, `(batch, frames, …)` with the graph's shape in the end → outputs
        that are no states, likewise.
    """

    def __init__(self, graph: Graph, states: Mapping[str, str]) -> None:
        super().__init__()
        self.graph, self.states = graph, dict(states)
        self.wanted = [name for name in graph.outputs if name not in self.states.values()]
        self.order = _needed(graph, self.wanted)
        self.remembering = _memories(graph, self.states, self.order)

    @property
    def at_once(self) -> bool:
        return self.remembering is not None

    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        first = next(iter(inputs.values()))
        batch, frames = first.shape[:2]
        zeros = {name: first.new_zeros(_sizes(self.graph, name)) for name in self.states}
        if self.remembering is None:
            rows = {name: zero.repeat(batch, *[1] * zero.ndim) for name, zero in zeros.items()}
            return self._step_by_step(inputs, rows)
        items = {name: value.flatten(0, 1) for name, value in inputs.items()}
        found = run_stacked(
            self.graph,
            items,
            zeros,
            wanted=self.wanted,
            order=self.order,
            remembering=self.remembering,
            steps=frames,
        )
        return {name: value.reshape(batch, frames, *value.shape[1:]) for name, value in found.items()}

    def _step_by_step(self, inputs: Mapping[str, Tensor], states: dict[str, Tensor]) -> dict[str, Tensor]:
        frames: dict[str, list[Tensor]] = {name: [] for name in self.wanted}
        for at in range(next(iter(inputs.values())).shape[1]):
            found = run_stacked(self.graph, {name: value[:, at] for name, value in inputs.items()} | states)
            states = {entering: found[leaving] for entering, leaving in self.states.items()}
            for name in self.wanted:
                frames[name].append(found[name])
        return {name: torch.stack(each, 1) for name, each in frames.items()}


def _sizes(graph: Graph, name: str) -> list[int]:
    return [size if isinstance(size, int) else 1 for size in graph.inputs[name]]


def _needed(graph: Graph, wanted: list[str]) -> list[int]:
    """Numbers of the nodes on which the wanted values depend, in order."""
    needed, order = set(wanted), []
    for at in reversed(range(len(graph.nodes))):
        if needed.intersection(graph.nodes[at].outputs):
            needed.update(data(graph.nodes[at]))
            order.append(at)
    return order[::-1]


def _memories(graph: Graph, states: Mapping[str, str], order: list[int]) -> frozenset[int] | None:
    """Numbers of the recurrent layers that remember; None if states are anything else.

    The graph's edges tell where the states go, and two calls with noise whether each layer begins the second with the
    state in which it ended the first.
    """
    readers = _readers(graph, states, order)
    if readers is None or not _end_states_alone(graph, list(states.values()), readers):
        return None
    generator = torch.Generator().manual_seed(0)
    inputs = {name: torch.randn(_sizes(graph, name), generator=generator) for name in graph.inputs}
    begun: dict[int, list[Tensor | None]] = {}
    ended: dict[int, tuple[Tensor, ...]] = {}

    def compute(at: int, values: list[Tensor | None]) -> tuple[Tensor, ...]:
        found = graph.compute(at, values)
        if at in readers:
            begun[at], ended[at] = values[1:], found[1:]
        return found

    with torch.no_grad():
        outputs = graph.run(inputs, compute, range(len(graph.nodes)), graph.outputs)
        before = dict(ended)
        inputs.update({entering: outputs[leaving] for entering, leaving in states.items()})
        graph.run(inputs, compute, range(len(graph.nodes)), graph.outputs)
    for at in readers:
        for first, last in zip(begun[at], before[at], strict=True):
            if first is None or not torch.equal(first, last):
                return None
    return frozenset(readers)


def _readers(graph: Graph, states: Mapping[str, str], order: list[int]) -> list[int] | None:
    """Recurrent layers whose first state comes from the states alone; None if anything else comes from them too."""
    constants, from_states, readers = set(graph.constants()), set(states), []
    used = {name for at in order for name in data(graph.nodes[at])}
    for at in order:
        node, names = graph.nodes[at], [name for name in data(graph.nodes[at]) if name]
        if not from_states.intersection(names):
            continue
        if node.kind in ORDER:
            forward = node.attributes.get("direction", "forward") == "forward"
            if names[0] in from_states or not forward or used.intersection(node.outputs[2:]):
                return None
            readers.append(at)
        elif all(name in from_states or name in constants for name in names):
            from_states.update(name for name in node.outputs if name)
        else:
            return None
    return readers


def _end_states_alone(graph: Graph, names: list[str], readers: list[int]) -> bool:
    """Whether values depend on nothing but what these recurrent layers give."""
    constants, origin = graph.constants(), {name: at for at, node in enumerate(graph.nodes) for name in node.outputs}
    while names:
        name = names.pop()
        if not name or name in constants or origin.get(name) in readers:
            continue
        if name not in origin:
            return False
        names.extend(data(graph.nodes[origin[name]]))
    return True
