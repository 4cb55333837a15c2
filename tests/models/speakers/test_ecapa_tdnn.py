"""ECAPA-TDNN against the published computation, written down once more with SpeechBrain's names and plain functions."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from sottovoce.models.speakers import ECAPATDNN
from sottovoce.models.speakers.ecapa_tdnn import Fbank

C = 16


def published(weights: dict[str, Tensor], features: Tensor) -> Tensor:
    def conv(name: str, x: Tensor, dilation: int = 1) -> Tensor:
        kernel = weights[f"{name}.conv.weight"]
        pad = dilation * (kernel.shape[-1] - 1) // 2
        return functional.conv1d(
            functional.pad(x, (pad, pad), mode="reflect"), kernel, weights[f"{name}.conv.bias"], dilation=dilation
        )

    def norm(name: str, x: Tensor) -> Tensor:
        scale, shift = weights[f"{name}.norm.weight"], weights[f"{name}.norm.bias"]
        mean, variance = weights[f"{name}.norm.running_mean"], weights[f"{name}.norm.running_var"]
        return functional.batch_norm(x, mean, variance, scale, shift)

    def tdnn(name: str, x: Tensor, dilation: int = 1) -> Tensor:
        return norm(f"{name}.norm", conv(f"{name}.conv", x, dilation).relu())

    x = tdnn("blocks.0", features)
    outputs = []
    for block, dilation in ((1, 2), (2, 3), (3, 4)):
        hidden = tdnn(f"blocks.{block}.tdnn1", x)
        pieces = list(hidden.split(C // 8, 1))
        for part in range(7):
            before = pieces[part] if part else 0.0
            name = f"blocks.{block}.res2net_block.blocks.{part}"
            pieces[part + 1] = tdnn(name, pieces[part + 1] + before, dilation)
        hidden = tdnn(f"blocks.{block}.tdnn2", torch.cat(pieces, 1))
        squeezed = conv(f"blocks.{block}.se_block.conv1", hidden.mean(2, keepdim=True)).relu()
        x = x + hidden * conv(f"blocks.{block}.se_block.conv2", squeezed).sigmoid()
        outputs.append(x)
    x = tdnn("mfa", torch.cat(outputs, 1))
    mean, std = x.mean(2, keepdim=True), x.std(2, keepdim=True, correction=0)
    attention = conv("asp.conv", tdnn("asp.tdnn", torch.cat([x, mean.expand_as(x), std.expand_as(x)], 1)).tanh())
    share = attention.softmax(2)
    mean = (share * x).sum(2)
    std = (share * (x - mean[..., None]).square()).sum(2).clamp(min=1e-12).sqrt()
    return conv("fc", norm("asp_bn", torch.cat([mean, std], 1))[..., None])[..., 0]


@torch.no_grad()
def test_computes_what_the_published_network_computes(published_state: dict[str, Tensor]) -> None:
    network, features = ECAPATDNN.from_speechbrain(published_state).double(), 5 * torch.randn(2, 80, 31).double()
    assert not network.training
    wanted = published({name: tensor.double() for name, tensor in published_state.items()}, features)
    torch.testing.assert_close(network.embed_features(features), wanted)


def test_fbank_is_the_sum_of_a_dfts_power_under_triangles() -> None:
    signal = torch.randn(1, 3210, generator=torch.Generator().manual_seed(0))
    padded = np.pad(signal[0].numpy().astype(float), 200)
    window = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(400) / 400)
    frames = np.stack([padded[160 * k : 160 * k + 400] * window for k in range(1 + 3210 // 160)])
    power = np.abs(np.fft.rfft(frames)) ** 2
    edges = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + 8000 / 700), 82) / 2595) - 1)
    bands = []
    for low, centre in pairwise(edges[:-1]):
        weight = np.maximum(0, 1 - np.abs(np.arange(201) * 40.0 - centre) / (centre - low))
        bands.append(10 * np.log10(np.maximum(power @ weight, 1e-10)))
    wanted = np.maximum(np.stack(bands), np.max(bands) - 80)
    wanted -= wanted.mean(1, keepdims=True)
    np.testing.assert_allclose(Fbank()(signal)[0].numpy(), wanted, rtol=0, atol=2e-3)


@pytest.mark.parametrize(("channels", "millions"), [(512, 6.2), (1024, 14.7)])
def test_full_size_networks_are_as_large_as_published(channels: int, millions: float) -> None:
    network = ECAPATDNN(channels)
    assert sum(p.numel() for p in network.parameters()) / 1e6 == pytest.approx(millions, abs=0.06)
    assert network.eval()(torch.randn(1, 16_000)).shape == (1, 192)


def test_neither_gain_nor_a_constant_colour_changes_the_features() -> None:
    fbank, signal = Fbank(), torch.randn(1, 8000)
    torch.testing.assert_close(fbank(0.01 * signal), fbank(signal), rtol=0, atol=1e-3)


def test_a_gradient_reaches_the_samples_even_in_silence() -> None:
    encoder = ECAPATDNN(16, 24).eval()
    silence = torch.zeros(1, 4000, requires_grad=True)
    encoder(silence).sum().backward()
    assert silence.grad is not None and silence.grad.isfinite().all()
    voice = (0.1 * torch.randn(1, 4000)).requires_grad_()
    encoder(voice)[0, 0].backward()
    assert voice.grad is not None and voice.grad.abs().sum() > 0
