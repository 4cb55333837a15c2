"""Mixtures are what the range says, and test or validation material stays out of training."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from sottovoce.corpora import Utterance, write_manifest
from sottovoce.errors import SottovoceError
from sottovoce.training import MixingRange, SpeechInNoise

LEVELS = {"train": 0.1, "valid": 0.2, "test": 0.3}


def test_batches_have_the_levels_and_ratios_of_the_range(corpora: tuple[Path, Path]) -> None:
    mixing = MixingRange(seconds=0.25, snr=(3.0, 6.0), level=(-40.0, -30.0))
    clean, noisy = SpeechInNoise([corpora[0]], [corpora[1]], mixing).batch(40, torch.Generator().manual_seed(0))
    assert clean.shape == noisy.shape == (40, 4000) and clean.dtype == torch.float32
    levels = 10 * clean.square().mean(1).log10()
    ratios = 10 * (clean.square().sum(1) / (noisy - clean).square().sum(1)).log10()
    for found, low, high in ((levels, -40, -30), (ratios, 3, 6)):
        assert low - 1e-2 <= found.min() < low + 0.3 * (high - low)
        assert high - 0.3 * (high - low) < found.max() <= high + 1e-2


def test_a_loud_mixture_is_turned_down_together_with_its_clean_side(corpora: tuple[Path, Path]) -> None:
    mixing = MixingRange(seconds=0.25, snr=(0.0, 0.0), level=(0.0, 0.0))
    clean, noisy = SpeechInNoise([corpora[0]], [corpora[1]], mixing).batch(8, torch.Generator().manual_seed(0))
    torch.testing.assert_close(noisy.abs().amax(1), torch.full((8,), 0.99))
    torch.testing.assert_close(clean.square().sum(1), (noisy - clean).square().sum(1), rtol=1e-3, atol=0)


def test_batches_follow_the_generator_and_validation_its_seed(data: SpeechInNoise) -> None:
    first, again, other = (data.batch(2, torch.Generator().manual_seed(seed))[1] for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert torch.equal(data.validation(2, 0.5)[1], data.validation(2, 0.5)[1])


def test_splits_are_kept_apart(tmp_path: Path) -> None:
    rows = []
    for split, level in LEVELS.items():
        for number in range(2):
            path = tmp_path / f"{split}{number}.wav"
            soundfile.write(path, np.full(8000, level), 16_000, subtype="FLOAT")
            rows.append(Utterance(path, split))
    write_manifest(tmp_path / "list.csv", rows)
    data = SpeechInNoise([tmp_path / "list.csv"], [tmp_path / "list.csv"], MixingRange(seconds=0.1))

    def levels(waveforms: list[torch.Tensor]) -> list[float]:
        return sorted(round(float(waveform[0]), 2) for waveform in waveforms)

    assert levels(data.speech) == [0.1, 0.1] and levels(data.valid_speech) == [0.2, 0.2]
    assert 0.3 not in levels(data.noise + data.valid_noise)


def test_without_a_validation_split_every_twentieth_utterance_is_held_out(tmp_path: Path) -> None:
    for number in range(41):
        soundfile.write(tmp_path / f"{number:02}.wav", np.full(1600, (number + 1) / 100), 16_000, subtype="FLOAT")
    data = SpeechInNoise([tmp_path], [tmp_path], MixingRange(seconds=0.1))
    assert [round(float(waveform[0]), 2) for waveform in data.valid_speech] == [0.01, 0.21, 0.41]
    assert len(data.speech) == 38
    assert (len(data.noise), len(data.valid_noise)) == (36, 5)


def write_pairs(folder: Path, lengths: tuple[int, int] = (4000, 4000)) -> None:
    """Three pairs; the second side is twice the first, upside down."""
    noise = np.random.default_rng(0).standard_normal((3, max(lengths)))
    for side, gain, length in zip(("clean", "noisy"), (0.1, -0.2), lengths, strict=True):
        (folder / side).mkdir()
        for number in range(3):
            soundfile.write(folder / side / f"{number}.wav", gain * noise[number, :length], 16_000, subtype="FLOAT")


def test_stored_pairs_take_their_share_of_a_batch(corpora: tuple[Path, Path], tmp_path: Path) -> None:
    write_pairs(tmp_path)
    mixing = MixingRange(seconds=0.1, stored=0.3, level=(-40.0, -30.0))
    data = SpeechInNoise([corpora[0]], [corpora[1]], mixing, [tmp_path])
    clean, noisy = data.batch(200, torch.Generator().manual_seed(0))
    stored = ((noisy + 2 * clean).abs().amax(1) < 1e-3 * clean.abs().amax(1)).float()
    assert 0.2 < stored.mean() < 0.4
    levels = 10 * clean.square().mean(1).log10()
    assert levels.min() > -40.1 and levels.max() < -29.9
    held_out = data.validation(50, 0.1)
    assert ((held_out[1] + 2 * held_out[0]).abs().amax(1) > 1e-3).all()


def test_sides_of_different_lengths_are_a_user_error(corpora: tuple[Path, Path], tmp_path: Path) -> None:
    write_pairs(tmp_path, (4000, 3999))
    with pytest.raises(SottovoceError, match=r"noisy/0\.wav: not as long as .*clean/0\.wav"):
        SpeechInNoise([corpora[0]], [corpora[1]], MixingRange(), [tmp_path])


@pytest.mark.parametrize("level", [0.0, 0.1])
def test_too_little_or_silent_material_is_a_user_error(level: float, tmp_path: Path) -> None:
    for number in range(3 if level == 0 else 1):
        soundfile.write(tmp_path / f"{number}.wav", np.full(1600, level), 16_000)
    with pytest.raises(SottovoceError, match="silent" if level == 0 else "no training material"):
        SpeechInNoise([tmp_path], [tmp_path], MixingRange(seconds=0.1)).batch(1, torch.Generator())
