"""Small listeners, a batch to attack, and the attacks of foolbox for comparison."""

import pytest
import torch
from torch import Tensor, nn

from sottovoce.audio import pad, zero_padding


class Filter(nn.Module):
    """An enhancer of a few weights: a short filter and a saturation."""

    def __init__(self, taps: int = 5, gain: float = 0.8) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(taps)
        self.taps = nn.Parameter(gain * torch.randn(1, 1, taps, generator=generator) / taps**0.5)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        emitted = nn.functional.conv1d(waveforms[:, None], self.taps, padding=self.taps.shape[-1] // 2)[:, 0]
        return zero_padding(torch.tanh(emitted), lengths)


class Recorder(nn.Module):
    """A listener that keeps all inputs, and those that require a gradient."""

    def __init__(self, listener: nn.Module) -> None:
        super().__init__()
        self.listener = listener
        self.asked: list[Tensor] = []
        self.followed: list[Tensor] = []

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        self.asked.append(waveforms.detach().clone())
        if waveforms.requires_grad:
            self.followed.append(self.asked[-1])
        return self.listener(waveforms, lengths)


def noise(*shape: int, seed: int = 0) -> Tensor:
    return 0.1 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def listener() -> Filter:
    return Filter()


@pytest.fixture
def other_listener() -> Filter:
    return Filter(taps=9)


@pytest.fixture
def batch() -> tuple[Tensor, Tensor]:
    """Three rows of unequal length, one of them so loud that it reaches full scale."""
    return pad([noise(1300, seed=1), noise(801, seed=2), (5 * noise(1024, seed=3)).clamp(-1, 1)])


@pytest.fixture
def full_rows() -> Tensor:
    """Four rows without padding, the last of which reaches full scale."""
    quiet = 0.3 * torch.randn(3, 400, generator=torch.Generator().manual_seed(5))
    return torch.cat([quiet, 3 * quiet[:1]]).clamp(-1, 1)


@pytest.fixture
def double():
    """Double precision throughout, so that the sign of a gradient does not depend on rounding."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture
def record() -> type[Recorder]:
    return Recorder


@pytest.fixture
def by_foolbox():
    """An attack of foolbox towards silence: `run(attack, listener, waveforms, radius, **settings)`."""
    import eagerpy
    import foolbox

    def run(attack, listener: nn.Module, waveforms: Tensor, radius: float, **settings: object) -> Tensor:
        class ToSilence(attack):
            """Foolbox climbs a loss; the negative mean square of the output leads to silence."""

            def get_loss_fn(self, model, labels):
                return lambda inputs: -model(inputs).square().mean(axis=-1).sum()

        model = foolbox.PyTorchModel(listener.eval(), bounds=(-1, 1), device="cpu")
        criterion = foolbox.criteria.Misclassification(torch.zeros(len(waveforms), dtype=torch.int64))
        raw, _, _ = ToSilence(random_start=False, **settings)(model, waveforms, criterion, epsilons=radius)
        return raw.raw if isinstance(raw, eagerpy.Tensor) else raw

    return run
