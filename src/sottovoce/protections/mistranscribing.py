"""Making a recogniser write other words, or a given text, from a sound file."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from sottovoce.attacks import PGD, AttackResult
from sottovoce.audio import files, windows
from sottovoce.audio.batch import full_lengths
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.channels.purifiers import Quantization
from sottovoce.errors import SottovoceError
from sottovoce.metrics import wer
from sottovoce.models.chain import Chain
from sottovoce.models.recognizers import DifferentiableRecognizer
from sottovoce.protections.base import FileReport, facts, open_source, write_changed
from sottovoce.protections.presets import in_rooms as attack_in_rooms
from sottovoce.protections.presets import quietest
from sottovoce.threats.budgets import SNRFloor
from sottovoce.threats.objectives.recognizers import Mistranscribe, Transcribe
from sottovoce.weights.fingerprint import fingerprint

STEPS, STEPS_TO_TEXT, STEPS_IN_ROOMS = 100, 1000, 300
"""Of the search, for other words, for a text, and for a text in rooms."""
STEP = 0.3
"""Of PGD, as a share of the allowed perturbation's root mean square."""
LAST_STEP = 0.05
LOUDEST = 0.0
"""dB of SNR that a targeted attack keeps whatever it finds."""
Progress = Callable[[float], None]


class Mistranscribed(FileReport):
    """What was done to one file so that a recogniser writes something else.

    Attributes:
        recognizer: what it is called.
        weights: hexadecimal digest of its weights.
        text: what it should write; empty for anything but what is said.
        in_rooms: whether the text should be written in rooms, too.
        wanted_snr: the lowest SNR in dB that was allowed; of a text only where rooms are.
        steps: of the search.
        before, after: what it writes for the original and for the written file.
    """

    recognizer: str
    weights: str
    text: str
    in_rooms: bool = False
    wanted_snr: float
    steps: int
    before: str
    after: str

    def line(self) -> str:
        """The summary in one line."""
        where = f"{self.source} → {self.target}: SNR {self.snr:.1f} dB; {self.recognizer}"
        if self.text:
            return f"{where} writes {'the text' if self.after == self.text else f'“{self.after}”'}"
        rate = float(wer([self.before], [self.after])[0])
        return f"{where} gets {100 * rate:.0f} % of its words wrong that it had before"


def mistranscribed_before(
    source: Path,
    target: Path,
    recognizer: DifferentiableRecognizer,
    text: str,
    snr: float,
    steps: int | None,
    *,
    in_rooms: bool,
) -> bool:
    """Whether `target` is, to the byte, what this version made of the same source with the same settings before."""
    report = Mistranscribed.of(target)
    made_with = (text, snr, steps or _usual_steps(text, in_rooms), in_rooms, fingerprint(recognizer))
    return (
        report is not None
        and (report.text, report.wanted_snr, report.steps, report.in_rooms, report.weights) == made_with
        and report.is_current(source, target)
    )


def mistranscribe_file(
    source: Path,
    target: Path,
    recognizer: DifferentiableRecognizer,
    name: str,
    *,
    text: str = "",
    snr: float = 20.0,
    steps: int | None = None,
    in_rooms: bool = False,
    progress: Progress = lambda _: None,
) -> Mistranscribed:
    """Perturb a file until a recogniser writes `text`, or, without one, as far as `snr` allows from what it writes.

    Args:
        source: any sound file of more than 50 ms that is not silent; with a text of at most 20 s.
        target: the file to write, with a report beside it; replaced if it exists.
        recognizer: that should be misled.
        name: what it is called.
        text: wanted, in the recogniser's letters; empty for anything else than before.
        snr: lowest SNR of the perturbation in dB; a wanted text takes what it needs, unless it is wanted in rooms.
        steps: of the search; if None, 100 for other words, 1000 to a text, 300 to a text in rooms.
        in_rooms: whether the text should be written where the file is played in a room; needs a text.
        progress: called with the finished share, from 0 to 1.

    Raises:
        SottovoceError: the recogniser hears no words, the text does not fit, the source cannot be protected or the
            target cannot be written; nothing is left half-written.
    """
    steps = steps or _usual_steps(text, in_rooms)
    recording, original = open_source(source, target)
    level = max(1.0, float(original.abs().max()))  # float files may exceed full scale, attacks may not
    heard = original / level
    where = windows.spans(len(heard))
    before = [recognizer.transcribe(heard[None, place])[0] for place in where]
    if text:
        change = _towards(heard, recognizer, text, snr if in_rooms else None, steps, source, progress)
    else:
        change = _away(heard, where, before, recognizer, snr, steps, source, progress)
    written = write_changed(recording, change * level, LOUDEST if text and not in_rooms else snr, target)
    again = torch.from_numpy(files.as_mono_16k(written))
    report = Mistranscribed(
        **facts(source, target, recording, written),
        recognizer=name,
        weights=fingerprint(recognizer),
        text=text,
        in_rooms=in_rooms,
        wanted_snr=snr,
        steps=steps,
        before=" ".join(before),
        after=" ".join(recognizer.transcribe(again[None, place])[0] for place in where).strip(),
    )
    report.save()
    return report


def _usual_steps(text: str, in_rooms: bool) -> int:
    return STEPS_IN_ROOMS if in_rooms else STEPS_TO_TEXT if text else STEPS


def _towards(
    heard: Tensor,
    recognizer: DifferentiableRecognizer,
    text: str,
    snr: float | None,
    steps: int,
    source: Path,
    progress: Progress,
) -> Tensor:
    """To a text, as quietly as can be, or in rooms at `snr`."""
    if len(heard) > windows.LONGEST:
        longest = windows.LONGEST / MODEL_RATE
        raise SottovoceError(f"{source}: a text can be put into recordings of up to {longest:.0f} s; cut it")
    waveforms = heard[None]
    objective = Transcribe([text], recognizer)
    objective.check(full_lengths(waveforms))

    def report(number: int) -> None:
        progress(number / steps)

    if snr is not None:
        aloud = attack_in_rooms(snr, text, recognizer, steps=steps, progress=report)
        return _change(aloud(recognizer, waveforms, objective), waveforms)
    as_in_files = Chain(Quantization(1), recognizer)  # the quietest perturbation is not far above a file's rounding
    return _change(
        quietest(text, recognizer, steps=steps, progress=report)(as_in_files, waveforms, objective), waveforms
    )


def _away(
    heard: Tensor,
    where: list[slice],
    texts: list[str],
    recognizer: DifferentiableRecognizer,
    snr: float,
    steps: int,
    source: Path,
    progress: Progress,
) -> Tensor:
    if not any(texts):
        raise SottovoceError(f"{source}: the recogniser hears no words in it; there is nothing to protect from it")
    changes = []
    for number, (place, text) in enumerate(zip(where, texts, strict=True)):
        waveforms = heard[None, place]
        if text:
            allowed = float(waveforms.square().mean().sqrt()) * 10.0 ** (-snr / 20.0)
            attack = PGD(step=STEP * allowed, steps=steps, decay=LAST_STEP, budget=SNRFloor(snr))
            result = attack(recognizer, waveforms, Mistranscribe([text], recognizer))
            changes.append(_change(result, waveforms))
        else:
            changes.append(torch.zeros_like(waveforms[0]))
        progress((number + 1) / len(where))
    return windows.join(changes, where)


def _change(result: AttackResult, waveforms: Tensor) -> Tensor:
    return (result.adversarial - waveforms)[0]
