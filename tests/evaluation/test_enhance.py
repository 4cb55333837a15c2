"""Enhanced files keep the format of the noisy ones, and each channel is the enhancer's output for it."""

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce.audio import files
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.enhance import enhance, enhance_file, load_enhancers
from sottovoce.models.enhancers import load_enhancer


class Gain(torch.nn.Module):
    """Amplifies, and records the peak of its input."""

    def __init__(self, gain: float) -> None:
        super().__init__()
        self.gain, self.loudest = gain, 0.0

    def forward(self, waveforms, lengths=None):
        self.loudest = waveforms.abs().max().item()
        return self.gain * waveforms


def ignore(share: float) -> None:
    """Ignore progress."""


@settings(max_examples=12)
@given(
    rate=st.sampled_from([8000, 16_000, 22_050, 44_100]),
    frames=st.integers(1, 4000),
    channels=st.integers(1, 2),
    subtype=st.sampled_from(["PCM_16", "PCM_24", "FLOAT"]),
)
def test_rate_length_channels_and_subtype_stay(tmp_path_factory, tiny, rate, frames, channels, subtype) -> None:
    folder = tmp_path_factory.mktemp("sounds")
    samples = 0.1 * np.random.default_rng(frames).normal(size=(frames, channels))
    soundfile.write(folder / "noisy.wav", samples, rate, subtype=subtype)
    enhance_file(folder / "noisy.wav", folder / "clean.wav", load_enhancer(tiny), ignore)
    before, after = (soundfile.info(folder / f"{name}.wav") for name in ("noisy", "clean"))
    assert (before.samplerate, before.frames, before.channels, before.subtype) == (
        after.samplerate,
        after.frames,
        after.channels,
        after.subtype,
    )


@torch.no_grad()
def test_every_channel_is_enhanced_by_itself(tmp_path, tiny) -> None:
    enhancer, samples = load_enhancer(tiny), 0.1 * np.random.default_rng(0).normal(size=(5000, 2))
    soundfile.write(tmp_path / "noisy.wav", samples, 16_000, subtype="FLOAT")
    line = enhance_file(tmp_path / "noisy.wav", tmp_path / "clean.wav", enhancer, ignore)
    written, _ = soundfile.read(tmp_path / "clean.wav", dtype="float32")
    expected = enhancer(torch.from_numpy(samples.T).float())
    np.testing.assert_allclose(written.T, expected.numpy(), atol=1e-5)
    assert line.endswith("clean.wav: enhanced")


def test_float_files_above_full_scale_keep_their_level_and_others_are_clipped(tmp_path) -> None:
    twice, samples = Gain(2.0), np.linspace(-1.6, 1.6, 4000)
    soundfile.write(tmp_path / "loud.wav", samples, 16_000, subtype="FLOAT")
    enhance_file(tmp_path / "loud.wav", tmp_path / "out.wav", twice, ignore)
    np.testing.assert_allclose(soundfile.read(tmp_path / "out.wav")[0], 2 * samples, atol=1e-5)
    assert twice.loudest == pytest.approx(1.0)  # networks hear nothing above full scale
    soundfile.write(tmp_path / "loud.wav", 0.5 * samples, 16_000, subtype="PCM_16")
    enhance_file(tmp_path / "loud.wav", tmp_path / "out.wav", twice, ignore)
    np.testing.assert_allclose(soundfile.read(tmp_path / "out.wav")[0], samples.clip(-1, 1), atol=1e-4)


def test_progress_is_told_after_every_channel(sound, tmp_path) -> None:
    shares: list[float] = []
    enhance_file(sound(channels=2), tmp_path / "out.wav", Gain(1.0), shares.append)
    assert shares == [0.5, 1.0]


def test_the_noisy_file_is_not_its_own_target(tmp_path, tiny, sound) -> None:
    path = sound("a.wav")
    with pytest.raises(SottovoceError, match="itself"):
        enhance_file(path, path, load_enhancer(tiny), ignore)


def test_enhancing_in_windows_is_enhancing_the_whole(tiny, sound) -> None:
    enhancer = load_enhancers([tiny])[tiny]
    signal = torch.from_numpy(files.as_mono_16k(files.read(sound(seconds=45.0))))
    with torch.no_grad():
        whole = enhancer(signal[None])[0]
    difference = (enhance(enhancer, signal) - whole).abs()
    assert difference.max() < 0.05 * whole.abs().max()
    assert difference.square().sum() < 1e-4 * whole.square().sum()


@torch.no_grad()
def test_enhancers_can_be_chained_and_nothing_else_is_one(tiny, sound) -> None:
    name, single = f"{tiny}+{tiny}", load_enhancer(tiny)
    signal = torch.from_numpy(files.as_mono_16k(files.read(sound())))
    twice = enhance(load_enhancers([name])[name], signal)
    torch.testing.assert_close(twice, single(single(signal[None]))[0])
    for other in ("ecapa-tdnn", f"{tiny}+deep-speech"):
        with pytest.raises(SottovoceError, match="not an enhancer"):
            load_enhancers([other])
