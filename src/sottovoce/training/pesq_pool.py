"""PESQ of many excerpts in worker processes, the slow part of training MetricGAN+."""

import multiprocessing
from concurrent.futures import Executor, ProcessPoolExecutor

import numpy
import pesq
import torch
from torch import Tensor

from sottovoce.audio.resampling import MODEL_RATE


def make_pool(workers: int) -> ProcessPoolExecutor:
    """A pool of processes that inherit none of this process's threads."""
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("forkserver"))


def normalised_pesq(pool: Executor, clean: Tensor, judged: Tensor) -> Tensor:
    """(PESQ_wb + 0.5) / 5 of every row (MetricGAN's Q): float32 `(batch,)`, NaN where PESQ finds no utterance."""
    scores = pool.map(_score, clean.cpu().float().numpy(), judged.cpu().float().numpy(), chunksize=4)
    return torch.tensor(list(scores), dtype=torch.float32)


def _score(clean: "numpy.typing.NDArray[numpy.float32]", judged: "numpy.typing.NDArray[numpy.float32]") -> float:
    try:
        return (float(pesq.pesq(MODEL_RATE, clean, judged, "wb")) + 0.5) / 5.0
    except pesq.NoUtterancesError:
        return float("nan")
