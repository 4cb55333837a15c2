import importlib.metadata
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from benchmarks.mixtures import Mixtures
from sottovoce.audio.batch import pad
from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers import WebRTC, webrtc

needs_package = pytest.mark.skipif(find_spec("webrtc_noise_gain") is None, reason="no webrtc_noise_gain")


def noise(*sizes: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(4)
    return [0.1 * torch.randn(size, generator=generator) for size in sizes]


@needs_package
def test_is_the_streaming_processor_6_ms_earlier() -> None:
    processor = pytest.importorskip("webrtc_noise_gain").AudioProcessor(0, 3)
    samples = (noise(4800)[0] * 32768).round().to(torch.int16)
    said, rest = b"", samples.numpy().tobytes()
    while rest:
        said, rest = said + processor.Process10ms(rest[:320]).audio, rest[320:]
    expected = torch.from_numpy(np.frombuffer(said, np.int16).copy())[96:] / 32768
    assert torch.equal(WebRTC()(samples[None] / 32768)[0, :-96], expected)


@needs_package
@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_the_output_is_aligned_with_the_input(level: int, lags: Callable[[Tensor, Tensor], list[int]]) -> None:
    waveforms = torch.stack(noise(16_000, 16_000))
    assert lags(WebRTC(level)(waveforms), waveforms) == [0, 0]


@needs_package
def test_each_level_takes_more_noise_off() -> None:
    (row,) = noise(32_000)
    left = [WebRTC(level)(row[None])[0, 16_000:].square().mean() for level in (1, 2, 3, 4)]
    assert left == sorted(left, reverse=True) and left[0] < 0.5 * row.square().mean()


@needs_package
def test_what_it_does_to_real_speech(
    speech_in_noise: Mixtures, quality: Callable[[Mixtures, Tensor], tuple[float, float]]
) -> None:
    enhanced = WebRTC.pretrained()(speech_in_noise.noisy, speech_in_noise.lengths)
    # The high-pass filter turns the phase of low voices, which the SI-SDR takes for noise.
    assert quality(speech_in_noise, enhanced) == (pytest.approx(1.9, abs=0.2), pytest.approx(1.49, abs=0.05))


@needs_package
def test_a_padded_batch_gives_what_its_rows_give_one_by_one() -> None:
    enhancer, rows = WebRTC(), noise(1500, 1, 160, 0, 161)
    waveforms, lengths = pad(rows)
    waveforms = waveforms + (torch.arange(1500) >= lengths[:, None])  # what lies in the padding must not matter
    enhanced = enhancer(waveforms, lengths)
    assert enhanced.shape == waveforms.shape and enhanced.dtype == torch.float32
    for row, found in zip(rows, enhanced, strict=True):
        assert torch.equal(found[: len(row)], enhancer(row[None])[0])
        assert not found[len(row) :].any()


@needs_package
@settings(max_examples=10)
@given(st.integers(0, 2000))
def test_keeps_the_shape(samples: int) -> None:
    assert WebRTC()(torch.zeros(1, samples)).shape == (1, samples)


@needs_package
def test_loud_samples_do_not_wrap_around() -> None:
    square = torch.sign(torch.sin(torch.arange(8000) / 20))[None]
    correlation = (WebRTC(1)(1.5 * square) * square).mean()
    assert correlation > 0


@needs_package
def test_has_no_gradient() -> None:
    enhancer = WebRTC()
    assert not enhancer.differentiable and not enhancer(noise(600)[0][None].requires_grad_()).requires_grad


def test_an_unknown_level_and_a_missing_package_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SottovoceError, match="no level 5"):
        WebRTC(5)

    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(webrtc, "version", missing)
    with pytest.raises(SottovoceError, match="pip install"):
        WebRTC()
