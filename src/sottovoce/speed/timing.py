"""Measuring times."""

import platform
import statistics
import time
from collections.abc import Callable, Mapping
from importlib.resources import as_file, files
from pathlib import Path

import torch
from torch import Tensor

from sottovoce.audio.files import as_mono_16k, read

SECONDS, BATCH, STEPS, REPEATS = 5, 4, 20, 3
STEP = 2e-3


def batch() -> Tensor:
    """The bundled recording, repeated to `(BATCH, SECONDS at 16 kHz)`; each row starts at another sample."""
    with as_file(files("sottovoce") / "data" / "demo.wav") as path:
        speech = torch.from_numpy(as_mono_16k(read(path)))
    samples = SECONDS * 16000
    return torch.stack([speech.roll(-1000 * row).repeat(samples // len(speech) + 1)[:samples] for row in range(BATCH)])


def processor() -> str:
    """The name of the processor, as the system gives it."""
    listed = Path("/proc/cpuinfo")
    names = [line for line in listed.read_text().splitlines() if "model name" in line] if listed.is_file() else []
    return names[0].partition(":")[2].strip() if names else platform.processor() or platform.machine()


def take_turns(runs: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Median seconds of each function, measured alternately after one warm-up run of each."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for repeat in range(REPEATS + 1):
        for name, call in runs.items():
            start = time.perf_counter()
            call()
            if repeat:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}
