"""What a set of weights is, where it comes from and what it is worth."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Card(BaseModel):
    """The card of one set of weights, kept beside them as JSON.

    Attributes:
        name: The name it is loaded by; also the stem of its two files.
        kind: What it does, e.g. `"enhancer"`.
        architecture: The network that the weights fit, e.g. `"metricgan-plus"`.
        config: Arguments of the network's constructor.
        data: What it was trained and validated on.
        recipe: The command that trains it again.
        seed: The seed of that training.
        metrics: Measured quality, each key naming measure and data, e.g. `"pesq-wb voicebank-demand"`; finite.
        licence: SPDX identifier of the weights' licence.
        notes: What a user should know besides: what it stands in for, where it falls short.
        parameters: Number of floating-point values in the weights, running statistics included. Filled in by `save`.
        sha256: Hexadecimal digest of the weights file. Filled in by `save`.
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
