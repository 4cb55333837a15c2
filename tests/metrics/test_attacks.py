"""Success means the exact text, and the hardest example sets the SNR."""

import math

import pytest
import torch

from sottovoce.metrics import rosa, tasr


def test_only_the_very_text_counts() -> None:
    targets = ["open the door"] * 4
    assert rosa(targets, ["OPEN THE DOOR", "open, the door!", "open the doors", ""]).tolist() == [1, 1, 0, 0]
    with pytest.raises(ValueError):
        rosa(targets, ["open the door"])


def test_the_hardest_example_rules() -> None:
    snrs = torch.tensor([7.6, 12.0, -2.2])
    assert tasr(snrs, torch.tensor([True] * 3)) == pytest.approx(-2.2)
    assert tasr(snrs, torch.tensor([True, True, False])) == -math.inf
    with pytest.raises(ValueError):
        tasr(snrs[:0], torch.tensor([], dtype=torch.bool))
