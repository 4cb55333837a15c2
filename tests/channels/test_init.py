"""What all channels have in common."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from sottovoce.channels import (
    G711,
    AdditiveNoise,
    BandPass,
    Codec,
    MedianSmoothing,
    OneOf,
    Quantization,
    RandomEqualizer,
    RandomShift,
    Room,
    Telephone,
)

SIZES = (1500, 1501, 900)
CHANNELS = {
    "band-pass": BandPass(),
    "codec": Codec("mp3", 64),
    "g711": G711("a"),
    "median": MedianSmoothing(5),
    "quantization": Quantization(),
    "room": Room(torch.tensor([0.1, 1.0, -0.5, 0.2])),
    "telephone": Telephone(),
}
NOISE = AdditiveNoise(generator=torch.Generator().manual_seed(0))
RANDOM = {
    "noise": NOISE,
    "equalizer": RandomEqualizer(generator=torch.Generator().manual_seed(0)),
    "shift": RandomShift(generator=torch.Generator().manual_seed(0)),
    "one of": OneOf([NOISE, Quantization()], generator=torch.Generator().manual_seed(0)),
}


def padded(width: int) -> tuple[torch.Tensor, torch.Tensor]:
    waveforms = 0.1 * torch.randn(len(SIZES), width, generator=torch.Generator().manual_seed(0))
    for row, size in zip(waveforms, SIZES, strict=True):
        row[size:] = 0.0
    return waveforms, torch.tensor(SIZES)


@pytest.mark.parametrize("channel", [*CHANNELS.values(), *RANDOM.values()], ids=[*CHANNELS, *RANDOM])
@pytest.mark.parametrize("width", [max(SIZES), 2000])
@pytest.mark.parametrize("rows", [slice(0, 3), slice(0, 1)], ids=["three lengths", "one length"])
def test_a_batch_keeps_its_shape_and_silent_padding(channel: nn.Module, width: int, rows: slice) -> None:
    waveforms, lengths = padded(width)
    heard = channel(waveforms[rows], lengths[rows])
    assert heard.shape == waveforms[rows].shape
    for row, size in zip(heard, SIZES, strict=False):
        assert row[:size].any() and not row[size:].any()


@pytest.mark.parametrize("channel", CHANNELS.values(), ids=CHANNELS)
@pytest.mark.parametrize("width", [max(SIZES), 2000])
def test_a_padded_row_gives_what_it_gives_alone(channel: nn.Module, width: int) -> None:
    waveforms, lengths = padded(width)
    together = channel(waveforms, lengths)
    for number, size in enumerate(SIZES):
        alone = channel(waveforms[number : number + 1, :size])
        torch.testing.assert_close(together[number : number + 1, :size], alone, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: Codec("wma"), "name must be one of mp3, opus, aac; got 'wma'"),
        (lambda: Codec("opus", 0), "kbps must be an integer of at least 1; got 0"),
        (lambda: Codec("opus", 500), "kbps must be from 8 to 256 for opus; got 500"),
        (lambda: Codec("mp3", 100), "kbps must be one of .40, 48, .* 160. for mp3; got 100"),
        (lambda: G711("x"), "law must be one of mu, a; got 'x'"),
        (lambda: Telephone(high=5000.0), "high must be below 4000 Hz, half the telephone's rate; got 5000.0"),
        (lambda: MedianSmoothing(4), "size must be odd; got 4"),
        (lambda: MedianSmoothing(0), "size must be an integer of at least 1; got 0"),
        (lambda: Quantization(0), "step must be an integer of at least 1; got 0"),
        (lambda: AdditiveNoise(float("nan"), generator=torch.Generator()), "snr must be a finite number; got nan"),
        (lambda: AdditiveNoise(25.0, generator=3), "generator must be a torch.Generator; got 3"),
        (lambda: OneOf([], generator=torch.Generator()), "modules must hold at least one"),
        (lambda: RandomEqualizer(-1.0, generator=torch.Generator()), "spread must be a finite number of at least 0"),
        (lambda: RandomShift(0, generator=torch.Generator()), "most must be an integer of at least 1; got 0"),
        (lambda: BandPass(4000.0, 1000.0), "high must be a finite number above 4000; got 1000.0"),
        (lambda: BandPass(-1.0), "low must be a finite number of at least 0; got -1.0"),
        (lambda: Room(torch.tensor([1.0, torch.inf])), "responses must be finite samples"),
        (lambda: Room(torch.zeros(0)), "responses must be finite samples; got .0,."),
    ],
)
def test_what_no_channel_can_be_made_of_is_refused(make: Callable[[], nn.Module], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        make()
