"""What all speech enhancers have in common."""

from sottovoce.models.base import Model


class Enhancer(Model):
    """Noisy waveforms in, enhanced waveforms of the same shape out.

    Subclasses implement `forward(waveforms, lengths=None)`; the output has exact zeros in the padding.

    Attributes:
        seam: window starts must be multiples of this many samples for the enhancement of a window to agree with that of
            the whole recording.
    """

    seam: int = 1
