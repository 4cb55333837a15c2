"""A graph over many inputs at once, for graphs whose shapes allow one."""

from collections.abc import Collection, Iterable, Mapping

import torch
from torch import Tensor

from sottovoce.models.graphs.graph import Graph, data
from sottovoce.models.graphs.recurrent import ORDER

PLAIN = ("Shape", "Size")
"""Operators whose outputs are the same for all items."""


def run_stacked(
    graph: Graph,
    stacked: Mapping[str, Tensor],
    shared: Mapping[str, Tensor] | None = None,
    *,
    wanted: Iterable[str] | None = None,
    order: Iterable[int] | None = None,
    remembering: Collection[int] = (),
    steps: int = 1,
) -> dict[str, Tensor]:
    """What the graph gives for each item by itself, computed for all at once.

    Every operator is mapped over the items by `torch.vmap`; recurrent layers take them as their batch. With steps, the
    items are the time steps of sequences, one sequence after the other: the recurrent layers that remember go through
    each from its first step to its last, and begin with the state that the shared inputs give.

    Args:
        graph: the graph.
        stacked: inputs by name, with a dimension for the items in front.
        shared: inputs that are the same for all items.
        wanted: names of outputs; all by default.
        order: numbers of the nodes to compute; all by default.
        remembering: numbers of the recurrent layers whose state goes from step to step.
        steps: how many items make a sequence.

    Returns:
        The wanted outputs with a dimension for the items in front, unless they do not depend on the stacked inputs.
    """
    many = set(stacked)

    def compute(at: int, values: list[Tensor | None]) -> tuple[Tensor, ...]:
        node = graph.nodes[at]
        mapped = [name in many for name in data(node)]
        if not any(mapped):
            return graph.compute(at, values)
        if node.kind in PLAIN:
            return graph.compute(at, [None if value is None else value[0] for value in values])
        many.update(name for name in node.outputs if name)
        if at in remembering:
            return _sequence(graph, at, values, steps)
        return (_rows if node.kind in ORDER else _vmapped)(graph, at, values, mapped)

    every = range(len(graph.nodes)) if order is None else order
    inputs = {**(shared or {}), **stacked}
    return graph.run(inputs, compute, every, graph.outputs if wanted is None else wanted)


def _vmapped(graph: Graph, at: int, values: list[Tensor | None], mapped: list[bool]) -> tuple[Tensor, ...]:
    """The node for each item of the mapped inputs, beside the others as they are."""

    def one(*items: Tensor) -> tuple[Tensor, ...]:
        left = iter(items)
        return graph.compute(at, [next(left) if each else value for value, each in zip(values, mapped, strict=True)])

    many = [value for value, each in zip(values, mapped, strict=True) if each and value is not None]
    return tuple(torch.vmap(one)(*many))


def _rows(graph: Graph, at: int, values: list[Tensor | None], mapped: list[bool]) -> tuple[Tensor, ...]:
    """Items as rows: x `(items, time, batch, features)` and states `(items, directions, batch, hidden)`."""
    items = next(len(value) for value, each in zip(values, mapped, strict=True) if each and value is not None)
    rows = [
        value if value is None else (value if each else value.expand(items, *value.shape)).transpose(0, 1).flatten(1, 2)
        for value, each in zip(values, mapped, strict=True)
    ]
    y, *states = graph.compute(at, rows)
    apart = [torch.unflatten(state, 1, (items, -1)).movedim(1, 0) for state in states]
    return torch.unflatten(y, 2, (items, -1)).movedim(2, 0), *apart


def _sequence(graph: Graph, at: int, values: list[Tensor | None], steps: int) -> tuple[Tensor, ...]:
    """Items as time: x `(sequences·steps, time, batch, features)` and shared states `(directions, batch, hidden)`.

    The state of a cell after each step, which torch does not give, is left out of what is returned.
    """
    x, *states = values
    assert x is not None
    time, batch = x.shape[1:3]
    sequences = len(x) // steps
    whole = x.reshape(sequences, steps, time, batch, -1).permute(1, 2, 0, 3, 4).flatten(2, 3).flatten(0, 1)
    y, *_ = graph.compute(at, [whole, *(None if each is None else each.repeat(1, sequences, 1) for each in states)])
    apart = y.reshape(steps, time, y.shape[1], sequences, batch, -1)
    items = apart.permute(3, 0, 1, 2, 4, 5).flatten(0, 1)
    return items, items[:, -1]
