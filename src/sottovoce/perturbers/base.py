"""The base class of all trained perturbers."""

from sottovoce.models.base import Model


class Perturber(Model):
    """A network that perturbs in one forward pass: waveforms in, adversarial waveforms of the same shape out.

    Subclasses implement `forward(waveforms, lengths=None)`; the output lies in [-1, 1] and is exactly zero in the
    padding.
    """
