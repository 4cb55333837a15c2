"""Batches of recordings of unequal length: padding, masks, and sums that leave the padding out."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def pad(waveforms: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Stack waveforms of unequal length.

    Args:
        waveforms: tensors `(samples_i,)`.

    Returns:
        The batch `(batch, samples)`, right-padded with zeros to the longest, and `lengths (batch,)` int64 in samples.
    """
    lengths = torch.tensor([len(waveform) for waveform in waveforms], dtype=torch.int64)
    return torch.nn.utils.rnn.pad_sequence(list(waveforms), batch_first=True), lengths


def unpad(waveforms: Tensor, lengths: Tensor) -> list[Tensor]:
    """The rows of `waveforms (batch, samples)` without their padding, as tensors `(samples_i,)`."""
    return [row[:length] for row, length in zip(waveforms, lengths.tolist(), strict=True)]


def by_length(function: Callable[[Tensor], Tensor], waveforms: Tensor, lengths: Tensor | None) -> Tensor:
    """What `function` makes of the rows without their padding, which it gets in groups of equal length.

    For functions that look at where a row ends.

    Args:
        function: `(rows, samples_i)` → `(rows, …)`, row by row independent; what it gives may grow with the samples.
        waveforms: `(batch, samples)`, right-padded.
        lengths: `(batch,)` in samples; None means that every row is full.

    Returns:
        The results in the order of the rows, `(batch, …)`; last dimensions of unequal size are padded with zeros.
    """
    own = (full_lengths(waveforms) if lengths is None else lengths).tolist()
    sizes = sorted(set(own))
    if len(sizes) == 1:
        return function(waveforms[:, : sizes[0]])
    places = [[row for row, length in enumerate(own) if length == size] for size in sizes]
    results = [function(waveforms[place, :size]) for place, size in zip(places, sizes, strict=True)]
    widest = max(result.shape[-1] for result in results)
    padded = [torch.nn.functional.pad(result, (0, widest - result.shape[-1])) for result in results]
    order = torch.tensor([row for place in places for row in place], device=waveforms.device).argsort()
    return torch.cat(padded)[order]


def full_lengths(waveforms: Tensor) -> Tensor:
    """`lengths (batch,)` of a batch `(batch, samples)` without padding."""
    return torch.full((waveforms.shape[0],), waveforms.shape[-1], dtype=torch.int64, device=waveforms.device)


def length_mask(lengths: Tensor, size: int) -> Tensor:
    """Where a batch holds signal: bool `(batch, size)`, true at the first `lengths[i]` places of row i."""
    return torch.arange(size, device=lengths.device) < lengths[:, None]


def zero_padding(waveforms: Tensor, lengths: Tensor | None) -> Tensor:
    """The same batch with exact zeros after each row's length; `lengths=None` means that there is no padding."""
    if lengths is None or int(lengths.min()) >= waveforms.shape[-1]:
        return waveforms
    return waveforms.masked_fill(~length_mask(lengths.to(waveforms.device), waveforms.shape[-1]), 0.0)


def energy(waveforms: Tensor) -> Tensor:
    """Sum of squares of each row of a zero-padded batch `(batch, samples)`: `(batch,)`."""
    return waveforms.square().sum(-1)


def mean_square(waveforms: Tensor, lengths: Tensor) -> Tensor:
    """Mean of squares over each row's own samples, for rows that are zero in the padding: `(batch,)`."""
    return energy(waveforms) / lengths
