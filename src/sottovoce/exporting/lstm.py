"""A recurrent layer that is exported as what it is, instead of being unrolled for one length."""

import torch
from torch import Tensor, nn


class GraphLSTM(nn.Module):
    """A bidirectional LSTM, `batch_first`, without states; in a graph it becomes the operator LSTM, one per layer.

    The exporter of PyTorch 2.13 takes an LSTM apart and fails where the number of frames is free.

    Args:
        lstm: whose weights are taken.

    Shape:
        `(batch, frames, size)` → `(batch, frames, 2 · hidden)` and None in place of the states.
    """

    def __init__(self, lstm: nn.LSTM) -> None:
        super().__init__()
        self.lstm, self.hidden = lstm, lstm.hidden_size
        for layer in range(lstm.num_layers):
            for kind in ("weight_ih", "weight_hh", "bias"):
                parts = [self._ordered(kind, f"l{layer}{direction}") for direction in ("", "_reverse")]
                self.register_buffer(f"{kind}_{layer}", torch.stack(parts), persistent=False)

    def forward(self, features: Tensor) -> tuple[Tensor, None]:
        if not torch.onnx.is_in_onnx_export():
            return self.lstm(features)[0], None
        hidden = features.transpose(0, 1)
        for layer in range(self.lstm.num_layers):
            weights = [self.get_buffer(f"{kind}_{layer}") for kind in ("weight_ih", "weight_hh", "bias")]
            frames, rows, _ = hidden.shape
            found = torch.onnx.ops.symbolic(
                "::LSTM",
                [hidden, *weights],
                {"hidden_size": self.hidden, "direction": "bidirectional"},
                dtype=hidden.dtype,
                shape=[frames, 2, rows, self.hidden],
            )
            hidden = found.transpose(1, 2).flatten(2)
        return hidden.transpose(0, 1), None

    def _ordered(self, kind: str, place: str) -> Tensor:
        """Weights of one direction, the gates in the operator's order: input, output, forget, cell."""
        names = ["bias_ih", "bias_hh"] if kind == "bias" else [kind]
        parts = [getattr(self.lstm, f"{name}_{place}").detach().chunk(4) for name in names]
        return torch.cat([gates[gate] for gates in parts for gate in (0, 3, 1, 2)])
