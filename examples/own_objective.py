"""Attack an enhancer with an objective of your own: its output should lose its low frequencies.

python examples/own_objective.py
"""

from importlib.resources import files
from typing import Self

import torch
from torch import Tensor

from sottovoce import load
from sottovoce.attacks import PGD
from sottovoce.audio import as_mono_16k, read
from sottovoce.threats import SNRFloor


class Thin:
    """Little of the output's energy should lie below 500 Hz.

    Args:
        share: met when less than this share does.
    """

    def __init__(self, share: float = 0.1) -> None:
        self.share = share

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        power = torch.fft.rfft(outputs).abs().square()
        below = power[:, : power.shape[-1] // 16]  # 500 of 8000 Hz
        share: Tensor = below.sum(-1) / power.sum(-1)
        return share

    def distance(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return self.loss(outputs, originals, lengths)

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return self.loss(outputs, originals, lengths) < self.share

    def rows(self, indices: Tensor) -> Self:
        return self


def main() -> None:
    speech = torch.from_numpy(as_mono_16k(read(str(files("sottovoce") / "data" / "demo.wav"))))[None, :32_000]
    enhancer, objective, lengths = load("metricgan-plus"), Thin(), torch.tensor([32_000])
    with torch.no_grad():
        before = objective.loss(enhancer(speech), speech, lengths)
    result = PGD(step=1e-3, steps=20, budget=SNRFloor(20.0))(enhancer, speech, objective)
    print(f"energy below 500 Hz: {100 * before.item():.1f} % before, {100 * result.loss.item():.1f} % after the attack")


if __name__ == "__main__":
    main()
