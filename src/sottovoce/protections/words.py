"""Words: what is said can no longer be read from the file by the listeners it is protected against."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field
from torch import Tensor, nn

from sottovoce.errors import SottovoceError
from sottovoce.models.chain import end_of
from sottovoce.models.devices import choose_device
from sottovoce.models.enhancers import Enhancer
from sottovoce.models.loading import load_listener
from sottovoce.protections.against_enhancers import AgainstEnhancers
from sottovoce.protections.against_understanding import AgainstUnderstanding, is_surrogate
from sottovoce.protections.base import Progress
from sottovoce.protections.dictation import Dictation
from sottovoce.protections.presets import SNR, AttackName, Effort, Strength
from sottovoce.protections.report import Effect
from sottovoce.protections.settings import SearchSettings
from sottovoce.protections.usual import SURROGATE, missing_recogniser, usual_listeners, usual_witnesses
from sottovoce.weights.fingerprint import fingerprint

Named = str | nn.Module | Sequence[str | nn.Module] | Mapping[str, nn.Module]
Aim = AgainstEnhancers | Dictation | AgainstUnderstanding


class WordsSettings(SearchSettings):
    """The figures and choices of `Words`, checked."""

    options: ClassVar[dict[str, str]] = {"wanted": "--as"}

    wanted: str | None = Field(default=None, min_length=1)
    attack: AttackName | None = None
    in_rooms: bool = False
    seed: int = Field(default=0, ge=0, lt=2**63)


class Words:
    """Protects what is said.

    What is wanted follows from who listens. Recognisers should write other words, alone and behind whatever enhancers
    are named with them, or else a given text. Enhancers by themselves should give nothing intelligible, or noise, or
    other speech.

    Args:
        against: listeners by name or path (see `load_listener`), or networks; a mapping names them. None for the
            usual ones that are here (see `usual_listeners`).
        keep: recognisers by name or path that should go on understanding.
        wanted: None for nothing intelligible, or other words; for enhancers "noise" or the path of a sound file whose
            speech they should give; for one CTC recogniser the text that it should write.
        strength: how much of the perturbation may be heard: "light", "medium" (default) or "strong"; see `Strength`.
        effort: how long to search: "low", "normal" (default) or "high"; see `Effort`.
        attack: "opt" (default), "pgd" or "fgsm", for enhancers by themselves.
        snr: minimum SNR of the perturbation in dB, from 0 to 100, instead of a strength (default for enhancers by
            themselves and a text in rooms: 20). A text in files takes what it needs, so it has none.
        in_rooms: whether a text should be written wherever the file is played in a room.
        steps: optimisation steps, instead of an effort (default for enhancers by themselves: 60, towards speech or
            noise 150; to a text 1000, with `in_rooms` 300).
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
        against: Named | None = None,
        *,
        keep: Named = (),
        wanted: str | None = None,
        strength: str | None = None,
        effort: str | None = None,
        attack: str | None = None,
        snr: float | None = None,
        in_rooms: bool = False,
        steps: int | None = None,
        seed: int = 0,
        device: str = "cpu",
    ) -> None:
        settings = WordsSettings.checked(
            wanted=wanted,
            strength=strength,
            effort=effort,
            attack=attack,
            snr=snr,
            in_rooms=in_rooms,
            steps=steps,
            seed=seed,
        )
        self.device = choose_device(device)
        self.friends = self._loaded(keep, "--keep")
        self.listeners = self._loaded(usual_listeners(self.friends) if against is None else against, "--against")
        if both := self.friends.keys() & self.listeners.keys():
            raise SottovoceError(f"--keep {min(both)}: is named in --against as well; leave one of them out")
        if not self.listeners:
            raise SottovoceError("--against names no listener; name one, such as metricgan-plus")
        self.aim = self._aim(settings)
        self.snr = self.aim.snr

    @property
    def everybody(self) -> dict[str, nn.Module]:
        """Those attacked and those left out of the search, by name."""
        witnesses = self.aim.witnesses if isinstance(self.aim, AgainstUnderstanding) else {}
        return {**self.listeners, **witnesses}

    def identity(self) -> dict[str, object]:
        """See `Protection.identity`."""
        weights = {name: fingerprint(listener) for name, listener in self.listeners.items()}
        kept = {name: fingerprint(friend) for name, friend in self.friends.items()}
        return {"against": weights, "keep": kept, "snr": self.snr, **self.aim.identity()}

    def perturb(self, heard: Tensor, progress: Progress) -> Tensor:
        """See `Protection.perturb`."""
        return self.aim.perturb(heard, progress)

    def measure(self, before: Tensor, after: Tensor) -> Effect:
        """See `Protection.measure`."""
        return self.aim.measure(before, after)

    def _loaded(self, listed: Named, option: str) -> dict[str, nn.Module]:
        """Listeners by name, on the device."""
        return {name: each.to(self.device) for name, each in _named(listed, option).items()}

    def _aim(self, settings: WordsSettings) -> Aim:
        """What is wanted of these listeners, by the kind at the end of each."""
        ends = {name: end_of(listener) for name, listener in self.listeners.items()}
        if all(isinstance(end, Enhancer) for end in ends.values()):
            return self._against_enhancers(settings)
        if settings.attack is not None:
            raise SottovoceError(f"--attack {settings.attack} is for enhancers; leave it out against a recogniser")
        if settings.wanted is not None:
            return self._to_text(settings)
        if settings.in_rooms:
            raise SottovoceError("--in-rooms needs a text; add --as TEXT")
        settings.check_alternatives()
        return AgainstUnderstanding(
            self.listeners,
            friends=self.friends,
            witnesses=self._loaded(usual_witnesses([*self.listeners, *self.friends]), "--against"),
            snr=self._snr_of(settings.strength or Strength.MEDIUM) if settings.snr is None else settings.snr,
            steps=settings.steps or (settings.effort or Effort.NORMAL).steps,
            seed=settings.seed,
            notes=[note] if SURROGATE in self.listeners and (note := missing_recogniser()) else [],
        )

    def _snr_of(self, strength: Strength) -> float:
        """The SNR that sounds as a strength says on these listeners."""
        ears = (each for each in self.listeners.values() if not isinstance(end_of(each), Enhancer))
        return strength.surrogate_snr if any(map(is_surrogate, ears)) else strength.snr

    def _against_enhancers(self, settings: WordsSettings) -> AgainstEnhancers:
        if settings.in_rooms:
            raise SottovoceError("--in-rooms is for a text that a recogniser should write; name one in --against")
        _check_only_for_recognisers(settings, self.friends)
        return AgainstEnhancers(
            self.listeners,
            wanted=settings.wanted,
            attack=settings.attack or AttackName.OPT,
            steps=settings.steps,
            snr=SNR if settings.snr is None else settings.snr,
            seed=settings.seed,
        )

    def _to_text(self, settings: WordsSettings) -> Dictation:
        if len(self.listeners) > 1:
            raise SottovoceError(
                f"--as {settings.wanted}: a text is put into one recogniser, alone or behind an enhancer "
                f"(ENHANCER+RECOGNISER), not into {','.join(self.listeners)}; name one"
            )
        ((name, listener),) = self.listeners.items()
        if getattr(end_of(listener), "alphabet", None) is None:
            raise SottovoceError(f"--as {settings.wanted}: {name} is no CTC recogniser; name one, such as deep-speech")
        _check_only_for_recognisers(settings, self.friends)
        return Dictation(
            name,
            listener,
            wanted=settings.wanted or "",
            in_rooms=settings.in_rooms,
            steps=settings.steps,
            snr=settings.snr,
            seed=settings.seed,
        )


def _named(listed: Named, option: str) -> dict[str, nn.Module]:
    if isinstance(listed, Mapping):
        return dict(listed)
    found: dict[str, nn.Module] = {}
    for each in [listed] if isinstance(listed, str | nn.Module) else listed:
        name = each if isinstance(each, str) else type(end_of(each)).__name__
        if name in found:
            raise SottovoceError(f"{option}: {name} is named twice; name each listener once")
        found[name] = load_listener(each) if isinstance(each, str) else each
    return found


def _check_only_for_recognisers(settings: WordsSettings, friends: Mapping[str, nn.Module]) -> None:
    chosen = {"strength": settings.strength, "effort": settings.effort, "keep": friends or None}
    for option, value in chosen.items():
        if value is not None:
            raise SottovoceError(
                f"--{option} is for protection from recognisers that should write other words; name one in --against, "
                "or leave it out"
            )
