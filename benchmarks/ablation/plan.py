"""What is trained and compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sottovoce.errors import SottovoceError


@dataclass(frozen=True)
class Ablation:
    """The variants of a recipe.

    Attributes:
        variants: settings by name of the variant.
        measures: what is reported: columns of the training log, and what they are called.
        drawn: columns that are drawn over the epochs.
        meaning: explanation of the variants.
    """

    variants: Mapping[str, Mapping[str, str]]
    measures: Mapping[str, str]
    drawn: Sequence[str]
    meaning: str


ABLATIONS = {
    "advgan": Ablation(
        variants={
            "all": {},
            "no discriminator": {"alpha": "0"},
            "no hinge": {"beta": "0"},
            "no change": {"gamma": "0"},
        },
        measures={"valid_success": "target hits", "valid_snr": "SNR, dB"},
        drawn=("valid_success", "valid_snr"),
        meaning="""Figures 8 and 9 of Wang et al. (2020): the whole loss of the generator, and the loss without the
discriminator's term, without the hinge on the norm (eq. 8) or without the mean absolute change (eq. 9).""",
    ),
    "ssed": Ablation(
        variants={
            "neither": {"detached": "false", "normalised": "false"},
            "normalised": {"detached": "false", "normalised": "true"},
            "detached": {"detached": "true", "normalised": "false"},
            "detached, normalised": {"detached": "true", "normalised": "true"},
        },
        measures={
            "valid_loss": "loss",
            "valid_cosine": "cosine to the voice",
            "valid_snr": "SNR, dB",
            "valid_restored_snr": "restored SNR, dB",
        },
        drawn=("valid_cosine", "valid_restored_snr"),
        meaning=""""Detached": the removal loss trains only the removal module. "Normalised": the mask is stretched to
[0, 1] over each utterance, which rules out streaming.""",
    ),
}


@dataclass(frozen=True)
class Plan:
    """What an ablation runs on.

    Attributes:
        recipe: name of the recipe, a key of `ABLATIONS`.
        speech: manifests or corpus folders.
        settings: settings of the recipe as KEY=VALUE, the same for all variants.

    Raises:
        SottovoceError: there is no ablation of that recipe.
    """

    recipe: str
    speech: tuple[Path, ...]
    settings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.recipe not in ABLATIONS:
            raise SottovoceError(f"there is no ablation of '{self.recipe}'; choose {', '.join(ABLATIONS)}")

    @property
    def ablation(self) -> Ablation:
        """The variants of the recipe."""
        return ABLATIONS[self.recipe]


def slug(variant: str) -> str:
    """A variant's name as part of a path."""
    return variant.replace(", ", "-").replace(" ", "-")
