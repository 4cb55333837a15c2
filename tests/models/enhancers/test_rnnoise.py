import importlib.util
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from benchmarks.mixtures import Mixtures
from sottovoce.audio.batch import pad
from sottovoce.audio.resampling import resample
from sottovoce.errors import SottovoceError
from sottovoce.metrics import si_sdr
from sottovoce.models.enhancers import RNNoise

needs_package = pytest.mark.skipif(find_spec("pyrnnoise") is None, reason="no pyrnnoise")


@pytest.fixture(scope="module")
def rnnoise() -> RNNoise:
    return RNNoise.pretrained()


def noise(*sizes: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(4)
    return [0.1 * torch.randn(size, generator=generator) for size in sizes]


def streamed(waveform: Tensor) -> Tensor:
    """What the package's own wrapper of the library gives, without its 20 ms."""
    folder = Path(find_spec("pyrnnoise").origin).parent
    spec = importlib.util.spec_from_file_location("its_wrapper", folder / "rnnoise.py")  # its package needs PyAV
    wrapper = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(wrapper)
    state = wrapper.create()
    heard = np.pad(resample(waveform.numpy(), 16_000, 48_000), (0, 960))
    heard = np.pad(heard, (0, -len(heard) % 480))
    frames = [wrapper.process_mono_frame(state, frame)[0] for frame in heard.reshape(-1, 480)]
    wrapper.destroy(state)
    return torch.from_numpy(resample(np.concatenate(frames)[960:] / 32768.0, 48_000, 16_000, len(waveform))).float()


@needs_package
def test_is_the_streaming_library_20_ms_earlier(rnnoise: RNNoise, speech_in_noise: Mixtures) -> None:
    row = speech_in_noise.noisy[4, :24_001]
    assert si_sdr(streamed(row)[None], rnnoise(row[None])).item() > 30  # the wrapper rounds to 16 bits on both sides


@needs_package
def test_takes_noise_off_real_speech_in_place(
    rnnoise: RNNoise,
    speech_in_noise: Mixtures,
    quality: Callable[[Mixtures, Tensor], tuple[float, float]],
    lags: Callable[[Tensor, Tensor], list[int]],
) -> None:
    enhanced = rnnoise(speech_in_noise.noisy, speech_in_noise.lengths)
    assert quality(speech_in_noise, enhanced) == (pytest.approx(8.6, abs=0.2), pytest.approx(1.42, abs=0.05))
    assert lags(enhanced, speech_in_noise.clean) == [0] * 5


@needs_package
def test_a_padded_batch_gives_what_its_rows_give_one_by_one(rnnoise: RNNoise) -> None:
    rows = noise(1500, 1, 160, 0, 161)
    waveforms, lengths = pad(rows)
    waveforms = waveforms + (torch.arange(1500) >= lengths[:, None])  # what lies in the padding must not matter
    enhanced = rnnoise(waveforms, lengths)
    assert enhanced.shape == waveforms.shape and enhanced.dtype == torch.float32
    for row, found in zip(rows, enhanced, strict=True):
        assert torch.equal(found[: len(row)], rnnoise(row[None])[0])
        assert not found[len(row) :].any()


@needs_package
@settings(max_examples=10)
@given(st.integers(0, 2000))
def test_keeps_the_shape(samples: int) -> None:
    assert RNNoise.pretrained()(torch.zeros(1, samples)).shape == (1, samples)


@needs_package
def test_has_no_gradient(rnnoise: RNNoise) -> None:
    enhanced = rnnoise(noise(600)[0][None].requires_grad_())
    assert not rnnoise.differentiable and not enhanced.requires_grad


def test_a_missing_or_damaged_library_is_named(tmp_path: Path) -> None:
    with pytest.raises(SottovoceError, match=r"none\.so: not RNNoise"):
        RNNoise(tmp_path / "none.so")
    (tmp_path / "damaged.so").write_bytes(b"no library")
    with pytest.raises(SottovoceError, match=r"damaged\.so: not RNNoise"):
        RNNoise(tmp_path / "damaged.so")
