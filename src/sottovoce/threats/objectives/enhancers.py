"""Objectives for enhancers, whose outputs are waveforms `(batch, samples)`."""

import copy
from typing import Self

import torch
from torch import Tensor

from sottovoce.audio.batch import energy, length_mask, mean_square, zero_padding
from sottovoce.audio.spectral import MelPower
from sottovoce.threats.settings import Settings

BANDS, FINE_BANDS = 40, 80


class TargetWaveform(Settings):
    """The enhancer's output should equal a target waveform; base class of the objectives below.

    Subclasses implement `target` and `met`. Loss: mean squared error to the target (Dong et al., 2022, eq. 6).

    Example:
        >>> class Flipped(TargetWaveform):
        ...     def target(self, originals, lengths):
        ...         return -originals
        >>> originals = torch.tensor([[0.5, 0.5]])
        >>> Flipped().loss(originals, originals, torch.tensor([2]))
        tensor([1.])
    """

    def target(self, originals: Tensor, lengths: Tensor) -> Tensor:
        """The target waveforms `(batch, samples)`, zero in the padding."""
        raise NotImplementedError

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return mean_square(outputs - self.target(originals, lengths), lengths)

    def distance(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        """Euclidean distance of each row to its target, ‖g(x*) − t‖₂ of OPT (Dong et al., 2022, algorithm 1)."""
        return torch.sqrt(energy(outputs - self.target(originals, lengths)) + 1e-12)

    def rows(self, indices: Tensor) -> Self:
        """The objective for the given rows of the batch."""
        return self


class Silence(TargetWaveform):
    """The enhancer's output should be silent.

    Args:
        drop: met when the output's energy is at least this many dB below the original waveform's.

    Example:
        >>> originals, lengths = torch.full((2, 160), 0.1), torch.tensor([160, 160])
        >>> outputs = torch.tensor([[0.5], [0.01]]) * originals
        >>> Silence(drop=30.0).met(outputs, originals, lengths)
        tensor([False,  True])
    """

    def __init__(self, drop: float = 30.0) -> None:
        self.drop = drop

    def target(self, originals: Tensor, lengths: Tensor) -> Tensor:
        return torch.zeros_like(originals)

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return torch.le(energy(outputs), energy(originals) * 10.0 ** (-self.drop / 10.0))


class Erasure(Silence):
    """The enhancer's output should be unintelligible: in no frame should a mel band be much above a floor.

    Ours. The squared error of `Silence` is dominated by the few loudest bins: an attack on it mostly lowers the volume,
    which does not matter to a recogniser that normalises its input. Here, the loss is the mean over 40 mel bands and
    all frames of ln(1 + P / (floor·P̄)), where P is the band's power in the output and P̄ the mean band power of the
    original.

    Args:
        floor: power below which a band counts as erased, relative to P̄.
        drop: as in `Silence`.

    Example:
        >>> originals = 0.1 * torch.randn(1, 1600, generator=torch.Generator().manual_seed(0))
        >>> Erasure().loss(torch.zeros(1, 1600), originals, torch.tensor([1600]))
        tensor([0.])
    """

    def __init__(self, floor: float = 0.1, drop: float = 30.0) -> None:
        super().__init__(drop)
        self.floor = floor
        self.power = MelPower(bands=BANDS, low=60.0, high=7600.0)

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        power = self.power.to(outputs.device)
        counts = power.stft.frames(lengths) * BANDS
        usual = power(originals).sum((1, 2)) / counts
        above = torch.log1p(power(outputs) / (self.floor * usual + 1e-12)[:, None, None])
        return above.sum((1, 2)) / counts

    def distance(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return self.loss(outputs, originals, lengths)


class Speech(TargetWaveform):
    """The enhancer's output should be given speech.

    Args:
        target: `(batch, samples)`, or `(1, samples)` for all rows; zero-padded or cut to the attacked batch's length.
        snr: met when the ratio of the target's energy to that of the error is at least this many dB.

    Example:
        >>> target, originals = torch.full((1, 160), 0.1), torch.zeros(1, 160)
        >>> Speech(target, snr=20.0).met(1.05 * target, originals, torch.tensor([160]))
        tensor([True])
    """

    def __init__(self, target: Tensor, snr: float = 10.0) -> None:
        self.waveform, self.snr = target, snr

    def rows(self, indices: Tensor) -> Self:
        chosen = copy.copy(self)
        chosen.waveform = self.waveform if len(self.waveform) == 1 else self.waveform[indices]
        return chosen

    def target(self, originals: Tensor, lengths: Tensor) -> Tensor:
        samples = originals.shape[-1]
        fitted = torch.nn.functional.pad(self.waveform, (0, max(0, samples - self.waveform.shape[-1])))[:, :samples]
        return zero_padding(fitted.to(originals).expand_as(originals), lengths)

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        wanted = self.target(originals, lengths)
        return torch.le(energy(outputs - wanted) * 10.0 ** (self.snr / 10.0), energy(wanted))


class SpectralSpeech(Speech):
    """The enhancer's output should have the spectrogram of given speech.

    Ours. The squared error of `Speech` also asks for the target's phase, which an enhancer that masks a spectrum takes
    from its input and a recogniser ignores. Here, the loss is the mean squared difference of ln(P + floor·P̄) over 80
    mel bands and all frames, where P is the band's power and P̄ the target's mean band power.

    Args:
        target: as in `Speech`.
        floor: power that counts as silence, relative to P̄.
        tolerance: met when the loss is at most this; at 0.5, a recogniser gets half of the words or more.

    Example:
        >>> target = 0.1 * torch.randn(1, 1600, generator=torch.Generator().manual_seed(0))
        >>> SpectralSpeech(target).loss(-target, target, torch.tensor([1600]))
        tensor([0.])
    """

    def __init__(self, target: Tensor, floor: float = 0.01, tolerance: float = 0.5) -> None:
        super().__init__(target)
        self.floor, self.tolerance = floor, tolerance
        self.power = MelPower(bands=FINE_BANDS, low=60.0, high=7600.0)

    def loss(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        power = self.power.to(outputs.device)
        frames = power.stft.frames(lengths)
        wanted = power(self.target(originals, lengths))
        floor = (self.floor * wanted.sum((1, 2)) / (frames * FINE_BANDS) + 1e-12)[:, None, None]
        difference = torch.log((power(outputs) + floor) / (wanted + floor))
        own = difference * length_mask(frames, difference.shape[-1])[:, None]
        return own.square().sum((1, 2)) / (frames * FINE_BANDS)

    def distance(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return self.loss(outputs, originals, lengths)

    def met(self, outputs: Tensor, originals: Tensor, lengths: Tensor) -> Tensor:
        return torch.le(self.loss(outputs, originals, lengths), self.tolerance)


class Noise(Speech):
    """The enhancer's output should be given white noise.

    Args:
        samples: length of the noise in samples, at least that of the longest attacked waveform.
        generator: random generator of the noise.
        level: RMS level of the noise in dB relative to full scale.
        snr: as in `Speech`.

    Example:
        >>> objective = Noise(16_000, generator=torch.Generator().manual_seed(0), level=-20.0)
        >>> round(objective.waveform.square().mean().sqrt().item(), 3)
        0.1
    """

    def __init__(self, samples: int, *, generator: torch.Generator, level: float = -30.0, snr: float = 3.0) -> None:
        super().__init__(torch.randn(1, samples, generator=generator) * 10.0 ** (level / 20.0), snr)
