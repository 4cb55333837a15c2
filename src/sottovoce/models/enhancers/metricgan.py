"""MetricGAN+ (Fu et al., 2021): a mask on the log1p spectrum, trained to maximise a learned estimate of PESQ."""

from itertools import pairwise
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from sottovoce.audio.batch import zero_padding
from sottovoce.audio.spectral import STFT, magnitude, with_phase_of
from sottovoce.models.enhancers.base import Enhancer

BINS = 257
STEEPEST = 3.5
CHANNELS = 15
"""Channels of the discriminator's convolutions."""


class MaskEstimator(nn.Module):
    """A bidirectional LSTM from log1p magnitudes to a mask between 0 and 1.2 (Fu et al., 2021, section 3.1).

    Shape:
        `(batch, frames, 257)` and `frames (batch,)` → mask `(batch, frames, 257)`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.blstm = nn.LSTM(BINS, 200, num_layers=2, bidirectional=True, batch_first=True)
        self.linear1 = nn.Linear(400, 300)
        self.linear2 = nn.Linear(300, BINS)
        self.slope = nn.Parameter(torch.ones(BINS))
        for name, parameter in self.named_parameters():
            if "bias" in name:
                nn.init.zeros_(parameter)
            elif "weight_ih" in name or "linear" in name:
                nn.init.xavier_uniform_(parameter)
            elif "weight_hh" in name:
                nn.init.orthogonal_(parameter)

    def forward(self, features: Tensor, frames: Tensor | None) -> Tensor:
        if frames is None or int(frames.min()) == features.shape[1]:
            hidden, _ = self.blstm(features)
        else:
            packed = pack_padded_sequence(features, frames.cpu(), batch_first=True, enforce_sorted=False)
            hidden, _ = pad_packed_sequence(self.blstm(packed)[0], batch_first=True, total_length=features.shape[1])
        hidden = nn.functional.leaky_relu(self.linear1(hidden), 0.3)
        return 1.2 * torch.sigmoid(self.slope.clamp(max=STEEPEST) * self.linear2(hidden))


class MetricGANPlus(Enhancer):
    """The MetricGAN+ generator with its features and resynthesis.

    STFT of size 512 with a 32 ms Hamming window every 16 ms; the mask multiplies log1p|X|; expm1 and the noisy phase
    give the enhanced spectrum. It differs from SpeechBrain's interface to the published weights in two ways: recordings
    are padded to whole hops, so that batching does not change results, and the output is not peak-normalised, which
    would hide how much of the signal was removed.

    Example:
        >>> MetricGANPlus().eval()(torch.zeros(1, 1000)).shape
        torch.Size([1, 1000])
    """

    architecture = "metricgan-plus"
    seam = 256

    def __init__(self) -> None:
        super().__init__()
        self.config: dict[str, Any] = {}
        self.stft = STFT(size=512, hop=256, window="hamming")
        self.estimator = MaskEstimator()

    def mask(self, spectrum: Tensor, lengths: Tensor | None) -> tuple[Tensor, Tensor]:
        """Features log1p|X| and the mask on them, both `(batch, frames, 257)`, from `spectrum (batch, 257, frames)`."""
        features = torch.log1p(magnitude(spectrum)).transpose(1, 2)
        return features, self.estimator(features, None if lengths is None else self.stft.frames(lengths))

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        spectrum = self.stft(zero_padding(waveforms, lengths))
        features, mask = self.mask(spectrum, lengths)
        enhanced = with_phase_of(torch.expm1(features * mask).transpose(1, 2), spectrum)
        return zero_padding(self.stft.inverse(enhanced, waveforms.shape[-1]), lengths)

    @classmethod
    def from_speechbrain(cls, state: dict[str, Tensor]) -> Self:
        """Build from the state dictionary of the `enhance_model` of SpeechBrain's `metricgan-plus-voicebank`.

        Args:
            state: keys `blstm.rnn.*`, `linear1.*`, `linear2.*` and `Learnable_sigmoid.slope`.

        Raises:
            RuntimeError: if a tensor is missing, unexpected or of another shape.
        """
        ours = {key.replace("blstm.rnn.", "blstm.").replace("Learnable_sigmoid.", ""): t for key, t in state.items()}
        network = cls()
        network.estimator.load_state_dict(ours)
        return network.eval()


class Discriminator(nn.Module):
    """Predicts the PESQ of a signal given its reference, scaled to [0, 1] (Fu et al., 2021, section 3.1).

    Shape:
        Two log1p spectra `(batch, frames, 257)`, the signal and the reference → score `(batch,)`.

    Example:
        >>> spectra = torch.zeros(2, 20, 257)
        >>> Discriminator().eval()(spectra, spectra).shape
        torch.Size([2])
    """

    def __init__(self) -> None:
        super().__init__()
        norm = nn.utils.parametrizations.spectral_norm
        self.normalise = nn.BatchNorm2d(2, momentum=0.01)
        sizes = [2, *[CHANNELS] * 4]
        self.convolutions = nn.ModuleList(norm(nn.Conv2d(i, o, 5)) for i, o in pairwise(sizes))
        self.head = nn.ModuleList([norm(nn.Linear(CHANNELS, 50)), norm(nn.Linear(50, 10)), norm(nn.Linear(10, 1))])

    def forward(self, judged: Tensor, reference: Tensor) -> Tensor:
        hidden: Tensor = self.normalise(torch.stack([judged, reference], dim=1))
        for convolution in self.convolutions:
            hidden = nn.functional.leaky_relu(convolution(hidden), 0.3)
        hidden = hidden.mean((2, 3))
        for layer in self.head[:-1]:
            hidden = nn.functional.leaky_relu(layer(hidden), 0.3)
        score: Tensor = self.head[-1](hidden)
        return score.squeeze(-1)
