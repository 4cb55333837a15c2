"""Networks one behind the other, as one victim: what an adaptive attacker attacks."""

from torch import Tensor, nn

from sottovoce.errors import SottovoceError


class Chain(nn.Module):
    """Each stage hears what the one before gives; e.g. an enhancer, then a recogniser.

    All but the last give waveforms of the shape they take, so that the lengths hold for every stage.

    Args:
        stages: modules `(waveforms, lengths) → outputs`.

    Raises:
        SottovoceError: if there is no stage.
    """

    def __init__(self, *stages: nn.Module) -> None:
        super().__init__()
        if not stages:
            raise SottovoceError("a chain of no networks; name one at least")
        self.stages = nn.ModuleList(stages)

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The last stage's outputs for `waveforms (batch, samples)`."""
        heard: Tensor = waveforms
        for stage in self.stages:
            heard = stage(heard, lengths)
        return heard
