"""The table of ONNX operators, and which nodes they can compute."""

import inspect
from collections.abc import Callable
from functools import cache, partial
from typing import Literal, get_args, get_origin, get_type_hints

from torch import Tensor

from sottovoce.models.graphs.elementwise import ELEMENTWISE
from sottovoce.models.graphs.layers import LAYERS
from sottovoce.models.graphs.reader import Node
from sottovoce.models.graphs.shapes import SHAPES

Operator = Callable[..., Tensor | tuple[Tensor, ...]]

OPERATORS: dict[str, Operator] = {**ELEMENTWISE, **SHAPES, **LAYERS}
"""Functions of a node's inputs by position, None for those left out, and of its attributes by name."""


def operator(node: Node) -> Operator:
    """The function that computes a node from its inputs, its attributes filled in.

    Raises:
        KeyError: the operator is not in the table.
    """
    function, settings = OPERATORS[node.kind], dict(node.attributes)
    if "opset" in _keywords(node.kind):
        settings["opset"] = node.opset
    if "outputs" in _keywords(node.kind):
        settings["outputs"] = len(node.outputs)
    return partial(function, **settings)


def missing(node: Node) -> str | None:
    """What the table lacks for a node, such as "Resize" or "Conv(auto_pad)"; None if it has everything."""
    if node.kind not in OPERATORS:
        return node.kind
    keywords = _keywords(node.kind)
    for name, value in node.attributes.items():
        allowed = keywords.get(name, ())
        if name not in keywords or (allowed and value not in allowed):
            return f"{node.kind}({name})"
    if len([name for name in node.outputs if name]) > 1 and "outputs" not in keywords:
        return f"{node.kind} with {len(node.outputs)} outputs"
    return None


@cache
def _keywords(kind: str) -> dict[str, tuple[object, ...]]:
    """The keywords of an operator, each with the values that it may have; none listed if it may be any."""
    function = OPERATORS[kind]
    try:
        parameters, hints = inspect.signature(function).parameters, get_type_hints(function)
    except (TypeError, ValueError):  # functions in C
        return {}
    named = [name for name, each in parameters.items() if each.kind is inspect.Parameter.KEYWORD_ONLY]
    return {name: get_args(hints[name]) if get_origin(hints.get(name)) is Literal else () for name in named}
