"""What recognisers write of whole recordings, alone and behind an enhancer."""

import torch

from sottovoce.models.adapters import AsEnhancer
from sottovoce.models.chain import Chain
from sottovoce.protections.hearing import write, write_whole


class Reversed(torch.nn.Module):
    def forward(self, waveforms):
        return waveforms.flip(-1)


def noise(seconds: int) -> torch.Tensor:
    return 0.1 * torch.randn(1, 16_000 * seconds, generator=torch.Generator().manual_seed(0))


def test_a_short_recording_is_one_window(babbling) -> None:
    heard = noise(2)
    assert write(babbling, heard) == babbling.transcribe(heard)[0] == write_whole(babbling, heard[0])


def test_a_chain_hears_what_stands_in_front(babbling) -> None:
    heard = noise(2)
    behind = Chain(AsEnhancer(Reversed()), babbling)
    assert write(behind, heard) == babbling.transcribe(heard.flip(-1))[0] != write(babbling, heard)


def test_a_long_recording_is_heard_window_by_window(babbling, monkeypatch) -> None:
    sizes = list[int]()

    def transcribe(self, rows):
        sizes.append(rows.shape[-1])
        return [f"Part {len(sizes)}."]

    monkeypatch.setattr(type(babbling), "transcribe", transcribe)
    assert write_whole(babbling, noise(30)[0]) == "PART 1 PART 2" and max(sizes) < 30 * 16_000
