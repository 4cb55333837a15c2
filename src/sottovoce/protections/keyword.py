"""Making a keyword classifier hear another word, in a sound file of any length."""

from collections.abc import Callable
from pathlib import Path

import torch
from pydantic import BaseModel
from torch import Tensor

from sottovoce.audio import files
from sottovoce.audio.files import Recording
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.errors import SottovoceError
from sottovoce.models.classifiers import Classifier
from sottovoce.perturbers import AdvGAN
from sottovoce.protections.base import FileReport, facts, open_source, write_changed
from sottovoce.weights.fingerprint import fingerprint

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


class Relabelled(FileReport):
    """What was done to one file so that a classifier hears another word.

    Attributes:
        label: the word that is wanted.
        perturber, classifier: the models.
        weights: hexadecimal digests of their weights.
        words: by place; those that were the wanted word already are left as they are.
    """

    label: str
    perturber: str
    classifier: str
    weights: tuple[str, str]
    words: list[Word]

    def line(self) -> str:
        """The summary in one line."""
        others = [word for word in self.words if word.before != self.label]
        hits = sum(word.after == self.label for word in others)
        text = (
            f"{self.source} → {self.target}: SNR {self.snr:.1f} dB; {hits} of {len(others)} words heard as {self.label}"
        )
        left = len(self.words) - len(others)
        return f"{text}; {left} were heard as that before" if left else text


def relabelled_before(source: Path, target: Path, network: AdvGAN, classifier: Classifier, label: str) -> bool:
    """Whether `target` is, to the byte, what this version made of the same source with the same models before."""
    report = Relabelled.of(target)
    made_with = (label, (fingerprint(network), fingerprint(classifier)))
    return report is not None and (report.label, report.weights) == made_with and report.is_current(source, target)


def relabel_file(
    source: Path,
    target: Path,
    network: AdvGAN,
    classifier: Classifier,
    label: str,
    names: tuple[str, str],
    progress: Callable[[float], None] = lambda _: None,
) -> Relabelled:
    """Make a classifier hear `label` wherever it hears another word.

    Args:
        source: any sound file of more than 50 ms that is not silent.
        target: the file to write, with a report beside it; replaced if it exists.
        network: the generator.
        classifier: that should be fooled.
        label: what it should hear.
        names: what the generator and the classifier are called.
        progress: called with the finished share, from 0 to 1.

    Raises:
        SottovoceError: the label is unknown, the source cannot be protected or the target cannot be written; nothing
            is left half-written.
    """
    wanted = network.label_number(label)
    recording, heard = open_source(source, target)
    starts = find_words(heard, classifier.clip)
    before = _answers(heard, starts, classifier)
    change = torch.zeros_like(heard)
    for number, (start, answer) in enumerate(zip(starts, before, strict=True), start=1):
        if answer != label:
            clip = heard[start : start + classifier.clip][None]
            with torch.no_grad():
                perturbed = network(clip, targets=torch.tensor([wanted]))
            change[start : start + clip.shape[-1]] = (perturbed - clip)[0]
        progress(number / len(starts))
    written = write_changed(recording, change, SNR_FLOOR, target)
    after = _answers(_heard(written), starts, classifier)
    report = Relabelled(
        **facts(source, target, recording, written),
        label=label,
        perturber=names[0],
        classifier=names[1],
        weights=(fingerprint(network), fingerprint(classifier)),
        words=[
            Word(seconds=start / MODEL_RATE, before=old, after=new)
            for start, old, new in zip(starts, before, after, strict=True)
        ],
    )
    report.save()
    return report


def find_words(heard: Tensor, clip: int) -> list[int]:
    """Where clips of `clip` samples start that hold all that is loud enough, each at most once.

    Sound with pauses of up to a quarter of a second belongs together; what lasts longer than a clip is cut up.

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


def _answers(heard: Tensor, starts: list[int], classifier: Classifier) -> list[str]:
    clips = [heard[start : start + classifier.clip] for start in starts]
    filled = [torch.nn.functional.pad(clip, (0, classifier.clip - len(clip))) for clip in clips]
    return classifier.predict(torch.stack(filled))


def _heard(written: Recording) -> Tensor:
    return torch.from_numpy(files.as_mono_16k(written))


def check_labels(network: AdvGAN, classifier: Classifier) -> None:
    """Make sure that a generator was made for a classifier of the same words.

    Raises:
        SottovoceError: it was not.
    """
    if missing := set(network.labels) - set(classifier.labels):
        raise SottovoceError(
            f"the classifier does not know the generator's label '{min(missing)}'; take its own victim"
        )
