"""What all networks with weights and a card have in common, listeners and perturbers."""

import textwrap
from collections.abc import Mapping
from typing import Self, TypeVar, get_type_hints

import torch
from pydantic import ConfigDict, TypeAdapter, ValidationError
from torch import Tensor, nn

from sottovoce.errors import SottovoceError
from sottovoce.models.bounded import Bounded
from sottovoce.weights import Card, store

FINITE = ConfigDict(allow_inf_nan=False)
_BESIDES = 1 << 24
"""Values that a constructor may make besides its weights: filter banks, windows."""


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
        return cls.from_card(card, state, name=name)

    @classmethod
    def from_card(cls, card: Card, state: dict[str, Tensor], *, name: str = "") -> Self:
        """`from_state` with the card's config; networks that take more from their card override this."""
        return cls.from_state(card.config, state, name=name)

    @classmethod
    def from_state(cls, config: dict[str, object], state: dict[str, Tensor], *, name: str = "") -> Self:
        """Build from constructor arguments and a state dictionary, in evaluation mode.

        Args:
            config: the constructor's arguments.
            state: the weights.
            name: the model's name in messages; the architecture by default.

        Raises:
            SottovoceError: the constructor does not accept the config, or the weights do not fit it.
        """
        name = name or cls.architecture
        try:
            _check_types(cls, config)
            with Bounded(sum(tensor.numel() for tensor in state.values()) + _BESIDES):
                network = cls(**config)
        except Exception as error:  # PyTorch raises several kinds for impossible sizes
            raise SottovoceError(
                f"{name}: the card's config does not suit {cls.architecture}: {_reason(error)}"
            ) from error
        try:
            network.load_state_dict(state)
        except RuntimeError as error:
            raise SottovoceError(f"{name}: the weights do not fit the card's config: {_reason(error)}") from error
        return network.eval()

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device


def _check_types(kind: type[nn.Module], config: Mapping[str, object]) -> None:
    """Raise ValueError for an argument that its annotation does not allow, or that is not finite."""
    types = get_type_hints(kind.__init__)
    for name, value in config.items():
        try:
            TypeAdapter(types.get(name, object), config=FINITE).validate_python(value, strict=True)
        except ValidationError as error:
            raise ValueError(f"{name} is {value!r}: {error.errors()[0]['msg']}") from error


def _reason(error: Exception) -> str:
    """The message on one line; of PyTorch's list of everything wrong with a state dictionary, the first item."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    first = lines[1] if lines[0].startswith("Error(s) in loading") and len(lines) > 1 else lines[0]
    return textwrap.shorten(first, 200, placeholder=" …")


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
    return kinds[card.architecture].from_card(card, state, name=name)
