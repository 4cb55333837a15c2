"""Voice: who speaks can no longer be told from the file by speaker recognition."""

import copy
from collections.abc import Sequence
from typing import Self

from torch import Tensor, nn

from sottovoce.errors import SottovoceError
from sottovoce.evaluation.voice import Judge, Likeness, has_voice, likeness
from sottovoce.models.devices import choose_device
from sottovoce.perturbers import SSED, KeyedSSED, load_generator
from sottovoce.protections.against_encoders import AgainstEncoders
from sottovoce.protections.base import Progress
from sottovoce.protections.one_pass import OnePass
from sottovoce.protections.presets import Effort, Strength
from sottovoce.protections.report import Effect, still
from sottovoce.protections.settings import SearchSettings
from sottovoce.protections.usual import missing_encoder, usual_encoder_witnesses, usual_encoders
from sottovoce.weights.fingerprint import fingerprint

GENERATOR = "ssed-ecapa-tdnn"


NO_VOICE = "no voice was found in it, so nothing is claimed about who speaks"


class Hidden(Effect):
    """How much of the voice is left.

    Attributes:
        attacked, unseen: by name of a speaker encoder, those attacked and those left out of the search: the likeness of
            the two files' voices for each view.
        asked: the same of those who are asked after a generator's pass; it is not known here whom it was made against.
        voiced: whether somebody seems to speak in each view of the original.
    """

    attacked: dict[str, list[Likeness]]
    unseen: dict[str, list[Likeness]]
    asked: dict[str, list[Likeness]]
    voiced: list[bool]

    def lines(self) -> list[str]:
        if not any(self.voiced):
            return [NO_VOICE]
        told = [self._closest(each, f"{name}, never attacked,") for name, each in self.unseen.items()]
        told += [self._closest(each, f"{name}, attacked,") for name, each in self.attacked.items()]
        return told + [self._closest(each, name) for name, each in self.asked.items()]

    def failure(self) -> str | None:
        for place, view in enumerate(self.views):
            found = [each[place] for each in self.attacked.values()]
            if not (view.startswith("channel") and self.voiced[place]):
                continue
            if found and all(each.recognised == each.stretches for each in found):
                names = " and ".join(self.attacked)
                verb = "recognises" if len(found) == 1 else "recognise"
                where = self.where(place)
                return f"{names} {verb} the voice as before{where}; try a higher --strength or more --effort"
        return None

    def doubts(self) -> list[str]:
        if not any(self.voiced):
            return [NO_VOICE]
        everybody = {**self.attacked, **self.unseen, **self.asked}
        names = [
            name
            for name, each in everybody.items()
            if any(likeness.recognised for likeness, voiced in zip(each, self.voiced, strict=True) if voiced)
        ]
        return still(names, len(everybody), verbs=("recognises", "recognise"), what="the voice")

    def _closest(self, likenesses: list[Likeness], who: str) -> str:
        """What an encoder hears in the view where the voices are most alike, of those with a voice."""
        with_voice = [place for place, voiced in enumerate(self.voiced) if voiced]
        place = max(with_voice, key=lambda at: (likenesses[at].recognised > 0, likenesses[at].cosine))
        return likenesses[place].line(who) + self.where(place)


