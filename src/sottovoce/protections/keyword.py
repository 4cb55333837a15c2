"""Keyword: a classifier hears another word, in a sound file of any length."""

import torch
from pydantic import BaseModel, Field
from torch import Tensor

from sottovoce.audio.batch import pad
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.errors import SottovoceError
from sottovoce.models.classifiers import Classifier, load_classifier
from sottovoce.models.devices import choose_device
from sottovoce.perturbers import AdvGAN
from sottovoce.protections.base import Progress
from sottovoce.protections.report import Effect
from sottovoce.weights.fingerprint import fingerprint

GENERATOR, CLASSIFIER, WITNESS = "advgan", "wide-resnet", "ds-cnn"
"""The last had no part in making the first."""
SNR_FLOOR = 10.0
"""dB that a protected file keeps even where the generator is louder."""
FRAME = MODEL_RATE // 50
RANGE_DB = 30.0
"""How far below the loudest frame sound still counts."""
LONGEST_PAUSE = 0.25
"""Seconds within a word."""


class Word(BaseModel):
    """What the classifier makes of one place.

    Attributes:
        seconds: where its clip starts.
        before, after: the answer for the original and for the written file.
    """

    seconds: float
    before: str
    after: str


class Relabelled(Effect):
    """What the classifier hears.

    Attributes:
        wanted: the word it should hear.
        words: for each view, by place; those that were the wanted word already are left as they are.
        witness: name of a classifier that nobody attacked, or None.
        witnessed: what that one hears, like `words`; empty without a witness.
    """

    wanted: str
    words: list[list[Word]]
    witness: str | None = None
    witnessed: list[list[Word]] = Field(default_factory=list)

    def lines(self) -> list[str]:
        place = min(range(len(self.words)), key=self._share)
        others = self._others(place)
        hits = sum(word.after == self.wanted for word in others)
        told = [f"{hits} of {len(others)} words heard as {self.wanted}{self.where(place)}"]
        if left := len(self.words[place]) - len(others):
            told.append(f"{left} were heard as that before")
        if self.witness is not None and others:
            heard = sum(
                seen.after == self.wanted
                for word, seen in zip(self.words[place], self.witnessed[place], strict=True)
                if word.before != self.wanted
            )
            told.append(f"{self.witness}, which was not attacked, hears {heard} of them as {self.wanted}")
        return told

    def failure(self) -> str | None:
        for place, view in enumerate(self.views):
            if view.startswith("channel") and self._others(place) and self._share(place) == 0.0:
                return f"no word is heard as {self.wanted}{self.where(place)}; try another --generator"
        return None

    def _others(self, place: int) -> list[Word]:
        return [word for word in self.words[place] if word.before != self.wanted]

    def _share(self, place: int) -> float:
        """How many of a view's other words are heard as the wanted one; all of none."""
        others = self._others(place)
        return sum(word.after == self.wanted for word in others) / len(others) if others else 1.0


