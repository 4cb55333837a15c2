"""SEGAN: the published shapes, any length, and filters against scipy's."""

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from sottovoce.audio import pad
from sottovoce.models.enhancers import SEGAN
from sottovoce.models.enhancers.segan import CHUNK, Discriminator, Generator, deemphasis, preemphasis

TINY = 1 / 32


@pytest.fixture(scope="module")
def network() -> SEGAN:
    torch.manual_seed(0)
    return SEGAN(width=TINY).eval()


def noise(*shape: int) -> Tensor:
    return 0.1 * torch.randn(*shape, generator=torch.Generator().manual_seed(shape[-1]))


def shapes(modules: nn.ModuleList, run: nn.Module, *inputs: Tensor) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """(channels, length) of what goes into each module and what comes out of it."""
    found = []
    for module in modules:
        module.register_forward_hook(
            lambda _, before, after: found.append((tuple(before[0].shape[1:]), tuple(after.shape[1:])))
        )
    run(*inputs)
    return found


def test_generator_has_the_published_shapes() -> None:
    with torch.device("meta"):
        generator = Generator()
        inputs = torch.zeros(1, 1, CHUNK), torch.zeros(1, 1024, 16)
    layers = [*generator.encoders, *generator.decoders]
    assert shapes(nn.ModuleList(layers), generator, *inputs) == [
        ((1, 16384 + 29), (64, 4096)),
        ((64, 4096 + 29), (128, 1024)),
        ((128, 1024 + 29), (256, 256)),
        ((256, 256 + 29), (512, 64)),
        ((512, 64 + 29), (1024, 16)),
        ((2048, 16), (512, 64 + 1)),  # the last sample of a decoder's output is dropped
        ((1024, 64), (256, 256 + 1)),
        ((512, 256), (128, 1024 + 1)),
        ((256, 1024), (64, 4096 + 1)),
        ((128, 4096), (1, 16384 + 1)),
    ]
    assert generator(*inputs).shape == (1, 1, CHUNK)
    assert {(layer.kernel_size, layer.stride) for layer in layers} == {((31,), (4,))}
    assert [skip.shape[0] for skip in generator.skips] == [64, 128, 256, 512]


def test_discriminator_has_the_published_shapes() -> None:
    with torch.device("meta"):
        discriminator = Discriminator()
        candidate = torch.zeros(2, 1, CHUNK)
    expected = [(64, 4096), (128, 1024), (256, 256), (512, 64), (1024, 16)]
    convolutions = nn.ModuleList(block[0] for block in discriminator.blocks)
    assert [layer.in_features for layer in discriminator.head if isinstance(layer, nn.Linear)] == [16384, 256, 128]
    found = []
    for convolution in convolutions:
        convolution.register_forward_hook(lambda _, __, after: found.append(tuple(after.shape[1:])))
    generator = torch.Generator().manual_seed(0)
    with torch.device("cpu"):  # the shifts are drawn for real
        assert discriminator(candidate, candidate, generator).shape == (2,)
    assert found == expected


