"""The channels of a survival table: all are there or said to be missing, and give the same each time."""

import importlib.util
import shutil

import pytest
import torch

from sottovoce.channels import Room
from sottovoce.evaluation import survival
from sottovoce.evaluation.survival import SameNoise, survival_channels
from sottovoce.metrics import snr

NAMES = [
    *("mp3 64 kbit/s", "mp3 128 kbit/s", "opus 16 kbit/s", "opus 24 kbit/s", "aac 64 kbit/s", "telephone 8 kHz"),
    *("8 bit", "noise 25 dB", "low-pass 4 kHz", "median of 3", "room"),
]
RESPONSES = torch.tensor([[0.0, 1.0, 0.6], [1.0, 0.0, -0.3]])
HUM = torch.sin(torch.arange(8000) * torch.tensor([[0.05], [0.3]])) * torch.tensor([[0.3], [0.05]])


def test_every_channel_is_there_or_said_to_be_missing() -> None:
    channels, missing = survival_channels()
    assert [name for name in NAMES if name not in missing] == list(channels)
    assert ("aac 64 kbit/s" in missing) == (shutil.which("ffmpeg") is None)
    assert ("room" in missing) == (importlib.util.find_spec("pyroomacoustics") is None)
    assert set(missing) <= {"aac 64 kbit/s", "room"}


def test_what_is_missing_comes_with_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sottovoce.channels.simulated.find_spec", lambda name: None)
    channels, missing = survival_channels()
    assert list(channels) == [name for name in NAMES if name not in missing] and list(missing) == [NAMES[4], "room"]
    assert "apt install ffmpeg" in missing["aac 64 kbit/s"] and "pip install" in missing["room"]
    assert not any("\n" in reason for reason in missing.values())


def test_given_rooms_are_channels_and_need_no_simulation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survival, "simulated_rooms", lambda *_, **__: pytest.fail("not asked for"))
    one, two = survival_channels(rooms=RESPONSES[0]).channels, survival_channels(rooms=RESPONSES).channels
    assert list(one)[-1] == "room" and list(two)[-2:] == ["room 1", "room 2"]
    torch.testing.assert_close(two["room 2"](HUM), Room(RESPONSES[1])(HUM))


def test_each_gives_the_same_each_time_alone_and_in_a_batch_and_changes_something() -> None:
    channels, lengths = survival_channels(rooms=RESPONSES[:1]).channels, torch.tensor([8000, 6001])
    waveforms = HUM.clone()
    waveforms[1, 6001:] = 0.0
    for name, channel in channels.items():
        together = channel(waveforms, lengths)
        assert torch.equal(channel(waveforms, lengths), together), name
        assert together.shape == waveforms.shape and not together[1, 6001:].any(), name
        alone = channel(waveforms[1:, :6001])
        torch.testing.assert_close(together[1:, :6001], alone, rtol=0, atol=1e-6, msg=name)
        assert not torch.equal(together[:1], waveforms[:1]), name
        assert snr(waveforms, together, lengths).min() > -3, f"{name}: not aligned"


def test_an_original_and_its_copy_meet_the_same_noise_and_another_seed_another() -> None:
    copies = torch.stack([HUM[0], HUM[0] + 1e-3 * HUM[1]])
    noise = SameNoise(25.0, 1)(copies) - copies
    assert snr(copies, copies + noise).tolist() == pytest.approx([25.0, 25.0], abs=0.2)
    torch.testing.assert_close(noise[0], noise[1], rtol=0.01, atol=1e-4)
    other = SameNoise(25.0, 2)(copies) - copies
    assert torch.nn.functional.cosine_similarity(noise[0], other[0], dim=0).abs() < 0.1
    seeded = survival_channels(rooms=RESPONSES, seed=1).channels["noise 25 dB"]
    assert torch.equal(seeded(copies), SameNoise(25.0, 1)(copies))
