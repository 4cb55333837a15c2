"""Verification of a protection: what a panel of listeners makes of an original and of its protected copy."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sottovoce import metrics
from sottovoce.audio import files
from sottovoce.audio.alignment import align
from sottovoce.audio.files import Recording, Sound
from sottovoce.audio.levels import snrs
from sottovoce.audio.views import hear, views
from sottovoce.errors import SottovoceError
from sottovoce.evaluation.controls import noise_alike, noise_as_loud
from sottovoce.evaluation.enhance import enhance
from sottovoce.evaluation.ledger import Ledger, about
from sottovoce.evaluation.matrix import Cell, Matrix, Signals
from sottovoce.evaluation.panel import Panel
from sottovoce.evaluation.plot import draw
from sottovoce.evaluation.recognition import transcript, why_worthless
from sottovoce.evaluation.survival import survival_channels
from sottovoce.evaluation.verification import Missing, Strength, Verification, View
from sottovoce.metrics.base import noting
from sottovoce.models.chain import end_of


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


def verify(
    original: str | Path,
    protected: str | Path,
    listeners: Panel | Mapping[str, nn.Module] | Iterable[str] | None = None,
    *,
    text: str | None = None,
    survival: bool = False,
    attacked: Collection[str] = (),
    pictures: Path | None = None,
    progress: Callable[[float], None] = lambda _: None,
    ledger: Ledger | None = None,
) -> Verification:
    """Measure how well a file is protected: in every channel, in their mean and in their differences.

    Beside every figure stand those of plain noise as loud as the perturbation, and of plain noise of the same quality.

    Args:
        original: a sound file.
        protected: its protected copy. If its rate or length differ, as of other tools, it is resampled and aligned.
        listeners: who listens: names as for `Panel.of`, a panel that is loaded already, or networks of your own by
            name, whom the usual listeners join.
        text: what is said (default: the transcript of the original by the first recogniser, unless it is worthless; see
            `recognition`).
        survival: whether to measure everything again after codecs, filters, purifiers and a room; see
            `survival_channels`.
        attacked: names of the listeners on which the perturbation was made, whether they listen here or not. A verdict
            rests on the others; see `Verification.judged`.
        pictures: prefix of the pictures' paths; for each enhancer, `PREFIX-ENHANCER.png` shows the four signals in the
            weakest view.
        progress: called after each cell with the fraction done.
        ledger: what was measured before an interruption, and is not measured again.

    Raises:
        SottovoceError: a file or model cannot be read, the copy is none or has another number of channels, or `text`
            holds no words.

    Example:
        >>> result = verify("a.wav", "protected.wav", ["whisper-tiny.en", "nsnet2"])  # doctest: +SKIP
        >>> result.weakest("words").protected  # doctest: +SKIP
    """
    if text is not None and not metrics.normalize(text):
        raise SottovoceError("--text: holds no words; give what is said in the recording")
    panel = _panel(listeners)
    channels, unavailable = survival_channels() if survival else ({}, {})
    matrix = Matrix(panel, channels)
    before, after, aligned = _opened(original, protected)
    signals, notes = _views(before, after), list[str]()
    with noting(notes):
        key = about(Path(original), Path(protected), text)
        judged = _Judged(matrix, text, key, ledger or Ledger(), progress, sum(1 for _ in _distinct(signals)))
        for name, pair in signals.items():
            judged.add(name, *pair)
        result = Verification(
            original_file=readable(original),
            protected_file=readable(protected),
            seconds=before.seconds,
            aligned=aligned,
            reference_by=next(iter(panel.recognisers), None) if text is None else None,
            snr=float(snrs(before, after).min()),
            quality=_quality(signals),
            views=judged.views,
            listeners=list(matrix.rows),
            channels=list(matrix.columns),
            attacked=list(attacked),
            cells=judged.cells,
            missing={
                **{name: Missing(kind=kind, reason=reason) for name, (kind, reason) in panel.missing.items()},
                **{name: Missing(kind="channel", reason=reason) for name, reason in unavailable.items()},
            },
        )
    if pictures is not None:
        _draw(pictures, panel.enhancers, result, signals)
    return result.model_copy(update={"notes": notes})


def _panel(listeners: Panel | Mapping[str, nn.Module] | Iterable[str] | None) -> Panel:
    if isinstance(listeners, Panel):
        return listeners
    return Panel.around(listeners) if isinstance(listeners, Mapping) else Panel.of(listeners)


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


def _opened(original: str | Path, protected: str | Path) -> tuple[Sound, Sound, str | None]:
    before, after = files.opened(original), files.opened(protected)
    if (before.rate, before.channels, before.frames) == (after.rate, after.channels, after.frames):
        return before, after, None
    try:
        moved, done = align(before, after)
    except SottovoceError as error:
        raise SottovoceError(f"{protected} and {original}: {error}") from error
    return before, Recording(moved, before.rate), str(done)


def _views(before: Sound, after: Sound) -> _Signals:
    """The views of both files, `(samples,)` at 16 kHz; float files may exceed full scale."""
    level = max(1.0, float(np.maximum(before.high, -before.low).max()))
    found = views(before) or {"channel 1": np.eye(before.channels)[0]}  # of silence there is none
    return {name: (hear(before, weights) / level, hear(after, weights) / level) for name, weights in found.items()}


def _distinct(signals: _Signals) -> Iterable[str]:
    """The views without those that equal an earlier one, as of a mono recording in two channels."""
    return (name for name in signals if _twin(name, signals, signals) is None)


def _twin(name: str, signals: _Signals, among: Iterable[str]) -> str | None:
    for other in among:
        if other == name:
            return None
        if all(map(torch.equal, signals[other], signals[name])):
            return other
    return None


@dataclass
class _Judged:
    """The views and cells that are judged so far; equal views are judged once."""

    matrix: Matrix
    text: str | None
    about: str
    ledger: Ledger
    progress: Callable[[float], None]
    distinct: int
    views: dict[str, View] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    signals: _Signals = field(default_factory=dict)
    done: int = 0

    def add(self, name: str, x: Tensor, x_star: Tensor) -> None:
        self.signals[name] = x, x_star
        twin = _twin(name, self.signals, self.signals)
        if twin is not None:
            self.views[name] = self.views[twin]
            self.cells += [cell.model_copy(update={"view": name}) for cell in self.cells if cell.view == twin]
            return
        reference, worthless = self._reference(x)
        strengths = {each: _strength(network, x, x_star) for each, network in self.matrix.panel.enhancers.items()}
        self.views[name] = View(reference=reference, worthless=worthless, strengths=strengths)
        quality = metrics.pesq(x[None], x_star[None]).item()
        alike = noise_alike(x, quality)
        rows = x, x_star, noise_as_loud(x, x_star), x if alike is None else alike
        signals = Signals(name, torch.stack(rows).clamp(-1, 1), reference, worthless, alike is not None)
        for cell in self.matrix.cells(signals, partial(self.ledger.find, self.about, name)):
            self.ledger.keep(self.about, cell)
            self.cells.append(cell)
            self.done += 1
            self.progress(self.done / (self.distinct * len(self.matrix)))

    def _reference(self, x: Tensor) -> tuple[str, str | None]:
        if self.text is not None:
            return self.text, None
        best = next(iter(self.matrix.panel.recognisers.values()), None)
        if best is None:
            return "", None
        recogniser: Any = end_of(best)  # without the enhancers before it
        heard = transcript(recogniser, x)
        return heard, why_worthless(recogniser, x, heard)


def _strength(enhancer: nn.Module, x: Tensor, x_star: Tensor) -> Strength:
    y, y_star = enhance(enhancer, x), enhance(enhancer, x_star)
    four = y[None], y_star[None], x[None], x_star[None]
    return Strength(
        perturbation_gain=metrics.perturbation_gain(*four).item(),
        energy_drop=metrics.energy_drop(*four[:2]).item(),
        rpr=metrics.rpr(*four).item(),
        rpr_ill_posed=bool(metrics.rpr_ill_posed(*four)),
    )


def _draw(pictures: Path, enhancers: Mapping[str, nn.Module], result: Verification, signals: _Signals) -> None:
    for name, enhancer in enhancers.items():
        weakest = next(iter(signals))
        for listener in result.listeners[:1]:
            cell = result.cell(listener, name)
            weakest = weakest if cell is None else cell.view
        x, x_star = signals[weakest]
        title = name if len(signals) == 1 else f"{name}, {weakest}"
        shown = {
            "Original": x,
            "Protected": x_star,
            "Original, enhanced": enhance(enhancer, x),
            "Protected, enhanced": enhance(enhancer, x_star),
        }
        draw(picture_path(pictures, name), shown, title=f"Before and after {title}")


def _quality(signals: _Signals) -> dict[str, float]:
    channels = [pair for name, pair in signals.items() if name.startswith("channel")]
    x, x_star = (torch.stack(each) for each in zip(*channels, strict=True))
    return {name: _lowest(measure(x, x_star)) for name, measure in QUALITY.items()}


def _lowest(values: Tensor) -> float:
    defined = values[~values.isnan()]
    return defined.min().item() if len(defined) else math.nan
