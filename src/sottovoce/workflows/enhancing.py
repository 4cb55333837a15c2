"""Enhancers by name, and recordings of any length through them."""

from collections.abc import Iterable
from pathlib import Path

import torch
from torch import Tensor

from sottovoce.audio import windows
from sottovoce.victims.enhancers import DTLN, Enhancer, load_enhancer


def load_enhancers(names: Iterable[str]) -> dict[str, Enhancer]:
    """Load each enhancer once.

    Args:
        names: names or paths of models; a folder with `model_1.onnx` and `model_2.onnx` is DTLN's.

    Returns:
        The enhancers by these names.

    Raises:
        SottovoceError: there is no such model, or it is damaged.
    """
    return {name: _load(name) for name in names}


def _load(name: str) -> Enhancer:
    is_dtln = (Path(name) / "model_1.onnx").is_file()
    return DTLN(name) if is_dtln else load_enhancer(name)


@torch.no_grad()
def enhance(enhancer: Enhancer, waveform: Tensor) -> Tensor:
    """Enhance a recording of any length, in windows if it is long.

    Args:
        enhancer: any.
        waveform: `(samples,)` float32 at 16 kHz.

    Returns:
        The same shape, on the CPU.
    """
    where = windows.spans(len(waveform), enhancer.seam)
    pieces = [enhancer(waveform[None, place].to(enhancer.device))[0].cpu() for place in where]
    return windows.join(pieces, where)
