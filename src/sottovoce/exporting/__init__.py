"""Networks as graphs of the ONNX format, for other programs and for browsers."""
