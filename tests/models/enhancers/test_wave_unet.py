"""Wave-U-Net and U-Net_At: sizes, segments, causality of the attention."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.models.enhancers.wave_unet import SEGMENT, Attention, WaveUNet


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "attention"])
def network(request) -> WaveUNet:
    torch.manual_seed(0)
    return WaveUNet(levels=8, attention=request.param, width=1 / 24).eval()


def test_the_layers_are_the_published_ones() -> None:
    network = WaveUNet()
    assert [conv.out_channels for conv in network.down] == [24 * level for level in range(1, 10)]
    assert network.between.out_channels == 240
    assert [(block.conv.in_channels, block.conv.out_channels) for block in network.up] == [
        (24 * (level + 1) + 24 * level, 24 * level) for level in range(9, 0, -1)
    ]
    attending = WaveUNet(levels=8, attention=True)
    assert [block.attention is not None for block in attending.up] == [True] * 4 + [False] * 4


@torch.no_grad()
def test_both_parts_have_the_segments_shape(network) -> None:
    assert network.separate(torch.rand(2, SEGMENT) - 0.5).shape == (2, 2, SEGMENT)


@torch.no_grad()
def test_the_innermost_layer_of_a_fresh_network_hears_as_much_as_the_first() -> None:
    torch.manual_seed(0)
    network, heard = WaveUNet(levels=8, width=0.25), []
    network.between.register_forward_hook(lambda _, __, output: heard.append(output.square().mean().sqrt()))
    network.separate(torch.randn(1, SEGMENT))
    assert 0.5 < heard[0] < 2.0


@torch.no_grad()
@given(samples=st.integers(1, 3 * SEGMENT))
def test_any_length_comes_back(network, samples) -> None:
    waveforms = 0.1 * torch.randn(1, samples, generator=torch.Generator().manual_seed(samples))
    enhanced = network(waveforms)
    assert enhanced.shape == waveforms.shape and enhanced.isfinite().all()


@torch.no_grad()
def test_the_last_segment_ends_with_the_recording(network) -> None:
    waveform = 0.1 * torch.randn(1, SEGMENT + 5000, generator=torch.Generator().manual_seed(0))
    enhanced = network(waveform)
    first, last = network.separate(waveform[:, :SEGMENT])[:, 0], network.separate(waveform[:, -SEGMENT:])[:, 0]
    torch.testing.assert_close(enhanced[:, :SEGMENT], first)
    torch.testing.assert_close(enhanced[:, SEGMENT:], last[:, -5000:])


@torch.no_grad()
def test_a_row_in_a_batch_gives_what_it_gives_alone(network) -> None:
    waveforms, lengths = 0.1 * torch.randn(2, 20_000), torch.tensor([20_000, 9_000])
    together = network(waveforms, lengths)
    torch.testing.assert_close(together[1:, :9_000], network(waveforms[1:, :9_000]), rtol=1e-4, atol=1e-6)
    assert not together[1, 9_000:].any()


@torch.no_grad()
def test_attention_does_not_look_ahead() -> None:
    torch.manual_seed(0)
    attention, hidden = Attention(8), torch.randn(1, 8, 50)
    later = hidden.clone()
    later[..., 30:] += 1
    before, after = attention(hidden), attention(later)
    torch.testing.assert_close(before[..., :30], after[..., :30])
    assert not torch.allclose(before[..., 30:], after[..., 30:])
