"""What all speech enhancers have in common."""

from typing import Self

import torch
from torch import Tensor, nn

from sottovoce.errors import SottovoceError
from sottovoce.models import store


class Enhancer(nn.Module):
    """Noisy waveforms in, enhanced waveforms of the same shape out.

    Subclasses implement `forward(waveforms, lengths=None)`: `(batch, samples)` float32 at 16 kHz, right-padded, to the
    same shape with exact zeros in the padding. A padded batch gives what its rows give one by one.

    Attributes:
        architecture: the name under which weights, recipes and the command line know the network.
        differentiable: whether a gradient flows from the output to the input; attacks that need one refuse others.
        seam: window starts must be multiples of this many samples for the enhancement of a window to agree with that of
            the whole recording.
    """

    architecture: str
    differentiable: bool = True
    seam: int = 1

    @classmethod
    def load(cls, name: str) -> Self:
        """Build the network from weights that carry a card.

        Args:
            name: an embedded or fetched model's name, or the path of a `.safetensors` file with its card beside it.

        Raises:
            SottovoceError: if there is no such model, its file is damaged, or it holds another architecture.
        """
        card, state = store.load(name)
        if card.architecture != cls.architecture:
            raise SottovoceError(f"{name}: holds a {card.architecture} model, not {cls.architecture}.")
        return cls.from_state(card.config, state)

    @classmethod
    def from_state(cls, config: dict[str, object], state: dict[str, Tensor]) -> Self:
        """Build from constructor arguments and a state dictionary, in evaluation mode."""
        network = cls(**config)
        network.load_state_dict(state)
        return network.eval()

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device
