"""Words and voice: neither what is said nor who speaks can be told from the file."""

import math

from torch import Tensor, nn

from sottovoce.errors import SottovoceError
from sottovoce.protections.against_understanding import AgainstUnderstanding, Misheard
from sottovoce.protections.base import Progress
from sottovoce.protections.report import Effect
from sottovoce.protections.voice import Hidden, Voice
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


class WordsAndVoice:
    """Protects what is said and who speaks, with two perturbations in one file.

    The words are searched for on the recording with the voice already hidden, so that the second perturbation is made
    for the file as it will be; then both effects are measured on the written file, against the original. A file in
    which one of them has undone the other does not count as protected.

    Args:
        words: from recognisers, which should write other words.
        voice: from speaker encoders.

    Raises:
        SottovoceError: `words` is for enhancers by themselves, or puts a text into a recogniser.

    Example:
        >>> words = Words(["whisper-student"], snr=26.0)
        >>> round(WordsAndVoice(words, Voice(["ecapa-tdnn"], witnesses=(), snr=22.0)).snr, 1)
        17.5
    """

    name = "words and voice"

    def __init__(self, words: Words, voice: Voice) -> None:
        if not isinstance(words.aim, AgainstUnderstanding):
            raise SottovoceError(
                "words and voice together: words are protected from recognisers; name one in --against"
            )
        self.words, self.voice = words, voice
        self.aim = words.aim
        self.device = words.device
        amplitudes = [10.0 ** (-each.snr / 20.0) for each in (words, voice)]
        self.snr = -20.0 * math.log10(sum(amplitudes) + math.prod(amplitudes))  # if they add up in every sample

    @property
    def listeners(self) -> dict[str, nn.Module]:
        """Whom the searches attack, by name."""
        return {**self.words.listeners, **self.voice.listeners}

    @property
    def everybody(self) -> dict[str, nn.Module]:
        """Those attacked and those left out of the searches, by name."""
        return {**self.words.everybody, **self.voice.everybody}

    def identity(self) -> dict[str, object]:
        """See `Protection.identity`."""
        return {"words": self.words.identity(), "voice": self.voice.identity()}

    def perturb(self, heard: Tensor, progress: Progress) -> Tensor:
        """See `Protection.perturb`."""
        hidden = self.voice.perturb(heard, lambda share: progress(share / 2))
        return hidden + self.words.perturb((heard + hidden).clamp(-1, 1), lambda share: progress((1 + share) / 2))

    def measure(self, before: Tensor, after: Tensor) -> Both:
        """See `Protection.measure`."""
        words, voice = self.aim.measure(before, after), self.voice.measure(before, after)
        return Both(words=words, voice=voice, notes=[*words.notes, *voice.notes])
