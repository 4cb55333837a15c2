"""Codecs: aligned speech, the bit rates that they name, and gradients that pass straight through."""

import shutil
from importlib.resources import as_file, files

import pytest
import scipy.signal
import torch

from sottovoce.audio import as_mono_16k, ffmpeg, read
from sottovoce.channels import Codec
from sottovoce.errors import SottovoceError
from sottovoce.metrics import si_sdr, snr

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
RATES = [("mp3", 40), ("mp3", 64), ("mp3", 128), ("mp3", 160), ("opus", 16), ("opus", 24), ("opus", 64)]
EVERY = [*RATES, pytest.param("aac", 64, marks=needs_ffmpeg)]


@pytest.fixture(scope="module")
def speech() -> torch.Tensor:
    with as_file(files("sottovoce") / "data" / "demo.wav") as path:
        return torch.from_numpy(as_mono_16k(read(path)))


@pytest.mark.parametrize(("name", "kbps"), EVERY)
def test_speech_comes_back_aligned_to_the_sample(name: str, kbps: int, speech: torch.Tensor) -> None:
    rows = torch.stack([speech[:60_001], speech[-60_001:]])
    decoded = Codec(name, kbps)(rows)
    assert decoded.shape == rows.shape and not torch.equal(decoded, rows)
    for row, heard in zip(rows.numpy(), decoded.numpy(), strict=True):
        correlation = scipy.signal.correlate(heard, row, method="fft")
        assert correlation.argmax() - (len(row) - 1) == 0
    assert (snr(rows, decoded) > 8).all(), "a delay of a single sample costs more than that"


@pytest.mark.parametrize(("name", "kbps"), EVERY)
def test_the_file_is_as_large_as_the_bit_rate_says(name: str, kbps: int, speech: torch.Tensor) -> None:
    long = speech.double().repeat(4).numpy()
    found = 8e-3 * len(Codec(name, kbps).encode(long)) / (len(long) / 16_000)
    assert found == pytest.approx(kbps, rel={"mp3": 0.05, "opus": 0.12, "aac": 0.18}[name])


@pytest.mark.parametrize(("name", "low", "high"), [("mp3", 40, 64), ("opus", 16, 64)])
def test_a_lower_bit_rate_is_worse(name: str, low: int, high: int, speech: torch.Tensor) -> None:
    poor, good = (si_sdr(speech[None], Codec(name, kbps)(speech[None])).item() for kbps in (low, high))
    assert poor < good - 3, "LAME plays softer by 5 % (0.4 dB), which is no loss"


@pytest.mark.parametrize(("name", "kbps"), EVERY)
def test_a_padded_row_gives_what_it_gives_alone_each_time(name: str, kbps: int, speech: torch.Tensor) -> None:
    codec, lengths = Codec(name, kbps), (9000, 4001, 1, 0)
    waveforms = torch.stack([speech[20_000:30_000]] * 4)
    together = codec(waveforms, torch.tensor(lengths))
    for row, heard, length in zip(waveforms, together, lengths, strict=True):
        assert torch.equal(heard[:length], codec(row[None, :length])[0])
        assert not (heard - row)[length:].add(row[length:]).any()


@pytest.mark.parametrize(("name", "kbps"), EVERY)
def test_silence_stays_silent(name: str, kbps: int) -> None:
    assert Codec(name, kbps)(torch.zeros(1, 8000)).abs().max() < 1e-4


def test_the_gradient_passes_straight_through(speech: torch.Tensor) -> None:
    waveforms = speech[None, :8000].clone().requires_grad_()
    weights = torch.randn(waveforms.shape, generator=torch.Generator().manual_seed(0))
    (Codec("opus", 16)(waveforms) * weights).sum().backward()
    torch.testing.assert_close(waveforms.grad, weights)


def test_without_ffmpeg_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SottovoceError, match="aac needs ffmpeg: apt install ffmpeg") as caught:
        Codec("aac", 64)
    assert "\n" not in str(caught.value)
    assert Codec("mp3", 64)(torch.zeros(1, 100)).shape == (1, 100), "MP3 and Opus need none"


@needs_ffmpeg
def test_ffmpeg_hears_the_same_in_the_files(tmp_path, speech: torch.Tensor) -> None:
    """Another decoder takes out the same delay."""
    for name, kbps, suffix in (("mp3", 64, ".mp3"), ("opus", 24, ".ogg"), ("aac", 64, ".m4a")):
        codec = Codec(name, kbps)
        (tmp_path / f"a{suffix}").write_bytes(codec.encode(speech.double().numpy()))
        ffmpeg.convert(tmp_path / f"a{suffix}", tmp_path / f"{name}.wav", "-c:a", "pcm_f32le", "-ar", "16000")
        other = torch.from_numpy(as_mono_16k(read(tmp_path / f"{name}.wav")))[: len(speech)]
        own = codec(speech[None])[:, : len(other)]
        assert snr(other[None], own).item() > 20, name
        assert len(other) == len(speech), name
