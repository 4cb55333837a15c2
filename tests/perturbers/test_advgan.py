"""The keyword generator and its discriminator: published sizes, any length, targets."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.errors import SottovoceError
from sottovoce.metrics import snr
from sottovoce.perturbers import AdvGAN
from sottovoce.perturbers.advgan import Discriminator

LABELS = ("yes", "no", "up")


@pytest.fixture(scope="module")
def network() -> AdvGAN:
    torch.manual_seed(0)
    return AdvGAN(LABELS, width=1 / 16, limit=0.1).eval()


def test_the_layers_are_the_published_ones() -> None:
    network = AdvGAN(("yes",))
    assert [layer.out_channels for layer in network.down] == [16, 32, 32, 64, 64, 128, 128, 256]
    shapes = [(layer.in_channels, layer.out_channels) for layer in network.up]
    assert shapes == [(256, 128), (256, 128), (256, 64), (128, 64), (128, 32), (64, 32), (64, 16), (32, 1)]
    assert sum(p.numel() == 1 for m in network.activations for p in m.parameters()) == 15
    judge = [m for m in Discriminator().modules() if isinstance(m, torch.nn.Conv1d)]
    assert [m.out_channels for m in judge] == [32, 64, 64, 128, 128, 256, 256, 512, 512, 1024, 2048, 1]


@torch.no_grad()
@given(samples=st.integers(1, 1500))
def test_any_length_comes_back_within_the_limit(network, samples) -> None:
    waveforms = torch.rand(2, samples) * 2 - 1
    changed = network(waveforms, targets=torch.tensor([0, 2]))
    assert changed.shape == waveforms.shape
    assert (changed - waveforms).abs().max() <= 0.1 + 1e-6 and changed.abs().max() <= 1


@torch.no_grad()
def test_a_row_in_a_batch_gives_what_it_gives_alone(network) -> None:
    waveforms, lengths, targets = torch.rand(3, 900) - 0.5, torch.tensor([900, 500, 900]), torch.tensor([0, 1, 2])
    together = network(waveforms, lengths, targets)
    for row, length in enumerate(lengths.tolist()):
        alone = network(waveforms[row : row + 1, :length], targets=targets[row : row + 1])
        torch.testing.assert_close(together[row : row + 1, :length], alone, rtol=1e-4, atol=1e-6)
        assert not together[row, length:].any()


@torch.no_grad()
def test_the_target_matters_and_has_to_be_said(network) -> None:
    waveform = torch.rand(1, 1000) - 0.5
    one, other = (network(waveform, targets=torch.tensor([target])) for target in (0, 1))
    assert not torch.allclose(one, other)
    with pytest.raises(SottovoceError, match="yes, no, up"):
        network(waveform)
    with pytest.raises(SottovoceError, match="choose yes"):
        network.label_number("down")


@torch.no_grad()
def test_a_generator_for_one_target_needs_none_said() -> None:
    network = AdvGAN(("yes",), width=1 / 16).eval()
    assert network(torch.rand(1, 300)).shape == (1, 300)


@torch.no_grad()
@pytest.mark.parametrize("levelled", [True, False])
def test_an_offset_makes_no_perturbation_louder(levelled) -> None:
    torch.manual_seed(0)
    network = AdvGAN(LABELS, width=1 / 16, snr=20.0, levelled=levelled).eval()
    clip = 0.05 * torch.sin(torch.arange(1600.0))[None]
    for offset in (0.0, 0.5):
        change = network(clip + offset, targets=torch.tensor([1])) - (clip + offset)
        assert change.square().sum() <= 0.01 * (clip - clip.mean()).square().sum() * (1 + 1e-3)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"limit": 0.0}, "limit must be a finite number above 0; got 0.0"),
        ({"limit": float("nan")}, "limit must be a finite number above 0; got nan"),
        ({"snr": float("inf")}, "snr must be a finite number; got inf"),
    ],
)
def test_limits_out_of_range_are_refused(settings, complaint) -> None:
    with pytest.raises(ValueError, match=complaint):
        AdvGAN(("yes",), width=1 / 16, **settings)


@torch.no_grad()
def test_the_discriminator_takes_a_clip_of_a_second() -> None:
    assert Discriminator(width=1 / 32).eval()(torch.rand(3, 16_000)).shape == (3,)


@torch.no_grad()
@pytest.mark.parametrize("gain", [0.02, 0.3, 1.0])
def test_a_levelled_perturbation_is_as_loud_as_the_clip(gain) -> None:
    network = AdvGAN(LABELS, width=1 / 16, limit=1.0).eval()
    clip, target = 0.05 * torch.randn(1, 600, generator=torch.Generator().manual_seed(0)), torch.tensor([1])
    torch.testing.assert_close(network.perturbation(gain * clip, target), gain * network.perturbation(clip, target))


@torch.no_grad()
def test_without_levelling_the_network_hears_the_clip_as_it_is() -> None:
    network = AdvGAN(LABELS, width=1 / 16, levelled=False).eval()
    clip, target = torch.full((1, 600), 0.3), torch.tensor([1])
    assert (network.gains(clip) == 1).all()
    assert not torch.allclose(network.perturbation(0.1 * clip, target), 0.1 * network.perturbation(clip, target))


@torch.no_grad()
@pytest.mark.parametrize("floor", [10.0, 30.0])
def test_no_clip_goes_below_the_lowest_snr(floor) -> None:
    torch.manual_seed(0)
    network = AdvGAN(LABELS, width=1 / 16, snr=floor).eval()
    clips = torch.tensor([[0.1], [0.01], [0.0]]) * torch.randn(3, 600)
    changed = network(clips, targets=torch.tensor([0, 1, 2]))
    assert (snr(clips[:2], changed[:2]) >= floor - 1e-3).all()
    assert not changed[2].any()
    assert AdvGAN(**network.config).config == network.config