def test_discriminator_shifts_follow_the_generator() -> None:
    torch.manual_seed(0)
    discriminator = Discriminator(TINY).eval()
    pair = noise(2, 1, CHUNK), noise(2, 1, CHUNK)
    first, again, other = (discriminator(*pair, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)


@torch.no_grad()
def test_skips_are_encoder_maps_before_the_activation_times_their_scales(network: SEGAN) -> None:
    generator, maps, inputs = network.generator, [], []
    handles = [layer.register_forward_hook(lambda _, __, after: maps.append(after)) for layer in generator.encoders]
    handles += [
        layer.register_forward_hook(lambda _, before, __: inputs.append(before[0])) for layer in generator.decoders
    ]
    scale = generator.skips[3].data.clone()
    generator.skips[3].data *= -2.5
    generator(noise(1, 1, CHUNK), network.z)
    generator.skips[3].data = scale
    for handle in handles:
        handle.remove()
    torch.testing.assert_close(inputs[0], torch.cat([network.z, maps[4].clamp(min=0)], 1))  # PReLU at its initial 0
    torch.testing.assert_close(inputs[1][:, 16:], -2.5 * maps[3])
    for level, channels in ((2, 8), (3, 4), (4, 2)):
        torch.testing.assert_close(inputs[level][:, channels:], maps[4 - level])
        assert maps[4 - level].min() < 0


@given(samples=st.integers(min_value=1, max_value=3000))
def test_emphasis_is_scipys_filter_and_is_undone(samples: int) -> None:
    waveform = noise(1, samples).double()
    expected = scipy.signal.lfilter([1, -0.95], [1], waveform.numpy())
    np.testing.assert_allclose(preemphasis(waveform).numpy(), expected, rtol=0, atol=1e-12)
    expected = scipy.signal.lfilter([1], [1, -0.95], waveform.numpy())
    np.testing.assert_allclose(deemphasis(waveform).numpy(), expected, rtol=0, atol=1e-9)
    torch.testing.assert_close(deemphasis(preemphasis(waveform)), waveform, rtol=0, atol=1e-9)


@settings(max_examples=10)
@given(samples=st.integers(min_value=1, max_value=3 * CHUNK))
def test_keeps_any_length(network: SEGAN, samples: int) -> None:
    with torch.no_grad():
        enhanced = network(noise(1, samples))
    assert enhanced.shape == (1, samples) and enhanced.isfinite().all()


@torch.no_grad()
def test_chunks_are_enhanced_apart_between_filters_over_the_whole(network: SEGAN) -> None:
    waveform = noise(1, 2 * CHUNK)
    emphasised = scipy.signal.lfilter([1, -0.95], [1], waveform[0].double().numpy())
    chunks = torch.from_numpy(emphasised).float().reshape(2, 1, 1, CHUNK)
    enhanced = torch.cat([network.generator(chunk, network.z)[0, 0] for chunk in chunks])
    expected = scipy.signal.lfilter([1], [1, -0.95], enhanced.double().numpy())
    np.testing.assert_allclose(network(waveform)[0].numpy(), expected, rtol=0, atol=1e-5)


@torch.no_grad()
def test_a_window_that_starts_on_a_seam_hears_what_the_whole_hears(network: SEGAN) -> None:
    """But for the emphasis filters' memory, which fades within a few hundred samples."""
    waveform = noise(1, 3 * CHUNK)
    whole, window = network(waveform)[:, network.seam + 2000 :], network(waveform[:, network.seam :])[:, 2000:]
    assert (whole - window).abs().max() < 0.05 * whole.abs().max()


@torch.no_grad()
def test_a_padded_row_is_enhanced_as_it_is_alone(network: SEGAN) -> None:
    rows = [noise(size) for size in (CHUNK + 1, 1, 2 * CHUNK, 5000)]
    enhanced = network(*pad(rows))
    for row, together in zip(rows, enhanced, strict=True):
        torch.testing.assert_close(together[: len(row)], network(row[None])[0], rtol=0, atol=1e-5)
        assert (together[len(row) :] == 0).all()


def test_latent_noise_is_fixed_by_its_seed() -> None:
    first, same, other = SEGAN(TINY, z_seed=1), SEGAN(TINY, z_seed=1), SEGAN(TINY, z_seed=2)
    assert torch.equal(first.z, same.z) and not torch.equal(first.z, other.z)
    assert first.z.shape == (1, 32, 16)


def test_gradients_reach_every_sample_and_no_padding(network: SEGAN) -> None:
    batch, lengths = pad([noise(CHUNK + 100), noise(6000)])
    batch.requires_grad_()
    network(batch, lengths).square().sum().backward()
    assert batch.grad is not None and batch.grad.isfinite().all()
    assert (batch.grad[1, :6000] != 0).float().mean() > 0.99 and (batch.grad[1, 6000:] == 0).all()
    network.zero_grad()
