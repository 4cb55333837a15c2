"""What should come out of the attacked system: a loss per example, and whether it is met."""

from typing import Protocol

import torch
from torch import Tensor

from sottovoce.audio.batch import energy, zero_padding


class Objective(Protocol):
    """What an attack wants.

    `outputs` is what the victim gives for the attacked batch, `originals (batch, samples)` the unattacked waveforms and
    `lengths (batch,)` their lengths in samples.
    """

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """The distance from the objective, lower is nearer: `(batch,)`."""
        ...

    def distance(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """The same on the scale of a norm (unsquared), for attacks that weigh it against a norm: `(batch,)`."""
        ...

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """Whether each example is there: bool `(batch,)`."""
        ...


def mean_square(difference: Tensor, lengths: Tensor) -> Tensor:
    """Mean over each row's own samples of `difference²`, for rows that are zero in the padding (paper A, eq. 6)."""
    return energy(difference) / lengths


class TargetWaveform:
    """The enhancer's output should equal a given waveform; the base of the objectives below.

    Loss: mean squared error to the target (paper A, eq. 6).
    """

    def target(self, originals: Tensor, lengths: Tensor) -> Tensor:
        """The wanted waveforms, `(batch, samples)`, zero in the padding."""
        raise NotImplementedError

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return mean_square(outputs - self.target(originals, lengths), lengths)

    def distance(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """Euclidean distance to the target per row, the term ‖g(x*) − t‖₂ of OPT (paper A, algorithm 1)."""
        return torch.sqrt(energy(outputs - self.target(originals, lengths)) + 1e-12)


class Silence(TargetWaveform):
    """Nothing should come out.

    Args:
        drop: met when the output's energy is this many dB below the original waveform's.
    """

    def __init__(self, drop: float = 30.0) -> None:
        self.drop = drop

    def target(self, originals: Tensor, lengths: Tensor) -> Tensor:
        return torch.zeros_like(originals)

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return energy(outputs) <= energy(originals) * 10.0 ** (-self.drop / 10.0)


class Speech(TargetWaveform):
    """Other speech should come out.

    Args:
        target: `(batch, samples)` or `(1, samples)`; zero-padded or cut to the attacked batch's length.
        snr: met when the output, seen as the target plus an error, has at least this SNR in dB.
    """

    def __init__(self, target: Tensor, snr: float = 10.0) -> None:
        self.waveform, self.snr = target, snr

    def target(self, originals: Tensor, lengths: Tensor) -> Tensor:
        samples = originals.shape[-1]
        fitted = torch.nn.functional.pad(self.waveform, (0, max(0, samples - self.waveform.shape[-1])))[:, :samples]
        return zero_padding(fitted.to(originals).expand_as(originals), lengths)

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        wanted = self.target(originals, lengths)
        return energy(outputs - wanted) * 10.0 ** (self.snr / 10.0) <= energy(wanted)


class Noise(Speech):
    """White noise should come out.

    Args:
        samples: length of the noise in samples; at least the longest attacked waveform.
        level: RMS of the noise in dB re full scale.
        generator: source of the noise.
        snr: as in `Speech`.
    """

    def __init__(self, samples: int, *, generator: torch.Generator, level: float = -30.0, snr: float = 3.0) -> None:
        super().__init__(torch.randn(1, samples, generator=generator) * 10.0 ** (level / 20.0), snr)
