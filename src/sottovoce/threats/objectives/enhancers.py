"""Objectives about what an enhancer gives: the listener's output is waveforms `(batch, samples)`."""

import copy
from typing import Self

import torch
from torch import Tensor

from sottovoce.audio.batch import energy, length_mask, mean_square, zero_padding
from sottovoce.audio.spectral import MelPower

BANDS, FINE_BANDS = 40, 80


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

    def rows(self, indices: Tensor) -> Self:
        """The same for those rows of the batch."""
        return self


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
        return torch.le(energy(outputs), energy(originals) * 10.0 ** (-self.drop / 10.0))


class Erasure(Silence):
    """Nothing intelligible should come out: no mel band, at any time, much above a floor.

    Ours. The squared error of `Silence` is ruled by the few loudest bins, and an attack on it mostly turns the volume
    down, which a recogniser that normalises does not mind. Here the loss is the mean over 40 mel bands and all frames
    of ln(1 + P / (floor·P̄)), P the band's power in the output and P̄ the mean band power of the original.

    Args:
        floor: power below which a band counts as gone, as a share of P̄.
        drop: as in `Silence`.
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
    """Other speech should come out.

    Args:
        target: `(batch, samples)` or `(1, samples)`; zero-padded or cut to the attacked batch's length.
        snr: met when the output, seen as the target plus an error, has at least this SNR in dB.
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
    """Other speech should come out, as its spectrogram shows it.

    Ours. The squared error of `Speech` asks for the target's phase as well, which an enhancer that masks a spectrum
    takes from the attacked file, and which a recogniser does not hear. Here the loss is the mean squared difference of
    ln(P + floor·P̄), over 80 mel bands and all frames, P the band's power and P̄ the target's mean band power.

    Args:
        target: as in `Speech`.
        floor: as a share of P̄; what lies under it counts as silence.
        tolerance: met when the loss is at most this; at 0.5, a recogniser gets half of the words or more.
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
    """White noise should come out.

    Args:
        samples: length of the noise in samples; at least the longest attacked waveform.
        level: RMS of the noise in dB re full scale.
        generator: source of the noise.
        snr: as in `Speech`.
    """

    def __init__(self, samples: int, *, generator: torch.Generator, level: float = -30.0, snr: float = 3.0) -> None:
        super().__init__(torch.randn(1, samples, generator=generator) * 10.0 ** (level / 20.0), snr)
