"""What enhancers have in common that a library of somebody else computes."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sottovoce.audio.batch import full_lengths, unpad
from sottovoce.models.enhancers.base import Enhancer


class BlackBox(Enhancer):
    """An enhancer without gradients that hears one row after the other, on the CPU.

    Subclasses implement `enhance(waveform)`, from float32 `(samples,)` to the same.

    Example:
        >>> class Halved(BlackBox):
        ...     def enhance(self, waveform):
        ...         return waveform / 2
        >>> Halved()(torch.ones(2, 3), torch.tensor([3, 1]))
        tensor([[0.5000, 0.5000, 0.5000],
                [0.5000, 0.0000, 0.0000]])
    """

    differentiable = False

    @property
    def device(self) -> torch.device:
        """Always the CPU."""
        return torch.device("cpu")

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Enhance a batch.

        Args:
            waveforms: `(batch, samples)` float32 at 16 kHz, right-padded, on any device.
            lengths: `(batch,)` in samples; None when every row is full.

        Returns:
            Tensor of the same shape, type and device, detached, with zeros in the padding.
        """
        enhanced = torch.zeros_like(waveforms)
        rows = unpad(waveforms.detach(), full_lengths(waveforms) if lengths is None else lengths)
        for target, row in zip(enhanced, rows, strict=True):
            if len(row):
                target[: len(row)] = torch.from_numpy(self.enhance(row.float().cpu().numpy()))
        return enhanced

    def enhance(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        """Enhance one recording of at least one sample: float32 `(samples,)` at 16 kHz to the same shape."""
        raise NotImplementedError
