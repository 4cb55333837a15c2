"""Networks one behind the other, as one listener: what an adaptive attacker attacks."""

import math

import torch
from torch import Tensor, nn

from sottovoce.errors import SottovoceError


class Chain(nn.Module):
    """Each stage hears what the one before it gives, e.g. a room, an enhancer, then a recogniser.

    All stages but the last return waveforms of the shape they take, so that the lengths hold for every stage.

    Args:
        stages: modules `(waveforms, lengths) → outputs`.

    Raises:
        SottovoceError: there is no stage.

    Example:
        >>> from sottovoce.channels import MedianSmoothing, Quantization
        >>> chain = Chain(Quantization(step=256), MedianSmoothing(size=3))
        >>> chain(torch.zeros(1, 160)).shape
        torch.Size([1, 160])
    """

    def __init__(self, *stages: nn.Module) -> None:
        super().__init__()
        if not stages:
            raise SottovoceError("a chain needs at least one network")
        self.stages = nn.ModuleList(stages)

    @property
    def end(self) -> nn.Module:
        """The last network, which says what kind of listener the chain is."""
        last = self.stages[-1]
        return last.end if isinstance(last, Chain) else last

    @property
    def seam(self) -> int:
        """Samples of whose multiples window starts must be for every stage to agree with the whole recording."""
        return math.lcm(*(int(getattr(stage, "seam", 1)) for stage in self.stages))

    @property
    def device(self) -> torch.device:
        """Where the last network is."""
        return device_of(self.end)

    def front(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """What reaches the last network: `(batch, samples)`."""
        heard: Tensor = waveforms
        for stage in self.stages[:-1]:
            heard = stage(heard, lengths)
        last = self.stages[-1]
        return last.front(heard, lengths) if isinstance(last, Chain) else heard

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The last network's outputs for `waveforms (batch, samples)`."""
        outputs: Tensor = self.end(self.front(waveforms, lengths), lengths)
        return outputs


def end_of(listener: nn.Module) -> nn.Module:
    """The last network of a chain, or a listener that is none."""
    return listener.end if isinstance(listener, Chain) else listener


def device_of(listener: nn.Module) -> torch.device:
    """Where a listener's weights are; the CPU for one that has none."""
    parameter = next(listener.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device
