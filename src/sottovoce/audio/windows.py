"""Splitting of long recordings: overlapping windows that are cross-faded, and cuts at pauses."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.ranges import integer

SECOND = 16_384
"""About a second at 16 kHz; a multiple of the frame and chunk sizes of the models."""
LONGEST = 20 * MODEL_RATE
WINDOW = 16 * SECOND
OVERLAP = SECOND
QUIET = MODEL_RATE // 20


def spans(samples: int, seam: int = 1) -> list[slice]:
    """Split a waveform at 16 kHz into overlapping windows.

    Up to 20 s are one window. Longer waveforms are split into windows of 16.4 s that overlap by at least 1 s; the last
    one is between 4 s and 20 s long. A seam of more than 15.4 s makes all of this longer by what it has more.

    Example:
        >>> spans(400_000)
        [slice(0, 262144, None), slice(245760, 400000, None)]

    Args:
        samples: length of the waveform.
        seam: every window starts at a multiple of this number of samples.

    Returns:
        Slices in order; together they cover every sample.

    Raises:
        ValueError: `seam` is no positive integer.
    """
    hop = max(1, (WINDOW - OVERLAP) // integer("seam", seam)) * seam
    longer = max(0, hop + OVERLAP - WINDOW)
    more = max(0, -((LONGEST + longer - samples) // hop))
    return [slice(hop * i, hop * i + WINDOW + longer) for i in range(more)] + [slice(hop * more, samples)]


def join(pieces: Sequence[Tensor], where: Sequence[slice]) -> Tensor:
    """Join windows with raised-cosine cross-fades over their overlaps.

    The two fades sum to one, so the unchanged windows of a waveform give that waveform.

    Example:
        >>> waveform = torch.linspace(-1, 1, 400_000)
        >>> where = spans(400_000)
        >>> torch.allclose(join([waveform[place] for place in where], where), waveform)
        True

    Args:
        pieces: a tensor `(samples_i,)` for each window.
        where: the positions of the windows, from `spans`.

    Returns:
        `(samples,)`.
    """
    whole = pieces[0].new_zeros(where[-1].stop)
    end = 0
    for piece, place in zip(pieces, where, strict=True):
        shared = max(0, end - place.start)
        phase = (torch.arange(shared, device=piece.device, dtype=piece.dtype) + 0.5) / max(1, shared)
        rise = torch.sin(phase * torch.pi / 2).square()
        whole[place.start : end] *= 1 - rise
        whole[place] += piece * functional.pad(rise, (0, len(piece) - shared), value=1.0)
        end = place.stop
    return whole


def pauses(waveform: Tensor) -> list[slice]:
    """Cut a waveform at 16 kHz into pieces of at most 20 s at quiet places, so that few words are split.

    Example:
        >>> waveform = torch.ones(400_000)
        >>> waveform[200_000:202_400] = 0
        >>> pauses(waveform)
        [slice(0, 200400, None), slice(200400, 400000, None)]

    Args:
        waveform: `(samples,)`.

    Returns:
        Slices in order, without overlap. Each but the last ends in the middle of the quietest 50 ms between its seconds
        10 and 20.
    """
    pieces, start = [], 0
    while len(waveform) - start > LONGEST:
        late = waveform[start + LONGEST // 2 : start + LONGEST]
        quietest = int(late.reshape(-1, QUIET).square().sum(1).argmin())
        stop = start + LONGEST // 2 + quietest * QUIET + QUIET // 2
        pieces.append(slice(start, stop))
        start = stop
    return [*pieces, slice(start, len(waveform))]
