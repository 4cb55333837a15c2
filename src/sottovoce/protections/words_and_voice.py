"""Words and voice: neither what is said nor who speaks can be told from the file."""

from collections.abc import Sequence
from typing import Self

from torch import Tensor, nn

from sottovoce.errors import SottovoceError
from sottovoce.protections.against_encoders import AgainstEncoders
from sottovoce.protections.against_understanding import AgainstUnderstanding, Misheard
from sottovoce.protections.base import Progress
from sottovoce.protections.presets import Effort, Strength
from sottovoce.protections.report import Effect
from sottovoce.protections.searching import Goals, search
from sottovoce.protections.settings import SearchSettings
from sottovoce.protections.voice import Hidden, Voice
from sottovoce.protections.windowed import Window, cut
from sottovoce.protections.words import Words


class Both(Effect):
    """What is left of the words and of the voice, measured on the same file.

    Attributes:
        words, voice: what the two protections did.
    """

    words: Misheard
    voice: Hidden

    def lines(self) -> list[str]:
        return [line for effect in self._effects() for line in effect.lines()]

    def failure(self) -> str | None:
        return next((reason for effect in self._effects() if (reason := effect.failure()) is not None), None)

    def doubts(self) -> list[str]:
        return [doubt for effect in self._effects() for doubt in effect.doubts()]

    def _effects(self) -> list[Effect]:
        return [effect.model_copy(update={"views": self.views}) for effect in (self.words, self.voice)]


class AgainstBoth:
    """Attacks recognisers and speaker encoders at once, with one perturbation.

    Two perturbations, one found after the other, weaken each other (docs/decisions.md).

    Args:
        words, voice: what each of them wants; the louder budget and the longer search hold for both.
    """

    def __init__(self, words: AgainstUnderstanding, voice: AgainstEncoders) -> None:
        self.words, self.voice = words, voice
        self.snr, self.steps = min(words.snr, voice.snr), max(words.steps, voice.steps)

    @property
    def everybody(self) -> list[nn.Module]:
        """Every network through which a step may pass, recognisers first."""
        return [*self.words.everybody, *self.voice.everybody]

    def perturb(self, heard: Tensor, progress: Progress) -> Tensor:
        """See `Protection.perturb`; where nobody hears words, the voice alone is hidden."""
        found = cut(heard, self.words.seam)
        spoken = self.words.spoken(heard, found)

        def goals(waveforms: Tensor, lengths: Tensor, window: Window) -> Goals:
            return (self.goals if window in spoken else self.voice.goals)(waveforms, lengths)

        return search(heard, found, goals, snr=self.snr, steps=self.steps, progress=progress)

    def goals(self, waveforms: Tensor, lengths: Tensor) -> Goals:
        """What every listener should make of a window with words; see `searching.search`."""
        (ears, others), (encoders, strangers) = (each.goals(waveforms, lengths) for each in (self.words, self.voice))
        return [*ears, *encoders], [*others, *strangers]


class WordsAndVoice:
    """Protects what is said and who speaks, with one perturbation.

    Both effects are measured on the written file, against the original. A file in which one of them has failed does not
    count as protected.

    Args:
        words: from recognisers, which should write other words.
        voice: from speaker encoders, by a search.

    Raises:
        SottovoceError: `words` is for enhancers by themselves, or puts a text into a recogniser; `voice` is a
            generator's pass.

    Example:
        >>> words = Words(["whisper-student"], snr=26.0)
        >>> WordsAndVoice(words, Voice(["ecapa-tdnn"], witnesses=(), snr=22.0)).snr
        22.0
    """

    name = "words and voice"

    def __init__(self, words: Words, voice: Voice) -> None:
        if not isinstance(words.aim, AgainstUnderstanding):
            raise SottovoceError("words and voice together: no recogniser is attacked; name one in --against")
        if not isinstance(voice.aim, AgainstEncoders):
            raise SottovoceError("words and voice together: a generator's pass hides a voice alone; choose --steps")
        self.words, self.voice = words, voice
        self.aim = AgainstBoth(words.aim, voice.aim)
        self.device = words.device
        self.snr = self.aim.snr

    @classmethod
    def chosen(
        cls,
        against: Sequence[str] | None = None,
        encoders: Sequence[str] | None = None,
        *,
        strength: str | None = None,
        effort: str | None = None,
        snr: float | None = None,
        steps: int | None = None,
        seed: int = 0,
        device: str = "cpu",
    ) -> Self:
        """Both with the same settings; a voice is searched for with low effort as well.

        Args:
            against: recognisers and enhancers; see `Words`.
            encoders: speaker encoders; `against` of `Voice`.
            strength, effort, snr, steps, seed, device: see `Words`; a strength stands for `Strength.both_snr`.

        Raises:
            SottovoceError: as `Words` and `Voice`.
        """
        settings = SearchSettings.checked(strength=strength, effort=effort, snr=snr, steps=steps)
        settings.check_alternatives()
        snr = (settings.strength or Strength.MEDIUM).both_snr if settings.snr is None else settings.snr
        steps = settings.steps or (settings.effort or Effort.NORMAL).steps
        words = Words(against, snr=snr, steps=steps, seed=seed, device=device)
        return cls(words, Voice(encoders, snr=snr, steps=steps, device=device))

    @property
    def listeners(self) -> dict[str, nn.Module]:
        """Whom the search attacks, by name."""
        return {**self.words.listeners, **self.voice.listeners}

    @property
    def everybody(self) -> dict[str, nn.Module]:
        """Those attacked and those left out of the search, by name."""
        return {**self.words.everybody, **self.voice.everybody}

    def identity(self) -> dict[str, object]:
        """See `Protection.identity`."""
        return {"words": self.words.identity(), "voice": self.voice.identity()}

    def perturb(self, heard: Tensor, progress: Progress) -> Tensor:
        """See `Protection.perturb`."""
        return self.aim.perturb(heard, progress)

    def measure(self, before: Tensor, after: Tensor) -> Both:
        """See `Protection.measure`."""
        words, voice = self.aim.words.measure(before, after), self.voice.measure(before, after)
        return Both(words=words, voice=voice, notes=[*words.notes, *voice.notes])
