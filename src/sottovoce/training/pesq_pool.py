"""PESQ of many excerpts in worker processes: the slow part of training MetricGAN+."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy
import pesq
import torch
from torch import Tensor

RATE = 16000


def make_pool(workers: int) -> ProcessPoolExecutor:
    """Worker processes that have not inherited this one's threads."""
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("forkserver"))


def normalised_pesq(pool: ProcessPoolExecutor, clean: Tensor, judged: Tensor) -> Tensor:
    """(PESQ_wb + 0.5) / 5 of every row (MetricGAN's Q): float32 `(batch,)`, NaN where PESQ finds no utterance."""
    scores = pool.map(_score, clean.cpu().float().numpy(), judged.cpu().float().numpy(), chunksize=4)
    return torch.tensor(list(scores), dtype=torch.float32)


def _score(clean: "numpy.typing.NDArray[numpy.float32]", judged: "numpy.typing.NDArray[numpy.float32]") -> float:
    try:
        return (float(pesq.pesq(RATE, clean, judged, "wb")) + 0.5) / 5.0
    except pesq.NoUtterancesError:
        return float("nan")
