"""Networks in the ONNX format as torch modules with gradients."""

from sottovoce.models.graphs.graph import Graph, UnknownOperatorError

__all__ = ["Graph", "UnknownOperatorError"]
