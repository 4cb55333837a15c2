"""An ONNX graph as a torch module, with gradients."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from sottovoce.errors import SottovoceError
from sottovoce.models.graphs import recurrent
from sottovoce.models.graphs.operators import missing, operator
from sottovoce.models.graphs.reader import Node, Plan, read
from sottovoce.models.graphs.recurrent import ORDER, Recurrent

Compute = Callable[[int, list[Tensor | None]], tuple[Tensor, ...]]
"""Computes the node of a number from its inputs."""


def data(node: Node) -> tuple[str, ...]:
    """The inputs that are not the weights of a recurrent layer."""
    if node.kind not in ORDER:
        return node.inputs
    return (node.inputs[0], *node.inputs[5:7])


class UnknownOperatorError(SottovoceError):
    """A graph has operators that the interpreter does not know.

    Attributes:
        operators: their names, such as "Resize" or "LSTM(clip)".
    """

    def __init__(self, name: str, operators: frozenset[str]) -> None:
        super().__init__(f"{name}: has operators without gradients here: {', '.join(sorted(operators))}")
        self.operators = operators


class Graph(nn.Module):
    """Computes what the graph in an ONNX file does, operator by operator, with gradients to its inputs.

    Weights are buffers, and frozen parameters of the recurrent layers; they move with the module. Single numbers, and
    whole ones such as shapes, stay on the CPU.

    Args:
        source: a path, or what the file holds.

    Attributes:
        inputs, outputs: shapes by name; a name among the sizes stands for one that the caller chooses.

    Raises:
        UnknownOperatorError: the graph has operators that are not in the table.
        SottovoceError: it cannot be read.

    Example:
        >>> graph = Graph("denoiser.onnx")  # doctest: +SKIP
        >>> graph({"input": torch.zeros(1, 100, 161)})["output"].shape  # doctest: +SKIP
        torch.Size([1, 100, 161])
    """

    def __init__(self, source: str | Path | bytes) -> None:
        super().__init__()
        plan = read(source)
        constants = dict(plan.constants)
        self.name, self.inputs, self.outputs = plan.name, plan.inputs, plan.outputs
        self.nodes = tuple(_folded(plan, constants))
        unknown = frozenset(filter(None, (_missing(node, constants) for node in self.nodes)))
        if unknown:
            raise UnknownOperatorError(plan.name, unknown)
        self.recurrent = nn.ModuleDict(
            {str(at): Recurrent(node, constants) for at, node in enumerate(self.nodes) if node.kind in ORDER}
        )
        self._functions = [None if node.kind in ORDER else operator(node) for node in self.nodes]
        self._fixed: dict[str, Tensor] = {}
        self._buffer_of: dict[str, str] = {}
        taken = {name for node in self.nodes for name in data(node)} | set(self.outputs)
        for name in sorted(taken & set(constants)):
            if constants[name].is_floating_point() and constants[name].ndim:
                self._buffer_of[name] = f"weight{len(self._buffer_of)}"
                self.register_buffer(self._buffer_of[name], constants[name])
            else:
                self._fixed[name] = constants[name]

    def constants(self) -> dict[str, Tensor]:
        """All fixed values by name, floating-point ones on the module's device."""
        return self._fixed | {name: getattr(self, buffer) for name, buffer in self._buffer_of.items()}

    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Compute the outputs by name from the inputs by name, in their ONNX shapes.

        Raises:
            SottovoceError: an input is missing, or there are others.
        """
        if set(inputs) != set(self.inputs):
            raise SottovoceError(f"{self.name}: takes {', '.join(self.inputs)}, not {', '.join(inputs) or 'nothing'}")
        return self.run(inputs, self.compute, range(len(self.nodes)), self.outputs)

    def run(
        self, inputs: Mapping[str, Tensor], compute: Compute, order: Iterable[int], wanted: Iterable[str]
    ) -> dict[str, Tensor]:
        """Compute the nodes of the given numbers in order, each by `compute`, and return the wanted values."""
        values: dict[str, Tensor] = self.constants() | dict(inputs)
        order = list(order)
        last = {name: at for at in order for name in self.nodes[at].inputs}
        kept = {*wanted}
        for at in order:
            node = self.nodes[at]
            found = compute(at, [values[name] if name else None for name in data(node)])
            for name in node.inputs:
                if last[name] == at and name not in kept:
                    values.pop(name, None)  # large graphs would not fit in memory
            values.update({name: value for name, value in zip(node.outputs, found, strict=False) if name})
        return {name: values[name] for name in wanted}

    def compute(self, at: int, inputs: list[Tensor | None]) -> tuple[Tensor, ...]:
        """The outputs of the node of number `at`."""
        function = self._functions[at]
        found = self.recurrent[str(at)](*inputs) if function is None else function(*inputs)
        return (found,) if isinstance(found, Tensor) else tuple(found)


def _missing(node: Node, constants: Mapping[str, Tensor]) -> str | None:
    return recurrent.missing(node, constants) if node.kind in ORDER else missing(node)


def _folded(plan: Plan, constants: dict[str, Tensor]) -> list[Node]:
    """Compute what depends on constants alone, add it to them, and return the other nodes."""
    left = []
    for node in plan.nodes:
        known = node.kind not in ORDER and missing(node) is None
        if not known or not all(name in constants for name in node.inputs if name):
            left.append(node)
            continue
        try:
            with torch.no_grad():
                found = operator(node)(*(constants[name] if name else None for name in node.inputs))
        except Exception as error:  # torch raises several kinds for shapes that do not fit
            raise SottovoceError(
                f"{plan.name}: {node.kind} cannot be computed from {', '.join(node.inputs)}"
            ) from error
        constants.update(zip(node.outputs, (found,) if isinstance(found, Tensor) else found, strict=False))
    return left
