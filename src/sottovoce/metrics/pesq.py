"""Perceptual evaluation of speech quality (PESQ): ITU-T P.862 and its mappings."""

import math
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from statistics import fmean
from typing import Literal

import numpy as np
import numpy.typing as npt
from torch import Tensor

from sottovoce.metrics.base import Undefined, collect, fault, rows

LONGEST = 20
"""Seconds measured at once. The ITU's code has room for 50 utterances and crashes on more; an utterance and the pause
after it take at least 0.2 s each, so 20 s never contain more."""

_Pair = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


def pesq(
    reference: Tensor,
    estimate: Tensor,
    lengths: Tensor | None = None,
    mode: Literal["wb", "nb", "raw"] = "wb",
    rate: int = 16000,
    *,
    workers: int = 1,
) -> Tensor:
    """PESQ, computed by the `pesq` package (the ITU's own code).

    The standard is made for utterances, and its code crashes on long recordings. An example longer than 20 s is split
    into equal parts of at most 20 s, and its value is the mean over the parts in which the reference contains speech.

    Args:
        reference: `(batch, samples)`, right-padded.
        estimate: the same shape.
        lengths: `(batch,)` in samples; None if there is no padding.
        mode: "wb" for the MOS-LQO of P.862.2, 1.04 to 4.64, at 16 kHz only; "nb" for the MOS-LQO of P.862.1, 1.02 to
            4.55, in the telephone band at either rate; "raw" for the score of P.862, -0.5 to 4.5, which "nb" maps.
        rate: 8000 or 16000 Hz.
        workers: number of processes. Worthwhile for large batches; a script that asks for more than 1 needs the usual
            `if __name__ == "__main__"`.

    Returns:
        float64 `(batch,)`; NaN where the reference contains no utterance, either signal is silent, or there is less
        than 0.25 s.

    Raises:
        ValueError: if the shapes do not match, or the mode or rate is not supported.

    Example:
        >>> import torch
        >>> time = torch.arange(32_000)[None] / 16_000
        >>> syllables = torch.sin(2 * torch.pi * 3 * time).clamp(min=0)
        >>> voice = 0.1 * syllables * torch.sin(2 * torch.pi * 150 * time).sign()
        >>> pesq(voice, voice)
        tensor([4.6439], dtype=torch.float64)
        >>> bool(pesq(voice, voice + 0.01 * torch.randn(1, 32_000)) < 2)
        True
    """
    if mode not in ("wb", "nb", "raw"):
        raise ValueError(f"PESQ mode must be wb, nb or raw, not {mode!r}")
    if rate not in ((16000,) if mode == "wb" else (8000, 16000)):
        raise ValueError(f"PESQ mode {mode} does not support {rate} Hz")
    examples = rows((reference, estimate), lengths)
    faults = [fault(row) or _silence(*row) for row in examples]
    cuts = [[] if undefined else _cut(row, LONGEST * rate) for row, undefined in zip(examples, faults, strict=True)]
    scores = _scores([part for cut in cuts for part in cut], "wb" if mode == "wb" else "nb", rate, workers)
    finish = raw_from_lqo if mode == "raw" else float
    outcomes = (f or _mean(list(islice(scores, len(cut))), finish) for f, cut in zip(faults, cuts, strict=True))
    return collect(f"PESQ ({mode})", outcomes)


def raw_from_lqo(mos_lqo: float) -> float:
    """Invert the mapping of ITU-T P.862.1 from raw scores to MOS-LQO, y = 0.999 + 4 / (1 + exp(4.6607 - 1.4945·x)).

    Args:
        mos_lqo: y, between 0.999 and 4.999 (exclusive).

    Returns:
        The raw P.862 score x.

    Example:
        >>> round(raw_from_lqo(4.549), 2)
        4.5
    """
    return (4.6607 - math.log(4 / (mos_lqo - 0.999) - 1)) / 1.4945


def _silence(reference: Tensor, estimate: Tensor) -> Undefined | None:
    if not reference.any():
        return Undefined("the reference is silent")
    return None if estimate.any() else Undefined("the estimate is silent")


def _cut(row: tuple[Tensor, ...], longest: int) -> list[_Pair]:
    reference, estimate = (np.array_split(signal.numpy(), math.ceil(len(signal) / longest)) for signal in row)
    return [part for part in zip(reference, estimate, strict=True) if part[0].any()]


def _scores(parts: list[_Pair], mode: str, rate: int, workers: int) -> Iterator[float]:
    from pesq import PesqError
    from pesq import pesq as itu_pesq

    score = partial(itu_pesq, rate, mode=mode, on_error=PesqError.RETURN_VALUES)
    if workers == 1 or not parts:
        return (score(reference, estimate) for reference, estimate in parts)
    # Only the package's function and arrays are sent, so the processes start without importing torch.
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        return iter(list(pool.map(score, *zip(*parts, strict=True))))


def _mean(scores: list[float], finish: Callable[[float], float]) -> float | Undefined:
    from pesq import PesqError

    spoken = [score for score in scores if score != PesqError.NO_UTTERANCES_DETECTED]
    if not spoken:
        return Undefined("there is no utterance in the reference")
    if PesqError.BUFFER_TOO_SHORT in spoken:
        return Undefined("there is less than 0.25 s")
    if not all(score > 0 for score in spoken):  # another error code, or NaN
        return Undefined("the pesq package returned no score, for example because a part is silent")
    return fmean(map(finish, spoken))
