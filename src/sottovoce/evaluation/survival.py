"""What a protected file may go through on its way to whoever listens to it."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from sottovoce.audio.batch import map_rows
from sottovoce.channels import AdditiveNoise, BandPass, Codec, MedianSmoothing, Quantization, Room, Telephone
from sottovoce.channels.simulated import simulated_rooms
from sottovoce.errors import SottovoceError


class Survival(NamedTuple):
    """Channels by name, in the order of a table, and those that cannot be had here."""

    channels: dict[str, nn.Module]
    """Modules from waveforms at 16 kHz to waveforms of the same shape, which give the same for the same input."""
    missing: dict[str, str]
    """By name, what is not installed and the command that brings it, in one line."""


class SameNoise(nn.Module):
    """`AdditiveNoise` that is drawn anew from the same seed for each row: an original and its copy meet the same noise.

    Args:
        snr: mean power of each row, without its mean, over that of the noise, in dB.
        seed: seed of the noise.

    Example:
        >>> noise, tone = SameNoise(25.0), 0.1 * torch.sin(torch.arange(1600.0)).expand(2, -1)
        >>> torch.equal(noise(tone)[0], noise(tone)[1])
        True
    """

    def __init__(self, snr: float = 25.0, seed: int = 0) -> None:
        super().__init__()
        self.snr, self.seed = snr, seed

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """`(batch, samples)` to the same shape, zero in the padding."""
        return map_rows(lambda rows: torch.cat([self._noisy(row[None]) for row in rows]), waveforms, lengths)

    def _noisy(self, row: Tensor) -> Tensor:
        noisy: Tensor = AdditiveNoise(self.snr, generator=torch.Generator().manual_seed(self.seed))(row)
        return noisy


def survival_channels(*, rooms: Tensor | None = None, seed: int = 0) -> Survival:
    """The codecs of files, calls and messages, the purifiers of Guo et al. (2024, section 4.4), and rooms.

    Two of the three purifiers are "noise 25 dB" (their audio turbulence) and "8 bit" (their quantisation, in steps of
    256); the third is "median of 3".

    Args:
        rooms: impulse responses at 16 kHz, `(taps,)` or `(rooms, taps)`, each of which is a channel of its own
            (default: one simulated room).
        seed: seed of the noise and of the simulated room.

    Raises:
        ValueError: the responses are not finite.

    Example:
        >>> channels, missing = survival_channels(rooms=torch.tensor([[1.0, 0.5], [1.0, 0.3]]))
        >>> [name for name in {**channels, **missing} if name.startswith("room")]
        ['room 1', 'room 2']
    """
    makers: dict[str, Callable[[], nn.Module]] = {
        "mp3 64 kbit/s": partial(Codec, "mp3", 64),
        "mp3 128 kbit/s": partial(Codec, "mp3", 128),
        "opus 16 kbit/s": partial(Codec, "opus", 16),
        "opus 24 kbit/s": partial(Codec, "opus", 24),
        "aac 64 kbit/s": partial(Codec, "aac", 64),
        "telephone 8 kHz": Telephone,
        "8 bit": partial(Quantization, 256),
        "noise 25 dB": partial(SameNoise, 25.0, seed),
        "low-pass 4 kHz": partial(BandPass, 0.0, 4000.0),
        "median of 3": partial(MedianSmoothing, 3),
    }
    if rooms is None:
        makers["room"] = lambda: Room(simulated_rooms(1, seed=seed))
    else:
        responses = rooms.reshape(-1, rooms.shape[-1])
        for number, response in enumerate(responses, start=1):
            makers["room" if len(responses) == 1 else f"room {number}"] = partial(Room, response)
    channels, missing = dict[str, nn.Module](), dict[str, str]()
    for name, make in makers.items():
        try:
            channels[name] = make()
        except SottovoceError as error:
            missing[name] = str(error)
    return Survival(channels, missing)
