"""Model cards: what a set of weights is, how it was trained and how good it is."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Card(BaseModel):
    """The card of one set of weights, stored beside them as JSON.

    Example:
        >>> from sottovoce.weights import load
        >>> card, state = load("wide-resnet")
        >>> card.architecture, card.config["depth"], card.parameters
        ('wide-resnet', 16, 693212)

    Attributes:
        name: The name to load the model by, and the stem of its two files.
        kind: What the model does, e.g. `"enhancer"`.
        architecture: The network that the weights belong to, e.g. `"metricgan-plus"`.
        config: Arguments of the network's constructor.
        data: Training and validation data.
        recipe: The command that reproduces the training.
        seed: The seed of the training.
        metrics: Measured quality; each key names the measure and the data, e.g. `"pesq-wb voicebank-demand"`. Finite.
        licence: SPDX identifier of the weights' licence.
        notes: Anything else a user should know, such as limitations or what the model stands in for.
        parameters: Number of floating-point values, running statistics included; filled in by `save`.
        sha256: Hexadecimal digest of the weights file; filled in by `save`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    kind: str
    architecture: str
    config: dict[str, Any]
    data: str
    recipe: str
    seed: int
    metrics: dict[str, float]
    licence: str
    notes: str = ""
    parameters: int = 0
    sha256: str = ""
