"""Crops: what is drawn, what is done to them, and what never is read."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.corpora import Utterance, write_manifest
from sottovoce.errors import SottovoceError
from sottovoce.training.crops import KNOTS, Crops, Spoiling, equalised

PLAIN = Spoiling(seconds=0.5, noise=0.0, gain=(0.0, 0.0), equaliser=0.0)


def corpus(folder: Path, utterances: list[tuple[str, float, float]]) -> Path:
    """A manifest of tones, each with its split, seconds and hertz."""
    rows = []
    for number, (split, seconds, hertz) in enumerate(utterances):
        rows.append(Utterance(folder / f"{number}.wav", split))
        times = np.arange(round(16_000 * seconds)) / 16_000
        soundfile.write(rows[-1].path, 0.2 * np.sin(2 * np.pi * hertz * times), 16_000)
    write_manifest(folder / "speech.csv", rows)
    return folder / "speech.csv"


def hertz(crops: torch.Tensor) -> torch.Tensor:
    return torch.fft.rfft(crops).abs().argmax(-1) * 16_000 / crops.shape[-1]


def test_utterances_are_drawn_by_their_length_and_short_ones_repeated(tmp_path: Path) -> None:
    speech = corpus(tmp_path, [("train", 3.0, 400.0), ("train", 0.25, 1000.0), ("valid", 1.0, 2000.0)])
    drawn = hertz(Crops([speech], [], PLAIN).batch(400, torch.Generator().manual_seed(0)))
    assert set(drawn.tolist()) == {400.0, 1000.0}
    assert (drawn == 400.0).double().mean() == pytest.approx(12 / 13, abs=0.05)


def test_validation_crops_are_those_of_the_split_and_always_the_same(tmp_path: Path) -> None:
    speech = corpus(tmp_path, [("train", 1.0, 400.0), ("valid", 1.0, 2000.0), ("valid", 1.0, 3000.0)])
    crops = Crops([speech], [], PLAIN)
    assert hertz(crops.validation(2)).tolist() == [2000.0, 3000.0]
    assert torch.equal(crops.validation(2), crops.validation(2))


def test_noise_and_gain_are_within_their_ranges(tmp_path: Path) -> None:
    (tmp_path / "noise").mkdir()
    soundfile.write(tmp_path / "noise" / "hum.wav", 0.1 * np.sin(2 * np.pi * 4000 * np.arange(16_000) / 16_000), 16_000)
    speech = corpus(tmp_path, [("train", 1.0, 400.0), ("valid", 1.0, 2000.0)])
    spoiling = Spoiling(seconds=0.5, noise=1.0, snr=(0.0, 20.0), gain=(-10.0, -4.0), equaliser=0.0)
    batch = Crops([speech], [tmp_path / "noise"], spoiling).batch(50, torch.Generator().manual_seed(0))
    levels = 20 * torch.log10(torch.fft.rfft(batch).abs()[:, [200, 2000]])
    gains = levels[:, 0] - 20 * np.log10(0.2 * 4000)
    snrs = levels[:, 0] - levels[:, 1]
    assert gains.min() > -10.1 and gains.max() < -3.9 and gains.max() - gains.min() > 4
    assert snrs.min() > -0.1 and snrs.max() < 20.1 and snrs.max() - snrs.min() > 14


def test_an_equaliser_has_its_gains_at_its_frequencies() -> None:
    gains = torch.linspace(-6.0, 6.0, KNOTS)
    impulse = torch.zeros(16_000)
    impulse[8000] = 1.0
    decibels = 20 * torch.log10(torch.fft.rfft(equalised(impulse, gains)).abs())
    torch.testing.assert_close(decibels[[0, 4000, 8000]], torch.tensor([-6.0, 0.0, 6.0]), rtol=0, atol=0.05)


@pytest.mark.parametrize("split", ["train", "valid"])
def test_both_splits_are_needed(tmp_path: Path, split: str) -> None:
    with pytest.raises(SottovoceError, match="valid"):
        Crops([corpus(tmp_path, [(split, 1.0, 400.0), ("test", 1.0, 500.0)])], [], PLAIN)


def test_hours_are_those_of_the_training(tmp_path: Path) -> None:
    speech = corpus(tmp_path, [("train", 3.0, 400.0), ("train", 0.6, 400.0), ("valid", 1.0, 2000.0)])
    assert Crops([speech], [], PLAIN).hours == pytest.approx(0.001)
