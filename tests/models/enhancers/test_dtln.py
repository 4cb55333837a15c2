"""DTLN's published networks, on real noisy speech and against the authors' way of streaming."""

import csv
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import soundfile
import torch
from pesq import pesq
from torch import Tensor, nn

from sottovoce.audio.batch import pad
from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers.dtln import DTLN
from sottovoce.weights.fingerprint import fingerprint

pytest.importorskip("onnx")


@pytest.fixture(scope="module")
def folder(shared_models: Path) -> Path:
    return shared_models / "dtln"


@pytest.fixture(scope="module")
def dtln(folder: Path) -> DTLN:
    return DTLN(folder)


@pytest.fixture(scope="module")
def pairs(shared_data: Path) -> list[tuple[Tensor, Tensor]]:
    """Clean and noisy recordings of the same utterances."""
    with open(shared_data / "manifests" / "voicebank-demand.csv", newline="") as file:
        paths = [shared_data / entry["path"] for entry in csv.DictReader(file) if "/clean/" in entry["path"]]
    both = [(path, path.parents[1] / "noisy" / path.name) for path in paths[::6][:4]]
    return [(read(clean)[:48_000], read(noisy)[:48_000]) for clean, noisy in both]


def read(path: Path) -> Tensor:
    return torch.from_numpy(soundfile.read(path, dtype="float32")[0])


def noise(*sizes: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(4)
    return [0.1 * torch.randn(size, generator=generator) for size in sizes]


@pytest.mark.shared_data
def test_takes_noise_off_real_speech(dtln: DTLN, pairs: list[tuple[Tensor, Tensor]]) -> None:
    enhanced = dtln(*pad([noisy for _, noisy in pairs]))
    gains = [
        pesq(16_000, clean.numpy(), after[: len(clean)].numpy(), "wb")
        - pesq(16_000, clean.numpy(), noisy.numpy(), "wb")
        for (clean, noisy), after in zip(pairs, enhanced, strict=True)
    ]
    assert np.mean(gains) > 0.3 and min(gains) > 0


@pytest.mark.shared_data
def test_the_output_is_aligned_with_the_clean_speech(dtln: DTLN, pairs: list[tuple[Tensor, Tensor]]) -> None:
    for clean, noisy in pairs:
        enhanced, size = dtln(noisy[None])[0], 2 * len(clean)
        correlation = torch.fft.irfft(torch.fft.rfft(enhanced, size).conj() * torch.fft.rfft(clean, size), size)
        assert correlation.argmax() == 0


@pytest.mark.shared_data
def test_is_the_streaming_network_384_samples_earlier(dtln: DTLN, folder: Path) -> None:
    mask_stage, wave_stage = (onnxruntime.InferenceSession(folder / f"model_{stage}.onnx") for stage in (1, 2))
    states = [np.zeros((1, 2, 128, 2), np.float32)] * 2
    heard, said, streamed = np.zeros(512, np.float32), np.zeros(512, np.float32), []
    (row,) = noise(128 * 20)
    for new in [*row.numpy().reshape(-1, 128), *np.zeros((3, 128), np.float32)]:
        heard = np.concatenate([heard[128:], new])
        spectrum = np.fft.rfft(heard)
        magnitude = np.abs(spectrum).reshape(1, 1, -1).astype(np.float32)
        mask, states[0] = mask_stage.run(None, {"input_2": magnitude, "input_3": states[0]})
        block = np.fft.irfft(mask[0, 0] * spectrum).reshape(1, 1, -1).astype(np.float32)
        block, states[1] = wave_stage.run(None, {"input_4": block, "input_5": states[1]})
        said = np.concatenate([said[128:], np.zeros(128, np.float32)]) + block[0, 0]
        streamed.append(said[:128])
    torch.testing.assert_close(dtln(row[None])[0], torch.from_numpy(np.concatenate(streamed)[384:]), atol=1e-5, rtol=0)


@pytest.mark.shared_data
def test_a_padded_batch_gives_what_its_rows_give_one_by_one(dtln: DTLN) -> None:
    rows = noise(1500, 1, 512, 127, 0, 129)
    waveforms, lengths = pad(rows)
    waveforms = nn.functional.pad(waveforms, (0, 700))
    waveforms = waveforms + (torch.arange(2200) >= lengths[:, None])  # what lies in the padding must not matter
    enhanced = dtln(waveforms, lengths)
    assert enhanced.shape == waveforms.shape and enhanced.dtype == torch.float32
    for row, found in zip(rows, enhanced, strict=True):
        torch.testing.assert_close(found[: len(row)], dtln(row[None])[0], rtol=0, atol=1e-6)
        assert not found[len(row) :].any()


@pytest.mark.shared_data
def test_gradients_are_those_of_finite_differences(folder: Path) -> None:
    double = DTLN(folder).double()
    waveforms = noise(600)[0][None].double().requires_grad_()
    assert torch.autograd.gradcheck(double, waveforms, fast_mode=True)
    assert double.differentiable


@pytest.mark.shared_data
def test_gradients_in_silence_are_finite(dtln: DTLN) -> None:
    silence = torch.zeros(1, 600, requires_grad=True)
    dtln(silence).sum().backward()
    assert silence.grad is not None and silence.grad.isfinite().all()


@pytest.mark.shared_data
def test_another_graph_is_named(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "model_2.onnx", tmp_path / "model_1.onnx")
    shutil.copy(folder / "model_1.onnx", tmp_path / "model_2.onnx")
    with pytest.raises(SottovoceError, match=r"model_1\.onnx: not this part of DTLN"):
        DTLN(tmp_path)


def test_a_missing_or_damaged_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SottovoceError, match=r"model_1\.onnx: no such file"):
        DTLN(tmp_path)
    (tmp_path / "model_1.onnx").write_bytes(b"no network")
    with pytest.raises(SottovoceError, match=r"model_1\.onnx: .*cannot read"):
        DTLN(tmp_path)


@pytest.mark.shared_data
def test_its_fingerprint_is_that_of_its_files_wherever_they_lie(dtln: DTLN, folder: Path, tmp_path: Path) -> None:
    for name in ("model_1.onnx", "model_2.onnx"):
        shutil.copy(folder / name, tmp_path / name)
    copy = DTLN(tmp_path)
    assert fingerprint(copy) == fingerprint(dtln)
    with open(tmp_path / "model_2.onnx", "ab") as file:
        file.write(b"\x7a\x00")  # an empty field 15, unknown to ONNX: the same network in another file
    other = DTLN(tmp_path)
    assert other.config["model_1.onnx"] == copy.config["model_1.onnx"]
    assert fingerprint(other) != fingerprint(copy)
