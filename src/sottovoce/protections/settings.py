"""What a person chooses about a search, checked."""

from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sottovoce.errors import SottovoceError
from sottovoce.protections.presets import Effort, Strength


class SearchSettings(BaseModel):
    """How loud a perturbation may be and how long it is searched for.

    Attributes:
        strength, snr: two ways of choosing the same, a word or dB.
        effort, steps: two ways of choosing the same, a word or a number of steps.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    options: ClassVar[dict[str, str]] = {}
    """Settings whose option on the command line has another name."""

    strength: Strength | None = None
    effort: Effort | None = None
    snr: float | None = Field(default=None, ge=0.0, le=100.0)
    steps: int | None = Field(default=None, ge=1)

    @classmethod
    def checked(cls, **values: Any) -> Self:
        """The constructor for what a person chose.

        Raises:
            SottovoceError: a value is out of range.
        """
        try:
            return cls(**values)
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0])
            option = cls.options.get(name, "--" + name.replace("_", "-"))
            raise SottovoceError(f"{option} {values[name]}: {first['msg'].lower()}") from error

    def check_alternatives(self) -> None:
        """Refuse what is chosen twice.

        Raises:
            SottovoceError: both of two settings that choose the same are given.
        """
        for one, other in (("strength", "snr"), ("effort", "steps")):
            if getattr(self, one) is not None and getattr(self, other) is not None:
                raise SottovoceError(f"--{one} and --{other} choose the same; leave one of them out")
