"""What all networks with weights and a card have in common, listeners and perturbers."""

from collections.abc import Mapping
from typing import Self, TypeVar

import torch
from torch import Tensor, nn

from sottovoce.errors import SottovoceError
from sottovoce.weights import store


class Model(nn.Module):
    """A network with weights and a card that takes waveforms.

    Waveforms are `(batch, samples)` float32 at 16 kHz in [-1, 1], right-padded, with `lengths (batch,)` in samples;
    None means that every row is full. A padded batch gives what its rows give one by one.

    Attributes:
        architecture: the name under which weights, recipes and the command line know the network.
    """

    architecture: str

    @classmethod
    def load(cls, name: str) -> Self:
        """Load weights and build the network that their card describes, in evaluation mode.

        Args:
            name: a bundled or downloaded model's name, or the path of a `.safetensors` file with its card beside it.

        Raises:
            SottovoceError: there is no such model, its file is damaged, or it holds another architecture.
        """
        card, state = store.load(name)
        if card.architecture != cls.architecture:
            raise SottovoceError(f"{name}: holds a {card.architecture} model, not {cls.architecture}")
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


class Labelled:
    """A network that knows the names of its classes.

    Attributes:
        labels: class names, in the order of the logits.
    """

    labels: tuple[str, ...]

    def label_number(self, label: str) -> int:
        """The number of a class.

        Raises:
            SottovoceError: it is none of the labels.
        """
        if label not in self.labels:
            raise SottovoceError(f"there is no label '{label}'; choose {', '.join(self.labels)}")
        return self.labels.index(label)


Network = TypeVar("Network", bound=Model)


def load_one_of(name: str, kinds: Mapping[str, type[Network]], what: str) -> Network:
    """The network that the weights called `name` belong to, in evaluation mode.

    Args:
        name: as for `Model.load`.
        kinds: the allowed networks, by architecture.
        what: what they are, for the error message.

    Raises:
        SottovoceError: there is no such model, its file is damaged, or it is none of these.
    """
    card, state = store.load(name)
    if card.architecture not in kinds:
        raise SottovoceError(f"{name}: holds a {card.architecture} model (needed: {what}); name another")
    return kinds[card.architecture].from_state(card.config, state)
