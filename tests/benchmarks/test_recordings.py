"""Recordings as benchmarks read and write them."""

import torch

from benchmarks.recordings import as_written, from_text, place, to_text


def test_a_written_batch_is_rounded_to_16_bits_and_nothing_else() -> None:
    waveforms = 1.8 * torch.rand(2, 1000, generator=torch.Generator().manual_seed(0)) - 0.9
    written = as_written(waveforms, torch.tensor([1000, 600]))
    assert written.shape == waveforms.shape and not written[1, 600:].any()
    assert torch.equal(written * 32768, (written * 32768).round())
    assert (written - waveforms)[0].abs().max().item() <= 0.5 / 32768 + 1e-7


def test_signals_survive_as_text_to_the_bit() -> None:
    signal = torch.randn(1000, generator=torch.Generator().manual_seed(0))
    text = to_text(signal)
    assert text.isascii() and torch.equal(from_text(text), signal)


def test_a_manifest_goes_before_a_folder(tmp_path) -> None:
    assert place(tmp_path, "noise") == tmp_path / "noise"
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "noise.csv").touch()
    assert place(tmp_path, "noise") == tmp_path / "manifests" / "noise.csv"
