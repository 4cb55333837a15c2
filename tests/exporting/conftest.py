"""Small networks of the architectures that are exported."""

from collections.abc import Callable

import pytest
import torch

from sottovoce.models.base import Model
from sottovoce.models.enhancers import DNN, SEGAN, MetricGANPlus, WaveUNet
from sottovoce.perturbers import SSED, AdvGAN

SMALL: dict[str, Callable[[], Model]] = {
    "advgan": lambda: AdvGAN(["yes", "no", "up"], width=1 / 16, snr=20.0),
    "advgan-of-one-class": lambda: AdvGAN(["yes"], width=1 / 16),
    "dnn": lambda: DNN(hidden=8),
    "metricgan-plus": MetricGANPlus,
    "segan": lambda: SEGAN(width=1 / 64),
    "ssed": lambda: SSED(channels=4, blocks=1),
    "wave-unet": lambda: WaveUNet(levels=5, attention=True, width=0.1),
}


def small(kind: str) -> Model:
    """With random weights, and statistics that are not 0 and 1."""
    torch.manual_seed(0)
    network = SMALL[kind]()
    for name, buffer in network.named_buffers():
        if "running" in name or name in ("mean", "deviation"):
            buffer.uniform_(0.5, 1.5)
    return network.eval()


@pytest.fixture(scope="session", params=sorted(SMALL))
def network(request: pytest.FixtureRequest) -> Model:
    """A small network of each architecture."""
    return small(request.param)


@pytest.fixture(scope="session", params=["advgan", "metricgan-plus", "ssed"])
def traced(request: pytest.FixtureRequest) -> Model:
    """The same of a few, for what takes seconds each: two inputs; a spectrum and an LSTM; reflections."""
    return small(request.param)
