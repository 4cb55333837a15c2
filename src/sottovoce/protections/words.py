"""Words: what is said can no longer be read from the file by the listeners it is protected against."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor, nn

from sottovoce.errors import SottovoceError
from sottovoce.models.chain import end_of
from sottovoce.models.devices import choose_device
from sottovoce.models.enhancers import Enhancer
from sottovoce.models.loading import load_listener
from sottovoce.protections.against_enhancers import AgainstEnhancers
from sottovoce.protections.against_recognizers import AgainstRecognizer
from sottovoce.protections.base import Progress
from sottovoce.protections.presets import SNR, AttackName
from sottovoce.protections.report import Effect
from sottovoce.weights.fingerprint import fingerprint

DEFAULT = ("metricgan-plus",)
OPTIONS = {"wanted": "--as"}
"""Settings whose option on the command line has another name."""


class WordsSettings(BaseModel):
    """The figures and choices of `Words`, checked."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    wanted: str | None = Field(default=None, min_length=1)
    attack: AttackName | None = None
    snr: float | None = Field(default=None, ge=0.0, le=100.0)
    in_rooms: bool = False
    steps: int | None = Field(default=None, ge=1)
    seed: int = Field(default=0, ge=0, lt=2**63)

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
            option = OPTIONS.get(name, "--" + name.replace("_", "-"))
            raise SottovoceError(f"{option} {values[name]}: {first['msg'].lower()}") from error


class Words:
    """Protects what is said.

    What is wanted follows from the kind of listener at the end of each chain: an enhancer should give nothing
    intelligible (or noise, or other speech), a recogniser should write other words (or a given text).

    Args:
        against: listeners by name or path (see `load_listener`), or networks; a mapping names them. Several enhancers
            are attacked at once; of recognisers there can be only one.
        wanted: None for nothing intelligible, or other words; for enhancers "noise" or the path of a sound file whose
            speech they should give; for a recogniser the text that it should write.
        attack: "opt" (default), "pgd" or "fgsm", for enhancers; recognisers have searches of their own.
        snr: minimum SNR of the perturbation in dB, from 0 to 100 (default: 20). A text takes what it needs, so it has
            none, unless it is wanted `in_rooms`.
        in_rooms: whether a text should be written wherever the file is played in a room.
        steps: optimisation steps (default: 60, towards speech or noise 150; for recognisers 100, to a text 1000, with
            `in_rooms` 300).
        seed: of all that is random.
        device: "cpu", "cuda", "cuda:N" or "auto".

    Raises:
        SottovoceError: a value is out of range or has no effect, or a listener does not exist or cannot be attacked.

    Example:
        >>> Words(against=["metricgan-plus"], snr=25.0).snr
        25.0
    """

    name = "words"

    def __init__(
        self,
        against: str | nn.Module | Sequence[str | nn.Module] | Mapping[str, nn.Module] = DEFAULT,
        *,
        wanted: str | None = None,
        attack: str | None = None,
        snr: float | None = None,
        in_rooms: bool = False,
        steps: int | None = None,
        seed: int = 0,
        device: str = "cpu",
    ) -> None:
        settings = WordsSettings.checked(
            wanted=wanted, attack=attack, snr=snr, in_rooms=in_rooms, steps=steps, seed=seed
        )
        self.device = choose_device(device)
        self.listeners = {name: each.to(self.device) for name, each in _named(against).items()}
        self.aim = _aim(self.listeners, settings)
        self.snr = self.aim.snr

    def identity(self) -> dict[str, object]:
        """See `Protection.identity`."""
        weights = {name: fingerprint(listener) for name, listener in self.listeners.items()}
        return {"against": weights, "snr": self.snr, **self.aim.identity()}

    def perturb(self, heard: Tensor, progress: Progress) -> Tensor:
        """See `Protection.perturb`."""
        return self.aim.perturb(heard, progress)

    def measure(self, before: Tensor, after: Tensor) -> Effect:
        """See `Protection.measure`."""
        return self.aim.measure(before, after)


def _named(against: str | nn.Module | Sequence[str | nn.Module] | Mapping[str, nn.Module]) -> dict[str, nn.Module]:
    if isinstance(against, Mapping):
        return dict(against)
    listed = [against] if isinstance(against, str | nn.Module) else list(against)
    found: dict[str, nn.Module] = {}
    for each in listed:
        name = each if isinstance(each, str) else type(end_of(each)).__name__
        if name in found:
            raise SottovoceError(f"--against: {name} is named twice; name each listener once")
        found[name] = load_listener(each) if isinstance(each, str) else each
    if not found:
        raise SottovoceError("--against names no listener; name one, such as metricgan-plus")
    return found


def _aim(listeners: Mapping[str, nn.Module], settings: WordsSettings) -> AgainstEnhancers | AgainstRecognizer:
    """What is wanted of these listeners, by the kind at the end of each."""
    if all(isinstance(end_of(listener), Enhancer) for listener in listeners.values()):
        if settings.in_rooms:
            raise SottovoceError("--in-rooms is for a text that a recogniser should write; name one in --against")
        return AgainstEnhancers(
            listeners,
            wanted=settings.wanted,
            attack=settings.attack or AttackName.OPT,
            steps=settings.steps,
            snr=SNR if settings.snr is None else settings.snr,
            seed=settings.seed,
        )
    for name, listener in listeners.items():
        if not isinstance(end_of(listener), Enhancer) and not _spells(end_of(listener)):
            raise SottovoceError(f"--against {name}: neither an enhancer nor a recogniser that can be attacked")
    if len(listeners) > 1:
        raise SottovoceError(
            f"--against {','.join(listeners)}: a recogniser is attacked alone, or behind an enhancer "
            "(ENHANCER+RECOGNISER); name one"
        )
    if settings.attack is not None:
        raise SottovoceError(f"--attack {settings.attack} is for enhancers; leave it out against a recogniser")
    ((name, listener),) = listeners.items()
    return AgainstRecognizer(
        name,
        listener,
        wanted=settings.wanted,
        in_rooms=settings.in_rooms,
        steps=settings.steps,
        snr=settings.snr,
        seed=settings.seed,
    )


def _spells(network: nn.Module) -> bool:
    """Whether this is a recogniser with a score for every character in every frame."""
    return all(hasattr(network, name) for name in ("alphabet", "frames", "logits", "transcribe"))
