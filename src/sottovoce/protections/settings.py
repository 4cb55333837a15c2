"""What a person chooses about a protection."""

from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sottovoce.errors import SottovoceError


class AttackName(StrEnum):
    """The attacks, by the names of the papers."""

    OPT = "opt"
    PGD = "pgd"
    FGSM = "fgsm"


class ProtectSettings(BaseModel):
    """How recordings are protected.

    Attributes:
        against: the enhancers that should fail: names or paths of models.
        attack: how the perturbation is searched for.
        target: what an enhancer should give: "silence", "noise", or the path of a sound file with other speech.
        snr: what the written file keeps at least, 10·log10(Σ original² / Σ (protected - original)²) in dB.
        seed: of all that is random; the same seed gives the same samples.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    against: tuple[str, ...] = Field(default=("metricgan-plus",), min_length=1)
    attack: AttackName = AttackName.OPT
    target: str = "silence"
    snr: float = Field(default=20.0, ge=0.0, le=100.0)
    seed: int = Field(default=0, ge=0, lt=2**63)

    @classmethod
    def checked(cls, **values: Any) -> Self:
        """The constructor for what a person typed.

        Raises:
            SottovoceError: a value is out of range.
        """
        try:
            return cls(**values)
        except ValidationError as error:
            first = error.errors()[0]
            place = first["loc"][0]
            message = f"the setting '{place}' cannot be {values[str(place)]}: {first['msg']}"
            raise SottovoceError(message) from error
