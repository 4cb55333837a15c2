"""Long recordings in pieces: overlapping windows that are cross-faded back, and cuts in the pauses."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from sottovoce.audio.resampling import MODEL_RATE

SECOND = 16_384
"""About a second at 16 kHz, and a multiple of what the models' frames and chunks are multiples of."""
LONGEST = 20 * MODEL_RATE
WINDOW = 16 * SECOND
OVERLAP = SECOND
QUIET = MODEL_RATE // 20


def spans(samples: int, seam: int = 1) -> list[slice]:
    """Where to cut a waveform at 16 kHz into overlapping windows.

    Up to 20 s are one window. Longer waveforms give windows of 16.4 s, each overlapping the next by at least 1 s; the
    last one is between 4 s and 20 s long.

    Args:
        samples: length of the waveform.
        seam: every window starts at a multiple of this many samples; at most 15 · 16384.

    Returns:
        Slices in order; together they cover every sample.
    """
    hop = (WINDOW - OVERLAP) // seam * seam
    more = max(0, -((LONGEST - samples) // hop))
    return [slice(hop * i, hop * i + WINDOW) for i in range(more)] + [slice(hop * more, samples)]


def join(pieces: Sequence[Tensor], where: Sequence[slice]) -> Tensor:
    """Put windows back, each fading into the next along a raised cosine over all that they share.

    The two fades sum to one, so the windows of a waveform give that waveform.

    Args:
        pieces: one tensor `(samples_i,)` per window.
        where: their places, from `spans`.

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
    """Cut a waveform at 16 kHz into pieces of at most 20 s where it is quietest, so that few words are cut in two.

    Args:
        waveform: `(samples,)`.

    Returns:
        Slices in order, without overlap; each but the last ends in the middle of the quietest 50 ms of its seconds 10
        to 20.
    """
    pieces, start = [], 0
    while len(waveform) - start > LONGEST:
        late = waveform[start + LONGEST // 2 : start + LONGEST]
        quietest = int(late.reshape(-1, QUIET).square().sum(1).argmin())
        stop = start + LONGEST // 2 + quietest * QUIET + QUIET // 2
        pieces.append(slice(start, stop))
        start = stop
    return [*pieces, slice(start, len(waveform))]
