"""Log-spectral regression with a feed-forward network (Xu et al., 2015), a baseline of Yang et al. (2020)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.batch import zero_padding
from sottovoce.audio.spectral import STFT, magnitude, with_phase_of
from sottovoce.models.enhancers.base import Enhancer

BINS, CONTEXT = 257, 7
FLOOR = 1e-10
"""Added to the power, so that silence has a logarithm."""


class DNN(Enhancer):
    """Predicts the clean log power of a frame from seven noisy frames around it, and keeps the noisy phase.

    STFT of size 512 with a hop of 256; three hidden layers with ReLU and dropout 0.2; inputs and outputs are
    standardised per bin with the statistics of the training data, which are stored with the weights. The layers predict
    the difference from the noisy frame. Xu et al. predict the clean frame itself, which takes long to learn harmonics:
    after 800 steps with 512 units, SI-SDR was 8.8 dB below that of the mixtures, against 1.2 dB above here.

    Args:
        hidden: units per hidden layer; 2048 is full size.

    Example:
        >>> DNN(hidden=8).eval()(torch.zeros(1, 1000)).shape
        torch.Size([1, 1000])
    """

    architecture = "dnn"
    seam = 256

    def __init__(self, hidden: int = 2048) -> None:
        super().__init__()
        self.config = {"hidden": hidden}
        """The constructor's arguments."""
        self.stft = STFT(size=512, hop=256, window="hann")
        layers: list[nn.Module] = []
        for entering in (CONTEXT * BINS, hidden, hidden):
            layers += [nn.Linear(entering, hidden), nn.ReLU(), nn.Dropout(0.2)]
        self.layers = nn.Sequential(*layers, nn.Linear(hidden, BINS))
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", torch.zeros(2, BINS))
        self.register_buffer("deviation", torch.ones(2, BINS))

    def log_power(self, waveforms: Tensor) -> tuple[Tensor, Tensor]:
        """Spectrum `(batch, 257, frames)` and its log power `(batch, frames, 257)`."""
        spectrum: Tensor = self.stft(waveforms)
        return spectrum, torch.log(magnitude(spectrum).square() + FLOOR).transpose(1, 2)

    def predict(self, noisy: Tensor) -> Tensor:
        """Predict standardised clean log power from noisy log power, both `(batch, frames, 257)`."""
        silence = torch.log(torch.tensor(FLOOR))
        padded = functional.pad(noisy, (0, 0, CONTEXT // 2, CONTEXT // 2), value=float(silence))
        frames = ((padded - self.mean[0]) / self.deviation[0]).unfold(1, CONTEXT, 1)
        predicted: Tensor = self.layers(frames.flatten(2)) + (noisy - self.mean[1]) / self.deviation[1]
        return predicted

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        spectrum, noisy = self.log_power(zero_padding(waveforms, lengths))
        clean = self.predict(noisy) * self.deviation[1] + self.mean[1]
        enhanced = with_phase_of(torch.exp(0.5 * clean).transpose(1, 2), spectrum)
        return zero_padding(self.stft.inverse(enhanced, waveforms.shape[-1]), lengths)