class Voice:
    """Protects who speaks: by a search against several speaker encoders, or by a generator's single pass.

    The generator is that of Guo et al. (2024); it is much faster, and misleads hardly anybody but the encoders that it
    was trained against (docs/decisions.md).

    Args:
        against: speaker encoders by name or path, or with their thresholds, that the search attacks. None for all
            that are here (see `usual_encoders`).
        witnesses: speaker encoders that are left out and asked about the written file. None for all others that are
            here; after a generator's pass, that is everybody.
        strength: how much of the perturbation may be heard: "light", "medium" (default) or "strong"; see `Strength`.
        effort: "low" for a generator's pass, "normal" (default) or "high" for a search; see `Effort`.
        snr: minimum SNR of the perturbation in dB, from 0 to 100, instead of a strength.
        steps: of the search, instead of an effort.
        generator: the generator and its removal module, by name or path, or loaded. The perturbation of a `KeyedSSED`
            depends on the secret that the companion is sealed with.
        device: "cpu", "cuda", "cuda:N" or "auto".

    Raises:
        SottovoceError: a value is out of range or has no effect, or a model does not exist, is damaged, or is of
            another kind.

    Example:
        >>> Voice(effort="low", witnesses=()).snr, Voice(["ecapa-tdnn"], witnesses=(), snr=25.0).snr
        (20.0, 25.0)
    """

    name = "voice"

    def __init__(
        self,
        against: Sequence[str | Judge] | None = None,
        *,
        witnesses: Sequence[str | Judge] | None = None,
        strength: str | None = None,
        effort: str | None = None,
        snr: float | None = None,
        steps: int | None = None,
        generator: str | SSED | KeyedSSED | None = None,
        device: str = "cpu",
    ) -> None:
        settings = SearchSettings.checked(strength=strength, effort=effort, snr=snr, steps=steps)
        settings.check_alternatives()
        self.device = choose_device(device)
        if settings.effort is Effort.LOW:
            _check_only_for_searches(settings, against)
            usual = usual_encoders()
            self.aim: OnePass | AgainstEncoders = OnePass(self._loaded(generator))
        else:
            if generator is not None:
                raise SottovoceError("--generator is for a generator's pass; add --effort low, or leave it out")
            self.aim = self._search(settings, usual_encoders() if against is None else against)
            usual = usual_encoder_witnesses(list(self.listeners))
        self.notes = [note] if self.listeners and against is None and (note := missing_encoder()) else []
        self.witnesses = self._judges(usual if witnesses is None else witnesses)
        self.snr = self.aim.snr

    @property
    def listeners(self) -> dict[str, nn.Module]:
        """Whom the search attacks, by name; nobody for a generator's pass."""
        encoders = self.aim.encoders if isinstance(self.aim, AgainstEncoders) else []
        return {judge.name: judge.encoder for judge in encoders}

    @property
    def everybody(self) -> dict[str, nn.Module]:
        """Those attacked and those asked besides, by name."""
        return {**self.listeners, **{judge.name: judge.encoder for judge in self.witnesses}}

    @property
    def needs_key(self) -> bool:
        """See `Keyed`."""
        return isinstance(self.aim, OnePass) and self.aim.needs_key

    def unlocked(self, key: bytes) -> Self:
        """See `Keyed`."""
        found = copy.copy(self)
        if isinstance(self.aim, OnePass):
            found.aim = OnePass(self.aim.generator, key)
        return found

    def identity(self) -> dict[str, object]:
        """See `Protection.identity`."""
        attacked = {name: fingerprint(encoder) for name, encoder in self.listeners.items()}
        asked = {judge.name: fingerprint(judge.encoder) for judge in self.witnesses}
        return {"against": attacked, **self.aim.identity(), "asked": asked}

    def perturb(self, heard: Tensor, progress: Progress) -> Tensor:
        """See `Protection.perturb`."""
        return self.aim.perturb(heard, progress)

    def measure(self, before: Tensor, after: Tensor) -> Hidden:
        """See `Protection.measure`."""

        def heard(judges: Sequence[Judge]) -> dict[str, list[Likeness]]:
            pairs = list(zip(before, after, strict=True))
            return {judge.name: [likeness(judge, *pair) for pair in pairs] for judge in judges}

        searched = isinstance(self.aim, AgainstEncoders)
        witnesses = heard(self.witnesses)
        return Hidden(
            attacked=heard(self.aim.encoders) if isinstance(self.aim, AgainstEncoders) else {},
            unseen=witnesses if searched else {},
            asked={} if searched else witnesses,
            voiced=[has_voice(view) for view in before],
            notes=self.notes,
        )

    def _search(self, settings: SearchSettings, against: Sequence[str | Judge]) -> AgainstEncoders:
        return AgainstEncoders(
            self._judges(against),
            snr=(settings.strength or Strength.MEDIUM).voice_snr if settings.snr is None else settings.snr,
            steps=settings.steps or (settings.effort or Effort.NORMAL).steps,
        )

    def _loaded(self, generator: str | SSED | KeyedSSED | None) -> SSED | KeyedSSED:
        given = generator or GENERATOR
        return (load_generator(given) if isinstance(given, str) else given).to(self.device)

    def _judges(self, listed: Sequence[str | Judge]) -> list[Judge]:
        found: dict[str, Judge] = {}
        for each in listed:
            judge = Judge.load(each) if isinstance(each, str) else each
            if judge.name in found:
                raise SottovoceError(f"--against: {judge.name} is named twice; name each encoder once")
            judge.encoder.to(self.device)
            found[judge.name] = judge
        return list(found.values())


def _check_only_for_searches(settings: SearchSettings, against: Sequence[str | Judge] | None) -> None:
    chosen = {"against": against, "strength": settings.strength, "snr": settings.snr}
    for option, value in chosen.items():
        if value is not None:
            raise SottovoceError(f"--{option} is for a search; leave it or --effort low out")