class Keyword:
    """Makes a classifier hear one word wherever it hears another, by a generator's single pass (Wang et al., 2020).

    With the bundled generator and classifier, `ds-cnn` is asked as well: a classifier that had no part in making them.

    Args:
        wanted: the word it should hear.
        generator: by name or path, or loaded.
        classifier: the classifier to fool, by name or path, or loaded.
        device: "cpu", "cuda", "cuda:N" or "auto".

    Raises:
        SottovoceError: the word is unknown, a model does not exist, or the two models know different words.

    Example:
        >>> Keyword("stop").wanted
        'stop'
    """

    name = "keyword"
    snr = SNR_FLOOR

    def __init__(
        self,
        wanted: str,
        *,
        generator: str | AdvGAN = GENERATOR,
        classifier: str | Classifier = CLASSIFIER,
        device: str = "cpu",
    ) -> None:
        self.wanted, self.device = wanted, choose_device(device)
        self.generator = (AdvGAN.load(generator) if isinstance(generator, str) else generator).to(self.device)
        self.classifier = load_classifier(classifier) if isinstance(classifier, str) else classifier
        self.classifier.to(self.device)
        self.witness: Classifier | None = None
        if (generator, classifier) == (GENERATOR, CLASSIFIER):
            self.witness = load_classifier(WITNESS).to(self.device)
        if missing := set(self.generator.labels) - set(self.classifier.labels):
            raise SottovoceError(
                f"the classifier does not know the generator's label '{min(missing)}'; "
                "name the classifier that the generator was trained on"
            )
        self.number = self.generator.label_number(wanted)

    def identity(self) -> dict[str, object]:
        """See `Protection.identity`."""
        return {
            "wanted": self.wanted,
            "generator": fingerprint(self.generator),
            "classifier": fingerprint(self.classifier),
        }

    @torch.no_grad()
    def perturb(self, heard: Tensor, progress: Progress) -> Tensor:
        """See `Protection.perturb`."""
        change, size = torch.zeros_like(heard), self.classifier.clip
        for number, (channel, changed) in enumerate(zip(heard, change, strict=True), start=1):
            starts = find_words(channel, size)
            heard_as = self._hear(channel, starts, self.classifier)
            others = [start for start, word in zip(starts, heard_as, strict=True) if word != self.wanted]
            if others:
                clips, lengths = pad([channel[start : start + size] for start in others])
                targets = torch.full((len(others),), self.number, device=heard.device)
                perturbed = self.generator(clips, lengths.to(heard.device), targets)
                for start, clip, length in zip(others, perturbed - clips, lengths.tolist(), strict=True):
                    changed[start : start + length] = clip[:length]
            progress(number / len(heard))
        if not change.any():
            raise SottovoceError(f"every word is heard as {self.wanted} already; there is nothing to change")
        return change

    def measure(self, before: Tensor, after: Tensor) -> Relabelled:
        """See `Protection.measure`."""
        pairs = list(zip(before, after, strict=True))
        words = [self._words(self.classifier, *pair) for pair in pairs]
        if self.witness is None:
            return Relabelled(wanted=self.wanted, words=words)
        witnessed = [self._words(self.witness, *pair) for pair in pairs]
        return Relabelled(wanted=self.wanted, words=words, witness=WITNESS, witnessed=witnessed)

    def _words(self, listener: Classifier, before: Tensor, after: Tensor) -> list[Word]:
        """What a listener makes of a channel `(samples,)`, by place."""
        starts = find_words(before, self.classifier.clip)
        answers = zip(starts, *(self._hear(channel, starts, listener) for channel in (before, after)), strict=True)
        return [Word(seconds=start / MODEL_RATE, before=old, after=new) for start, old, new in answers]

    def _hear(self, channel: Tensor, starts: list[int], listener: Classifier) -> list[str]:
        """A listener's answers to the clips of a channel `(samples,)`."""
        size = self.classifier.clip
        clips = [channel[start : start + size] for start in starts]
        filled = [torch.nn.functional.pad(clip, (0, size - len(clip))) for clip in clips]
        return listener.predict(torch.stack(filled).to(self.device)) if filled else []


def find_words(heard: Tensor, clip: int) -> list[int]:
    """Where clips of `clip` samples start that hold all that is loud enough, each at most once.

    Sound with pauses of up to a quarter of a second counts as one word; what lasts longer than a clip is cut up.

    Args:
        heard: `(samples,)` at 16 kHz.
        clip: samples.

    Returns:
        First samples, rising; a clip after the last may reach beyond the end.
    """
    frames = torch.nn.functional.pad(heard, (0, -len(heard) % FRAME)).view(-1, FRAME).square().mean(1)
    loud = torch.nonzero(frames > frames.max() * 10 ** (-RANGE_DB / 10))[:, 0].tolist()
    spans: list[list[int]] = []
    for frame in loud:
        if spans and (frame - spans[-1][1]) * FRAME <= LONGEST_PAUSE * MODEL_RATE:
            spans[-1][1] = frame
        else:
            spans.append([frame, frame])
    starts: list[int] = []
    for first, last in spans:
        begin, end = first * FRAME, (last + 1) * FRAME
        count = -(-(end - begin) // clip)
        start = max(0, min((begin + end - count * clip) // 2, len(heard) - count * clip))
        if starts:
            start = max(start, starts[-1] + clip)
        while start < end:
            starts.append(start)
            start += clip
    return starts
