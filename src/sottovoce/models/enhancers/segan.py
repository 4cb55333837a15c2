"""SEGAN (Pascual et al., 2017), waveform to waveform, following the authors' PyTorch version."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.batch import zero_padding
from sottovoce.models.enhancers.base import Enhancer

CHUNK = 16384
KERNEL, STRIDE = 31, 4
PREEMPHASIS = 0.95
MAX_SHIFT = 5
"""Largest shift in samples of the discriminator's phase shuffle."""


def preemphasis(waveforms: Tensor) -> Tensor:
    """y[n] = x[n] - 0.95 x[n - 1], with x[-1] = 0, along the last dimension."""
    return waveforms - PREEMPHASIS * functional.pad(waveforms, (1, -1))


def deemphasis(waveforms: Tensor) -> Tensor:
    """The inverse of `preemphasis`, y[n] = x[n] + 0.95 y[n - 1], without a loop over samples.

    The filter 1 / (1 - a·z⁻¹) equals the product of (1 + a^(2^k)·z^-(2^k)) over k; factors with a^(2^k) below float
    precision (beyond 2^9 samples) are left out.
    """
    samples = waveforms.shape[-1]
    for doubling in range(10):
        shift = 2**doubling
        waveforms = waveforms + PREEMPHASIS**shift * functional.pad(waveforms, (shift, 0))[..., :samples]
    return waveforms


def scaled(channels: tuple[int, ...], width: float) -> list[int]:
    """Channel counts times `width`, at least 1."""
    return [max(1, round(count * width)) for count in channels]


class Generator(nn.Module):
    """Encoder, latent noise, and decoder with scaled pre-activation skip connections.

    Args:
        width: factor on all channels; 1 is the published network (64 … 1024).

    Shape:
        `(batch, 1, 16384)` and `z (batch or 1, 1024·width, 16)` → `(batch, 1, 16384)` in (-1, 1).
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        sizes = scaled((64, 128, 256, 512, 1024), width)
        self.latent = sizes[-1]
        self.encoders = nn.ModuleList(
            nn.Conv1d(i, o, KERNEL, STRIDE) for i, o in zip([1, *sizes[:-1]], sizes, strict=True)
        )
        self.encoder_activations = nn.ModuleList(nn.PReLU(size, init=0.0) for size in sizes)
        outs = [*sizes[-2::-1], 1]
        ins = [2 * size for size in sizes[::-1]]
        self.decoders = nn.ModuleList(
            nn.ConvTranspose1d(i, o, KERNEL, STRIDE, padding=13) for i, o in zip(ins, outs, strict=True)
        )
        self.decoder_activations = nn.ModuleList(nn.PReLU(size, init=0.0) for size in outs[:-1])
        self.skips = nn.ParameterList(torch.ones(size, 1) for size in sizes[:-1])

    def forward(self, noisy: Tensor, z: Tensor) -> Tensor:
        hidden, maps = noisy, []
        for convolution, activation in zip(self.encoders, self.encoder_activations, strict=True):
            before = convolution(functional.pad(hidden, (14, 15), mode="reflect"))
            maps.append(before)
            hidden = activation(before)
        hidden = torch.cat([z.expand(hidden.shape[0], -1, -1), hidden], dim=1)
        for level, decoder in enumerate(self.decoders):
            if level > 0:
                skip = len(maps) - 1 - level
                hidden = torch.cat([hidden, self.skips[skip] * maps[skip]], dim=1)
            hidden = decoder(hidden)[..., :-1]
            if level < len(self.decoder_activations):
                hidden = self.decoder_activations[level](hidden)
        return torch.tanh(hidden)


class Discriminator(nn.Module):
    """Scores a signal as clean or enhanced, given the noisy signal.

    Args:
        width: factor on all convolution channels; 1 is the published network.

    Shape:
        candidate and noisy, both `(batch, 1, 16384)` → score `(batch,)`.

    Example:
        >>> chunks = torch.zeros(2, 1, 16_384)
        >>> Discriminator(width=1 / 64).eval()(chunks, chunks).shape
        torch.Size([2])
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        sizes = scaled((64, 128, 256, 512, 1024), width)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv1d(i, o, KERNEL, STRIDE), nn.BatchNorm1d(o), nn.PReLU(o, init=0.0))
            for i, o in zip([2, *sizes[:-1]], sizes, strict=True)
        )
        self.head = nn.Sequential(
            nn.Linear(sizes[-1] * CHUNK // STRIDE**5, 256),
            nn.PReLU(256),
            nn.Linear(256, 128),
            nn.PReLU(128),
            nn.Linear(128, 1),
        )

    def forward(self, candidate: Tensor, noisy: Tensor, generator: torch.Generator | None = None) -> Tensor:
        hidden = torch.cat([candidate, noisy], dim=1)
        for block in self.blocks:
            shift = int(torch.randint(1, MAX_SHIFT + 1, (), generator=generator))
            sign = 1 if torch.rand((), generator=generator) < 0.5 else -1
            hidden = block(functional.pad(torch.roll(hidden, sign * shift, dims=-1), (14, 15), mode="reflect"))
        score: Tensor = self.head(hidden.flatten(1))
        return score.squeeze(-1)


class SEGAN(Enhancer):
    """The SEGAN generator on recordings of any length.

    Recordings are cut into chunks of 16,384 samples without overlap, the last one zero-padded and its output trimmed,
    as in the authors' code, but differentiable throughout. The latent noise z is drawn once from `z_seed`, so that the
    same input always gives the same output.

    Args:
        width: factor on all channels; 1 is the published network.
        z_seed: seed of the latent noise.

    Example:
        >>> SEGAN(width=1 / 64).eval()(torch.zeros(1, 20_000)).shape
        torch.Size([1, 20000])
    """

    architecture = "segan"
    seam = CHUNK

    def __init__(self, width: float = 1.0, z_seed: int = 0) -> None:
        super().__init__()
        self.config = {"width": width, "z_seed": z_seed}
        """The constructor's arguments."""
        self.generator = Generator(width)
        noise = torch.randn(
            1, self.generator.latent, CHUNK // STRIDE**5, generator=torch.Generator().manual_seed(z_seed)
        )
        self.z: Tensor
        self.register_buffer("z", noise, persistent=False)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        batch, samples = waveforms.shape
        emphasised = preemphasis(zero_padding(waveforms, lengths))
        chunks = functional.pad(zero_padding(emphasised, lengths), (0, -samples % CHUNK)).reshape(-1, 1, CHUNK)
        enhanced = self.generator(chunks, self.z).reshape(batch, -1)[:, :samples]
        return zero_padding(deemphasis(enhanced), lengths)
