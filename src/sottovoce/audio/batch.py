"""Batches of waveforms of unequal length: padding, masks and energies."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def pad(waveforms: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Stack waveforms of unequal length, padded with zeros on the right.

    Example:
        >>> batch, lengths = pad([torch.ones(3), torch.ones(1)])
        >>> batch.tolist(), lengths.tolist()
        ([[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]], [3, 1])

    Args:
        waveforms: tensors `(samples_i,)`.

    Returns:
        The batch `(batch, samples)`, as long as the longest waveform, and `lengths (batch,)` int64 in samples.
    """
    lengths = torch.tensor([len(waveform) for waveform in waveforms], dtype=torch.int64)
    return torch.nn.utils.rnn.pad_sequence(list(waveforms), batch_first=True), lengths


def unpad(waveforms: Tensor, lengths: Tensor) -> list[Tensor]:
    """Split `waveforms (batch, samples)` into rows without padding: tensors `(samples_i,)`.

    Example:
        >>> [row.tolist() for row in unpad(torch.ones(2, 3), torch.tensor([3, 1]))]
        [[1.0, 1.0, 1.0], [1.0]]
    """
    return [row[:length] for row, length in zip(waveforms, lengths.tolist(), strict=True)]


def by_length(function: Callable[..., Tensor], waveforms: Tensor, lengths: Tensor | None, *beside: Tensor) -> Tensor:
    """Apply a function to the rows without their padding, in groups of equal length.

    For functions whose result depends on where a row ends.

    Example:
        >>> waveforms, lengths = pad([torch.tensor([1.0, 2.0, 3.0]), torch.tensor([4.0, 5.0])])
        >>> by_length(lambda rows: rows.sum(-1, keepdim=True), waveforms, lengths).tolist()
        [[6.0], [9.0]]

    Args:
        function: `(rows, samples_i)` → `(rows, …)`, independent for each row; the last dimension of the result may
            depend on the number of samples.
        waveforms: `(batch, samples)`, right-padded.
        lengths: `(batch,)` in samples; None if there is no padding.
        beside: further arguments of the function with a row for each waveform: `(batch, …)`.

    Returns:
        The results in the order of the rows, `(batch, …)`, padded with zeros to the largest last dimension.
    """
    own = (full_lengths(waveforms) if lengths is None else lengths).tolist()
    sizes = sorted(set(own))
    if len(sizes) == 1:
        return function(waveforms[:, : sizes[0]], *beside)
    places = [[row for row, length in enumerate(own) if length == size] for size in sizes]
    results = [
        function(waveforms[place, :size], *(each[place] for each in beside))
        for place, size in zip(places, sizes, strict=True)
    ]
    widest = max(result.shape[-1] for result in results)
    padded = [torch.nn.functional.pad(result, (0, widest - result.shape[-1])) for result in results]
    order = torch.tensor([row for place in places for row in place], device=waveforms.device).argsort()
    return torch.cat(padded)[order]


def map_rows(function: Callable[..., Tensor], waveforms: Tensor, lengths: Tensor | None, *beside: Tensor) -> Tensor:
    """Like `by_length`, for functions from waveforms to waveforms of the same shape.

    Example:
        >>> waveforms = torch.tensor([[1.0, 2.0, 3.0, 0.0], [4.0, 5.0, 0.0, 0.0]])
        >>> map_rows(lambda rows: rows.flip(-1), waveforms, torch.tensor([3, 2])).tolist()
        [[3.0, 2.0, 1.0, 0.0], [5.0, 4.0, 0.0, 0.0]]

    Returns:
        The shape of `waveforms`, zero in the padding, even if the batch is wider than its longest row.
    """
    mapped = by_length(function, waveforms, lengths, *beside)
    return torch.nn.functional.pad(mapped, (0, waveforms.shape[-1] - mapped.shape[-1]))


def full_lengths(waveforms: Tensor) -> Tensor:
    """`lengths (batch,)` of a batch `(batch, samples)` without padding."""
    return torch.full((waveforms.shape[0],), waveforms.shape[-1], dtype=torch.int64, device=waveforms.device)


def length_mask(lengths: Tensor, size: int) -> Tensor:
    """Mask of the samples that are not padding: bool `(batch, size)`, true for the first `lengths[i]` of row i.

    Example:
        >>> length_mask(torch.tensor([3, 1]), 3).tolist()
        [[True, True, True], [True, False, False]]
    """
    return torch.arange(size, device=lengths.device) < lengths[:, None]


def zero_padding(waveforms: Tensor, lengths: Tensor | None) -> Tensor:
    """Set the padding to exact zeros.

    Example:
        >>> zero_padding(torch.ones(2, 3), torch.tensor([3, 1])).tolist()
        [[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]]

    Args:
        waveforms: `(batch, samples)`, right-padded.
        lengths: `(batch,)` in samples; None if there is no padding.
    """
    if lengths is None or int(lengths.min()) >= waveforms.shape[-1]:
        return waveforms
    return waveforms.masked_fill(~length_mask(lengths.to(waveforms.device), waveforms.shape[-1]), 0.0)


def energy(waveforms: Tensor) -> Tensor:
    """Sum of squares of each row of a zero-padded batch `(batch, samples)`: `(batch,)`.

    Example:
        >>> energy(torch.tensor([[3.0, 4.0], [1.0, 0.0]])).tolist()
        [25.0, 1.0]
    """
    return waveforms.square().sum(-1)


def energy_about_mean(waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Sum of squares of each row of a zero-padded batch about the row's mean, padding not counted: `(batch,)`.

    A constant offset is not sound; a constant row has an energy of exactly 0.

    Example:
        >>> energy_about_mean(torch.tensor([[5.0, 1.0], [0.1, 0.1], [7.0, 0.0]]), torch.tensor([2, 2, 1])).tolist()
        [8.0, 0.0, 0.0]

    Args:
        waveforms: `(batch, samples)`, right-padded with zeros.
        lengths: `(batch,)` in samples; None if there is no padding.
    """
    own = full_lengths(waveforms) if lengths is None else lengths.to(waveforms.device)
    means = waveforms.sum(-1, dtype=torch.float64) / own  # in double precision, so that constant rows come out exactly
    return energy(zero_padding(waveforms - means.to(waveforms.dtype)[:, None], lengths))


def mean_square(waveforms: Tensor, lengths: Tensor) -> Tensor:
    """Mean square of each row of a zero-padded batch, padding not counted: `(batch,)`."""
    return energy(waveforms) / lengths
