"""Clips: which part of a recording they are, and what changes in training."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.errors import SottovoceError
from sottovoce.training.clips import VALIDATED, Clips, Variation, middle, shifted, spread

SAMPLES = 16_000


def test_clips_are_of_training_material_with_its_labels(clips) -> None:
    assert clips.labels == ("high", "low", "middle")
    assert len(clips.train) == 24 and len(clips.valid) == 3
    found, classes = clips.clean(12, torch.Generator().manual_seed(0))
    pitches = torch.fft.rfft(found).abs().argmax(-1)
    wanted = torch.tensor([3000, 200, 800])[classes]
    assert ((pitches - wanted).abs() < 0.2 * wanted).all()
    varied, _ = clips.batch(12, torch.Generator().manual_seed(0))
    assert varied.shape == (12, SAMPLES) and varied.abs().max() <= 1


def test_a_shift_brings_in_silence() -> None:
    clip = torch.arange(1.0, 6.0)
    assert shifted(clip, 2).tolist() == [0, 0, 1, 2, 3]
    assert shifted(clip, -2).tolist() == [3, 4, 5, 0, 0]
    assert shifted(clip, 0).tolist() == clip.tolist()


@given(length=st.integers(1, 200), samples=st.integers(1, 40))
def test_validation_spreads_over_a_recording(length: int, samples: int) -> None:
    recording = torch.arange(1.0, length + 1)
    clips = spread(recording, samples)
    assert clips.shape == (max(1, min(VALIDATED, length // samples)), samples)
    if len(clips) > 1:
        starts = clips[:, 0].long() - 1
        assert starts[0] == 0 and clips[-1, -1] == length
        assert starts.diff().max() - starts.diff().min() <= 1
        assert all(
            torch.equal(clip, recording[start : start + samples]) for clip, start in zip(clips, starts, strict=True)
        )


def test_the_middle_of_a_long_recording_and_all_of_a_short_one() -> None:
    assert middle(torch.arange(10.0), 4).tolist() == [3, 4, 5, 6]
    assert middle(torch.ones(2), 4).tolist() == [1, 1, 0, 0]


def test_material_without_labels_is_refused(corpora) -> None:
    with pytest.raises(SottovoceError, match="two labels"):
        Clips([corpora[0]], [], SAMPLES, Variation())
