"""A small generator that changes samples by a few hundred steps of 16 bits."""

import pytest
import torch

from sottovoce.perturbers import SSED


@pytest.fixture(scope="session")
def generator() -> SSED:
    torch.manual_seed(0)
    return SSED(channels=4, blocks=2, epsilon=0.02).eval()
