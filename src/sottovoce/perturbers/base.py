"""The base class of all trained perturbers."""

from sottovoce.models.base import Model


class Perturber(Model):
    """A network that perturbs in one forward pass: waveforms in, adversarial waveforms of the same shape out.

    Subclasses implement `forward(waveforms, lengths=None)`; the output lies in [-1, 1] and is exactly zero in the
    padding.

    Example:
        >>> import torch
        >>> class Clip(Perturber):
        ...     def forward(self, waveforms, lengths=None):
        ...         return waveforms.clamp(-0.5, 0.5)
        >>> Clip()(torch.tensor([[0.2, -0.9]]))
        tensor([[ 0.2000, -0.5000]])
    """
