"""Reading and augmenting: levels, echoes and pitches are those of physics."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.corpora import Utterance, write_manifest
from sottovoce.training.material import at_tempo, for_training, in_noise, read_all, read_rooms, read_waveform


def tone(frequency: float, seconds: float, rate: int = 16_000) -> np.ndarray:
    return 0.1 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)


def pitch(waveform: torch.Tensor) -> float:
    return float(torch.fft.rfft(waveform).abs().argmax()) * 16_000 / len(waveform)


def test_test_material_is_left_out(tmp_path: Path) -> None:
    rows = [Utterance(tmp_path / f"{split}.wav", split) for split in ("train", "test", "valid")]
    for row in rows:
        soundfile.write(row.path, tone(200, 0.1), 16_000)
    write_manifest(tmp_path / "list.csv", rows)
    assert [row.split for row in for_training([tmp_path / "list.csv"])] == ["train", "valid"]


def test_a_file_is_read_as_mono_at_16_khz(tmp_path: Path) -> None:
    stereo = np.stack([tone(1000, 0.5, 44_100)] * 2, axis=1)
    soundfile.write(tmp_path / "a.wav", stereo, 44_100)
    waveform = read_waveform(tmp_path / "a.wav")
    assert waveform.shape == (8000,) and waveform.dtype == torch.float32
    assert pitch(waveform) == pytest.approx(1000, abs=3)


def test_files_are_read_in_order(tmp_path: Path) -> None:
    rows = []
    for number in range(5):
        rows.append(Utterance(tmp_path / f"{number}.wav", "train"))
        soundfile.write(rows[-1].path, np.full(1000, number / 10), 16_000)
    assert [round(float(waveform[0]), 1) for waveform in read_all(rows)] == [0.0, 0.1, 0.2, 0.3, 0.4]


@pytest.mark.parametrize("seconds", [0.5, 3.0])
def test_a_room_is_a_second_from_shortly_before_its_direct_sound(tmp_path: Path, seconds: float) -> None:
    response = np.zeros(round(16_000 * seconds))
    response[[4000, 5000]] = 0.9, 0.4
    soundfile.write(tmp_path / "room.wav", response, 16_000)
    (room,) = read_rooms([tmp_path])
    assert room.shape == (16_000,)
    assert room.nonzero()[:, 0].tolist() == [32, 1032]


def test_noise_is_added_at_an_snr_within_its_range() -> None:
    generator = torch.Generator().manual_seed(0)
    waveform, noises = torch.randn(4000, generator=generator), [torch.randn(9000, generator=generator)] * 2
    ratios = []
    for _ in range(30):
        added = in_noise(waveform, noises, (3.0, 9.0), generator) - waveform
        ratios.append(10 * float(torch.log10(waveform.square().sum() / added.square().sum())))
    assert 3.0 - 1e-3 <= min(ratios) < 4.5 and 7.5 < max(ratios) <= 9.0 + 1e-3


@pytest.mark.parametrize(
    ("waveform", "noise"), [(torch.ones(100), torch.zeros(200)), (torch.zeros(100), torch.ones(200))]
)
def test_silence_has_no_snr_and_stays(waveform: torch.Tensor, noise: torch.Tensor) -> None:
    assert torch.equal(in_noise(waveform, [noise], (0.0, 0.0), torch.Generator()), waveform)


def test_a_tempo_changes_length_and_pitch() -> None:
    waveform = torch.from_numpy(tone(1000, 1.0)).float()
    faster = at_tempo(waveform, 1.25, 12_800)
    assert faster.shape == (12_800,) and pitch(faster) == pytest.approx(1250, abs=2)
    assert at_tempo(waveform, 1.0, 12_800) is waveform
