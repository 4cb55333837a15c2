"""Verification of a protection: an original and its protected copy, as they are and after enhancement."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from sottovoce import metrics
from sottovoce.audio import files
from sottovoce.audio.files import Sound
from sottovoce.audio.levels import snrs
from sottovoce.audio.views import hear, views
from sottovoce.audio.windows import pauses
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.enhance import enhance, load_enhancers
from sottovoce.evaluation.plot import draw
from sottovoce.evaluation.recognition import transcript, why_worthless
from sottovoce.metrics.base import noting
from sottovoce.models.recognizers import PocketSphinx, Recognizer

LOST, DAMAGED = 0.9, 0.6
"""Word error rates from which nearly all, or most, of what was said counts as lost. Character error rates would
mislead: unrelated words still share about a fifth of their letters with the true ones."""


def _si_sdr(original: Tensor, protected: Tensor) -> Tensor:
    equal = (original == protected).all(1)
    return torch.where(equal, torch.inf, metrics.si_sdr(original, protected))


QUALITY: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "si_sdr": _si_sdr,
    "pesq_wb": metrics.pesq,
    "stoi": metrics.stoi,
    "dnsmos_original": lambda original, protected: metrics.dnsmos(original.clamp(-1, 1)).ovrl,
    "dnsmos_protected": lambda original, protected: metrics.dnsmos(protected.clamp(-1, 1)).ovrl,
}
"""Sound quality of the protected file: metrics of the channels of both files, `(channels, samples)` at 16 kHz. Metrics
added here appear in every table and report."""


class _Result(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="strings")


class Heard(_Result):
    """Recognition of one signal.

    Attributes:
        text: the transcript.
        cer, wer: its error rates as fractions; NaN without a reference.
    """

    text: str
    cer: float
    wer: float


class Enhanced(_Result):
    """Effect of a protection after one enhancer.

    Attributes:
        perturbation_gain: gain of the enhancer for the perturbation in dB.
        energy_drop: level of the enhanced original over that of the enhanced protected file in dB.
        rpr: residual perturbation rate (Dong et al., 2022).
        rpr_ill_posed: whether `rpr` is meaningless here.
        original, protected: recognition of the two enhanced files.
    """

    perturbation_gain: float
    energy_drop: float
    rpr: float
    rpr_ill_posed: bool
    original: Heard
    protected: Heard


class View(_Result):
    """One way of listening to the files: a channel, the mean, or a difference of channels; see `audio.views`.

    Attributes:
        reference: the text that transcripts are compared with.
        worthless: why transcripts cannot be compared with it; None if they can.
        original, protected: recognition of the two files without enhancement.
        enhanced: results after each enhancer, by name.
    """

    reference: str
    worthless: str | None = None
    original: Heard
    protected: Heard
    enhanced: dict[str, Enhanced]


class Verification(_Result):
    """Comparison of two files. An undefined value is NaN, and a note says why.

    Attributes:
        original_file, protected_file: paths.
        seconds: duration.
        recognizer: name of the recogniser.
        reference_given: whether the caller gave the reference; otherwise it is the transcript of the original.
        snr: SNR of the perturbation in dB, at the files' own rate, in the channel where it is lowest; a channel's mean
            does not count as signal. ∞ if the files hold the same samples.
        quality: the metrics of `QUALITY`, each in the channel where it is lowest.
        views: results for each way of listening, by name; the only one of a mono file is "channel 1".
        notes: why values are undefined.
    """

    original_file: str
    protected_file: str
    seconds: float
    recognizer: str
    reference_given: bool
    snr: float
    quality: dict[str, float]
    views: dict[str, View]
    notes: list[str]

    def weakest(self, enhancer: str | None = None) -> str:
        """The view in which most words are left, preferably among those whose original is understood.

        Args:
            enhancer: by whom the files were enhanced; None for no enhancement.
        """

        def rank(name: str) -> tuple[bool, bool, float]:
            view = self.views[name]
            pair = view if enhancer is None else view.enhanced[enhancer]
            missing = math.isnan(pair.protected.wer)
            return missing, not pair.original.wer < DAMAGED, 0.0 if missing else pair.protected.wer

        return min(self.views, key=rank)

    @property
    def enhanced(self) -> dict[str, Enhanced]:
        """Results after each enhancer, in the view that is weakest there."""
        names = next(iter(self.views.values())).enhanced
        return {name: self.views[self.weakest(name)].enhanced[name] for name in names}

    @property
    def original(self) -> Heard:
        """Recognition of the original without enhancement, in the view that is weakest there."""
        return self.views[self.weakest()].original

    @property
    def protected(self) -> Heard:
        """Recognition of the protected file without enhancement, in the view that is weakest there."""
        return self.views[self.weakest()].protected


def verify(
    original: str | Path,
    protected: str | Path,
    enhancers: Mapping[str, nn.Module] | Iterable[str] = ("metricgan-plus",),
    recognizer: Recognizer | None = None,
    *,
    text: str | None = None,
    pictures: Path | None = None,
) -> Verification:
    """Measure how well a file is protected: in every channel, in their mean and in their differences.

    Args:
        original: a sound file.
        protected: its protected copy, of the same rate, channels and length.
        enhancers: names or paths, or loaded enhancers by name.
        recognizer: the recogniser (default: pocketsphinx).
        text: what is said (default: the transcript of the original, unless it is worthless; see `recognition`).
        pictures: prefix of the pictures' paths; for each enhancer, `PREFIX-ENHANCER.png` shows the four signals in the
            weakest view.

    Raises:
        SottovoceError: a file or model cannot be read, the files differ in rate, channels or length, or `text` holds no
            words.
    """
    if text is not None and not metrics.normalize(text):
        raise SottovoceError("--text: holds no words; give what is said in the recording")
    listener = PocketSphinx() if recognizer is None else recognizer
    loaded = enhancers if isinstance(enhancers, Mapping) else load_enhancers(enhancers)
    before, after = files.opened(original), files.opened(protected)
    if (before.rate, before.channels, before.frames) != (after.rate, after.channels, after.frames):
        raise SottovoceError(f"{protected}: not a copy of {original}; the rate, channels or length differ")
    signals = _views(before, after)
    notes: list[str] = []
    with noting(notes):
        judged = _each(signals, lambda x, x_star: _view(x, x_star, loaded, listener, text))
        result = Verification(
            original_file=readable(original),
            protected_file=readable(protected),
            seconds=before.seconds,
            recognizer=listener.name,
            reference_given=text is not None,
            snr=float(snrs(before, after).min()),
            quality=_quality(signals),
            views=judged,
            notes=[],
        )
    if pictures is not None:
        for name, enhancer in loaded.items():
            weakest = result.weakest(name)
            x, x_star = signals[weakest]
            title = name if len(signals) == 1 else f"{name}, {weakest}"
            draw(picture_path(pictures, name), x, x_star, enhance(enhancer, x), enhance(enhancer, x_star), title=title)
    return result.model_copy(update={"notes": notes})


def picture_path(prefix: Path, enhancer: str) -> Path:
    """Where `verify` puts the picture of an enhancer.

    Example:
        >>> picture_path(Path("report/a.wav"), "models/net").name
        'a.wav-models_net.png'
    """
    return prefix.with_name(f"{prefix.name}-{enhancer.replace('/', '_')}.png")


def readable(path: str | Path) -> str:
    """A path with its undecodable bytes spelt out, so that every encoding takes it."""
    return str(path).encode(errors="backslashreplace").decode()


_Signals = dict[str, tuple[Tensor, Tensor]]


def _views(before: Sound, after: Sound) -> _Signals:
    """The views of both files, `(samples,)` at 16 kHz; float files may exceed full scale."""
    level = max(1.0, float(np.maximum(before.high, -before.low).max()))
    found = views(before) or {"channel 1": np.eye(before.channels)[0]}  # of silence there is none
    return {name: (hear(before, weights) / level, hear(after, weights) / level) for name, weights in found.items()}


def _each(signals: _Signals, judge: Callable[[Tensor, Tensor], View]) -> dict[str, View]:
    """A judgement of each view; equal ones, as of a mono recording in two channels, are judged once."""
    judged: dict[str, View] = {}
    for name, pair in signals.items():
        twins = (other for other in judged if all(map(torch.equal, signals[other], pair)))
        twin = next(twins, None)
        judged[name] = judge(*pair) if twin is None else judged[twin]
    return judged


def _view(
    x: Tensor, x_star: Tensor, enhancers: Mapping[str, nn.Module], recognizer: Recognizer, text: str | None
) -> View:
    cuts = pauses(x)
    original = transcript(recognizer, x, cuts)
    if text is None:
        listen = _Listener(recognizer, cuts, original, why_worthless(recognizer, x, original))
    else:
        listen = _Listener(recognizer, cuts, text, None)
    return View(
        original=listen.judge(original),
        protected=listen(x_star),
        enhanced={name: _enhanced(enhancer, x, x_star, listen) for name, enhancer in enhancers.items()},
        reference=listen.reference,
        worthless=listen.worthless,
    )


def _enhanced(enhancer: nn.Module, x: Tensor, x_star: Tensor, listen: "_Listener") -> Enhanced:
    y, y_star = enhance(enhancer, x), enhance(enhancer, x_star)
    four = y[None], y_star[None], x[None], x_star[None]
    return Enhanced(
        perturbation_gain=metrics.perturbation_gain(*four).item(),
        energy_drop=metrics.energy_drop(*four[:2]).item(),
        rpr=metrics.rpr(*four).item(),
        rpr_ill_posed=bool(metrics.rpr_ill_posed(*four)),
        original=listen(y),
        protected=listen(y_star),
    )


@dataclass(frozen=True)
class _Listener:
    """A recogniser, the places where it cuts long recordings, and the reference for its transcripts; see `View`."""

    recognizer: Recognizer
    cuts: list[slice]
    reference: str
    worthless: str | None

    def __call__(self, signal: Tensor) -> Heard:
        return self.judge(transcript(self.recognizer, signal, self.cuts))

    def judge(self, heard: str) -> Heard:
        if self.worthless is not None:
            return Heard(text=heard, cer=math.nan, wer=math.nan)
        cer, wer = (rate([self.reference], [heard]).item() for rate in (metrics.cer, metrics.wer))
        return Heard(text=heard, cer=cer, wer=wer)


def _quality(signals: _Signals) -> dict[str, float]:
    channels = [pair for name, pair in signals.items() if name.startswith("channel")]
    x, x_star = (torch.stack(each) for each in zip(*channels, strict=True))
    return {name: _lowest(measure(x, x_star)) for name, measure in QUALITY.items()}


def _lowest(values: Tensor) -> float:
    defined = values[~values.isnan()]
    return defined.min().item() if len(defined) else math.nan
