"""FastEnhancer and FSPEN against onnxruntime frame by frame."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from sottovoce.audio.batch import pad
from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers import FSPEN, FastEnhancer, SpectralStream
from sottovoce.weights.fingerprint import fingerprint

pytest.importorskip("onnx")
KINDS = {"fastenhancer": FastEnhancer, "fspen": FSPEN}


@pytest.fixture(scope="module", params=KINDS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folder(name: str, third_party: Callable[[str], Path]) -> Path:
    return third_party(name)


@pytest.fixture(scope="module")
def enhancer(name: str, folder: Path) -> SpectralStream:
    return KINDS[name](folder)


def noise(*sizes: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(4)
    return [0.1 * torch.randn(size, generator=generator) for size in sizes]


def frame_by_frame(folder: Path, waveform: Tensor) -> Tensor:
    """The published graph, one frame after the other, between transforms written out in double precision."""
    (path,) = folder.glob("*.onnx")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    states = [np.zeros(each.shape, np.float32) for each in session.get_inputs()[1:]]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(512) / 512)
    count = -(-(len(waveform) + 256) // 256)
    heard = np.pad(waveform.double().numpy(), (256, count * 256 - len(waveform)))
    said, weight = np.zeros_like(heard), np.zeros_like(heard)
    for at in range(count):
        place = slice(at * 256, at * 256 + 512)
        spectrum = np.fft.rfft(heard[place] * window)
        frame = np.stack([spectrum.real, spectrum.imag], -1)[None, :, None].astype(np.float32)
        (enhanced, *states) = session.run(None, dict(zip(names, [frame, *states], strict=True)))
        said[place] += window * np.fft.irfft(enhanced[0, :, 0, 0] + 1j * enhanced[0, :, 0, 1])
        weight[place] += window**2
    end = 256 + len(waveform)
    return torch.from_numpy(said[256:end] / weight[256:end]).float()


@pytest.mark.parametrize("samples", [8000, 8193, 100])
def test_is_the_published_graph_frame_by_frame(enhancer: SpectralStream, folder: Path, samples: int) -> None:
    (row,) = noise(samples)
    assert enhancer.stream.at_once
    torch.testing.assert_close(enhancer(row[None])[0], frame_by_frame(folder, row), rtol=0, atol=1e-5)


def test_onnxruntime_can_stand_in_for_the_interpreter(enhancer: SpectralStream, folder: Path) -> None:
    (path,) = folder.glob("*.onnx")
    box, (waveforms, lengths) = SpectralStream(path, differentiable=False), pad(noise(1000, 600))
    assert not box.differentiable
    torch.testing.assert_close(box(waveforms, lengths), enhancer(waveforms, lengths), rtol=0, atol=1e-5)


def test_takes_noise_off_and_moves_nothing(enhancer: SpectralStream) -> None:
    time = torch.arange(32_000) / 16_000
    voice = sum(torch.sin(2 * torch.pi * 140 * k * time + k) / k for k in range(1, 20))
    voice = 0.1 * voice * (torch.sin(2 * torch.pi * 3 * time) > 0)
    (hiss,) = noise(32_000)
    enhanced, size = enhancer(voice + 0.3 * hiss[None])[0], 64_000
    assert (enhanced - voice).norm() < 0.9 * (0.3 * hiss).norm()
    correlation = torch.fft.irfft(torch.fft.rfft(enhanced, size).conj() * torch.fft.rfft(voice, size), size)
    assert correlation.argmax() == 0


def test_a_padded_batch_gives_what_its_rows_give_one_by_one(enhancer: SpectralStream) -> None:
    rows = noise(1500, 1, 512, 257, 0)
    waveforms, lengths = pad(rows)
    waveforms = nn.functional.pad(waveforms, (0, 700))
    waveforms = waveforms + (torch.arange(2200) >= lengths[:, None])  # what lies in the padding must not matter
    enhanced = enhancer(waveforms, lengths)
    assert enhanced.shape == waveforms.shape and enhanced.dtype == torch.float32
    for row, found in zip(rows, enhanced, strict=True):
        torch.testing.assert_close(found[: len(row)], enhancer(row[None])[0], rtol=0, atol=1e-6)
        assert not found[len(row) :].any()


def test_gradients_are_those_of_finite_differences(name: str, folder: Path) -> None:
    double, waveforms = KINDS[name](folder).double(), noise(700)[0][None].double().requires_grad_()
    assert torch.autograd.gradcheck(double, waveforms, fast_mode=True)
    assert double.differentiable


def test_gradients_in_silence_are_finite(enhancer: SpectralStream) -> None:
    silence = torch.zeros(1, 600, requires_grad=True)
    enhancer(silence).sum().backward()
    assert silence.grad is not None and silence.grad.isfinite().all()


def test_its_fingerprint_is_that_of_its_file(enhancer: SpectralStream, name: str, folder: Path, tmp_path: Path) -> None:
    (path,) = folder.glob("*.onnx")
    shutil.copy(path, tmp_path / "renamed.onnx")
    assert fingerprint(KINDS[name].load(str(tmp_path))) == fingerprint(enhancer)


def test_a_folder_without_one_graph_or_with_another_is_named(
    third_party: Callable[[str], Path], tmp_path: Path
) -> None:
    with pytest.raises(SottovoceError, match=r"holds 0 files that end in \.onnx"):
        FSPEN(tmp_path)
    shutil.copy(third_party("dtln") / "model_1.onnx", tmp_path)
    with pytest.raises(SottovoceError, match=r"model_1\.onnx: no graph from one frame"):
        FSPEN(tmp_path)
