"""The base class of all speech enhancers."""

from sottovoce.models.base import Model


class Enhancer(Model):
    """Noisy waveforms in, enhanced waveforms of the same shape out.

    Subclasses implement `forward(waveforms, lengths=None)`; the output is exactly zero in the padding.

    Attributes:
        seam: a window is enhanced as it would be within the whole recording if it starts at a multiple of this many
            samples.
        differentiable: whether gradients reach the input; if not, the output is detached.

    Example:
        >>> import torch
        >>> class Quieter(Enhancer):
        ...     def forward(self, waveforms, lengths=None):
        ...         return 0.5 * waveforms
        >>> Quieter()(torch.ones(1, 3))
        tensor([[0.5000, 0.5000, 0.5000]])
    """

    seam: int = 1
    differentiable: bool = True
