"""Frames that overlap, put back together."""

import torch
from torch import Tensor
from torch.nn import functional


def overlap_add(frames: Tensor, hop: int) -> Tensor:
    """Sum of frames of which each begins `hop` samples after the one before; differentiable.

    Example:
        >>> overlap_add(torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]), 1)
        tensor([[1., 5., 4.]])

    Args:
        frames: `(batch, frames, size)`, the size a multiple of the hop.
        hop: in samples.

    Returns:
        `(batch, (frames - 1)·hop + size)`.
    """
    parts = frames.reshape(*frames.shape[:2], -1, hop).unbind(2)
    late = [functional.pad(part, (0, 0, at, len(parts) - 1 - at)) for at, part in enumerate(parts)]
    return torch.stack(late).sum(0).flatten(1)
