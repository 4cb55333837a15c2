"""MetricGAN+: the published size, any length, and batches that change nothing."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from sottovoce.audio import pad
from sottovoce.audio.spectral import STFT
from sottovoce.models.enhancers import MetricGANPlus
from sottovoce.models.enhancers.metricgan import Discriminator


@pytest.fixture(scope="module")
def network() -> MetricGANPlus:
    torch.manual_seed(0)
    return MetricGANPlus().eval()


def noise(*shape: int) -> Tensor:
    return 0.1 * torch.randn(*shape, generator=torch.Generator().manual_seed(shape[-1]))


def test_has_as_many_parameters_as_published(network: MetricGANPlus) -> None:
    assert sum(parameter.numel() for parameter in network.parameters()) == 1_895_514


@settings(max_examples=15)
@given(samples=st.integers(min_value=1, max_value=5000))
def test_keeps_any_length(network: MetricGANPlus, samples: int) -> None:
    with torch.no_grad():
        enhanced = network(noise(1, samples))
    assert enhanced.shape == (1, samples) and enhanced.isfinite().all()


@torch.no_grad()
def test_a_padded_row_is_enhanced_as_it_is_alone(network: MetricGANPlus) -> None:
    rows = [noise(size) for size in (3001, 1, 5000, 256, 257)]
    batch, lengths = pad(rows)
    enhanced = network(batch, lengths)
    for row, together in zip(rows, enhanced, strict=True):
        torch.testing.assert_close(together[: len(row)], network(row[None])[0], rtol=0, atol=1e-6)
        assert (together[len(row) :] == 0).all()


@torch.no_grad()
def test_mask_stays_between_its_bounds_and_multiplies_the_features(network: MetricGANPlus) -> None:
    waveforms = noise(2, 4000)
    spectrum = network.stft(waveforms)
    features, mask = network.mask(spectrum, None)
    assert features.shape == mask.shape == (2, 17, 257)
    assert 0 < mask.min() < 0.6 < mask.max() < 1.2
    enhanced = torch.polar(torch.expm1(torch.log1p(spectrum.abs()) * mask.transpose(1, 2)), spectrum.angle())
    torch.testing.assert_close(network(waveforms), STFT().inverse(enhanced, 4000), rtol=0, atol=1e-5)


@torch.no_grad()
def test_slopes_are_clamped(network: MetricGANPlus) -> None:
    features = torch.rand(1, 10, 257)
    steep = MetricGANPlus()
    steep.load_state_dict(network.state_dict())
    masks = []
    for slope in (3.5, 100.0):
        steep.estimator.slope.fill_(slope)
        masks.append(steep.estimator(features, None))
    assert torch.equal(*masks)


def test_gradients_reach_every_sample_and_weight_and_no_padding(network: MetricGANPlus) -> None:
    batch, lengths = pad([noise(1500), noise(1000)])
    batch.requires_grad_()
    network(batch, lengths).square().sum().backward()
    assert batch.grad is not None and batch.grad.isfinite().all()
    assert (batch.grad[1, :1000] != 0).float().mean() > 0.99 and (batch.grad[1, 1000:] == 0).all()
    assert all(parameter.grad is not None for parameter in network.parameters())
    network.zero_grad()


@torch.no_grad()
def test_silence_stays_silent(network: MetricGANPlus) -> None:
    assert network(torch.zeros(1, 1000)).abs().max() < 1e-6


@pytest.mark.parametrize("frames", [17, 63])
def test_discriminator_gives_a_score_a_row_and_compares_in_order(frames: int) -> None:
    torch.manual_seed(0)
    discriminator = Discriminator().eval()
    judged, reference = torch.rand(3, frames, 257), torch.rand(3, frames, 257)
    scores = discriminator(judged, reference)
    assert scores.shape == (3,)
    assert not torch.allclose(scores, discriminator(reference, judged))


def test_discriminator_is_spectrally_normalised() -> None:
    torch.manual_seed(0)
    discriminator = Discriminator()
    for _ in range(20):  # power iterations happen in training passes
        discriminator(torch.rand(1, 17, 257), torch.rand(1, 17, 257))
    layers = [*discriminator.convolutions, *discriminator.head]
    norms = [torch.linalg.matrix_norm(layer.weight.flatten(1), 2).item() for layer in layers]
    assert len(norms) == 7 and norms == pytest.approx([1.0] * 7, abs=0.02)
