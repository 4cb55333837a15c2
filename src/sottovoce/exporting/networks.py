"""Networks as they are exported: waveforms in and out, real numbers only, no branch that depends on the length."""

import copy
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.exporting.lstm import GraphLSTM
from sottovoce.exporting.spectra import RealSTFT
from sottovoce.models.base import Model
from sottovoce.models.enhancers import DNN, SEGAN, MetricGANPlus, WaveUNet
from sottovoce.models.enhancers.dnn import CONTEXT, FLOOR
from sottovoce.models.enhancers.wave_unet import SEGMENT
from sottovoce.perturbers import SSED, AdvGAN
from sottovoce.perturbers.ssed import Reflection

TINY = 1e-14
"""Added to the power, as `magnitude` does."""


class Alone(nn.Module):
    """A network without `lengths`, which a graph has no need of: `(batch, samples)` to the same shape."""

    def __init__(self, network: Model) -> None:
        super().__init__()
        self.network = network

    def forward(self, waveforms: Tensor) -> Tensor:
        found: Tensor = self.network(waveforms)
        return found


class Targeted(nn.Module):
    """AdvGAN, with the number of the class that should be heard: `(batch, samples)` and int64 `(batch,)`.

    A generator for a single class has no such input.
    """

    def __init__(self, network: AdvGAN) -> None:
        super().__init__()
        self.network = network

    def forward(self, waveforms: Tensor, targets: Tensor | None = None) -> Tensor:
        changed: Tensor = (waveforms + self.network.perturbation(waveforms, targets)).clamp(-1.0, 1.0)
        return changed


class AnyReflection(nn.Module):
    """`Reflection`, which looks at the length, as one expression for all lengths."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, hidden: Tensor) -> Tensor:
        last = torch.arange(hidden.shape[-1], device=hidden.device)[-1:]
        steps = torch.arange(self.size, device=hidden.device)
        before = hidden[..., torch.minimum(self.size - steps, last)]
        after = hidden[..., (last - 1 - steps).clamp(min=0)]
        long_enough = (last >= self.size).to(hidden.dtype)
        return torch.cat([before * long_enough, hidden, after * long_enough], -1)


class Hiding(nn.Module):
    """SSED's generator."""

    def __init__(self, network: SSED) -> None:
        super().__init__()
        self.network = copy.deepcopy(network)
        for module in list(self.network.modules()):
            if isinstance(pad := getattr(module, "pad", None), Reflection):
                module.pad = AnyReflection(pad.size)

    def forward(self, waveforms: Tensor) -> Tensor:
        return self.network.perturbed(waveforms).waveforms


class Masking(nn.Module):
    """MetricGAN+: its estimator between real spectra."""

    def __init__(self, network: MetricGANPlus) -> None:
        super().__init__()
        self.stft, self.estimator = RealSTFT(network.stft), copy.deepcopy(network.estimator)
        self.estimator.blstm = GraphLSTM(network.estimator.blstm)  # type: ignore[assignment]

    def forward(self, waveforms: Tensor) -> Tensor:
        real, imaginary = self.stft(waveforms)
        magnitudes = torch.sqrt(real.square() + imaginary.square() + TINY)
        features = torch.log1p(magnitudes).transpose(1, 2)
        gains = torch.expm1(features * self.estimator(features, None)).transpose(1, 2) / magnitudes
        return self.stft.inverse(real * gains, imaginary * gains, waveforms.shape[-1])


class Regressing(nn.Module):
    """DNN: its first layer, which sees seven frames at once, is a convolution over frames."""

    def __init__(self, network: DNN) -> None:
        super().__init__()
        self.network, self.stft = network, RealSTFT(network.stft)

    def forward(self, waveforms: Tensor) -> Tensor:
        network, first, others = self.network, self.network.layers[0], self.network.layers[1:]
        assert isinstance(first, nn.Linear)
        (mean, clean_mean), (deviation, clean_deviation) = network.mean, network.deviation
        real, imaginary = self.stft(waveforms)
        power = real.square() + imaginary.square() + TINY
        noisy = torch.log(power + FLOOR).transpose(1, 2)
        beside = CONTEXT // 2
        frames = (functional.pad(noisy, (0, 0, beside, beside), value=math.log(FLOOR)) - mean) / deviation
        kernel = first.weight.view(len(first.weight), -1, CONTEXT)
        hidden = functional.conv1d(frames.transpose(1, 2), kernel, first.bias).transpose(1, 2)
        clean = (others(hidden) + (noisy - clean_mean) / clean_deviation) * clean_deviation + clean_mean
        gains = torch.exp(0.5 * clean).transpose(1, 2) / torch.sqrt(power)
        return self.stft.inverse(real * gains, imaginary * gains, waveforms.shape[-1])


class Segmented(nn.Module):
    """Wave-U-Net, whose segments are found by indices: the last one ends with the recording."""

    def __init__(self, network: WaveUNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, waveforms: Tensor) -> Tensor:
        rows, samples = waveforms.shape
        count = (samples + SEGMENT - 1) // SEGMENT
        whole = functional.pad(waveforms, (0, count * SEGMENT - samples))
        places = torch.arange(samples, device=waveforms.device)
        latest = (places[-1:] + 1 - SEGMENT).clamp(min=0)
        starts = torch.minimum(torch.arange(count, device=waveforms.device) * SEGMENT, latest)
        segments = whole[:, starts[:, None] + torch.arange(SEGMENT, device=waveforms.device)]
        speech = self.network.separate(segments.reshape(-1, SEGMENT))[:, 0].reshape(rows, -1)
        owners = places // SEGMENT
        return speech[:, owners * SEGMENT + places - starts[owners]]


FORMS: dict[str, Callable[..., nn.Module]] = {
    SSED.architecture: Hiding,
    AdvGAN.architecture: Targeted,
    MetricGANPlus.architecture: Masking,
    SEGAN.architecture: Alone,
    WaveUNet.architecture: Segmented,
    DNN.architecture: Regressing,
}
"""What is exported, by architecture."""
