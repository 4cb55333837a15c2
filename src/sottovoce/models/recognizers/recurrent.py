"""A bidirectional GRU for rows of unequal length."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class BidirectionalGRU(nn.Module):
    """Computes what PyTorch's GRU computes for packed sequences, without packing.

    On a CPU, the backward pass through a packed sequence takes up to 2.5 times as long, because every step fills a
    tensor of the size of the batch.

    Args:
        size: channels of the input and units of each direction.
        layers: number of layers.
        dropout: dropout rate between layers.

    Example:
        >>> network = BidirectionalGRU(8, 2).eval()
        >>> network(torch.zeros(2, 5, 8), torch.tensor([5, 3])).shape
        torch.Size([2, 5, 16])
    """

    def __init__(self, size: int, layers: int, *, dropout: float = 0.2) -> None:
        super().__init__()
        self.dropout = dropout
        inputs = [size, *[2 * size] * (layers - 1)]
        self.onward = nn.ModuleList(nn.GRU(channels, size, batch_first=True) for channels in inputs)
        self.back = nn.ModuleList(nn.GRU(channels, size, batch_first=True) for channels in inputs)

    def forward(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        """Map `(batch, frames, size)` to `(batch, frames, 2·size)`; undefined after each row's own `lengths`."""
        places = torch.arange(hidden.shape[1], device=hidden.device)
        ends = lengths.to(hidden.device)[:, None]
        mirrored = torch.where(places < ends, ends - 1 - places, places)
        for number, (onward, back) in enumerate(zip(self.onward, self.back, strict=True)):
            if number:
                hidden = functional.dropout(hidden, self.dropout, self.training)
            heard = _reordered(back(_reordered(hidden, mirrored))[0], mirrored)
            hidden = torch.cat([onward(hidden)[0], heard], -1)
        return hidden


def _reordered(hidden: Tensor, places: Tensor) -> Tensor:
    return hidden.gather(1, places[:, :, None].expand_as(hidden))
