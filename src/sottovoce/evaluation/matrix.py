"""What every listener makes of a file through every channel: a cell for each of them, before and after protection."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from sottovoce import metrics
from sottovoce.audio import windows
from sottovoce.evaluation.enhance import enhance_batch
from sottovoce.evaluation.panel import Panel
from sottovoce.evaluation.recognition import transcripts
from sottovoce.evaluation.voice import embeddings
from sottovoce.models.chain import Chain, device_of, end_of
from sottovoce.models.enhancers import Enhancer

AS_IT_IS = "as it is"


class Result(BaseModel):
    """A part of a report; NaN and infinities are written as strings, since JSON has none."""

    model_config = ConfigDict(ser_json_inf_nan="strings")


class Cell(Result):
    """One listener through one channel, in one view of the files.

    Attributes:
        view: the way of listening; see `audio.views`.
        listener: who listens; a chain is joined by "+".
        kind: "words": figures are word error rates as fractions; "voice": figures are cosines with the embedding of
            the original as it is.
        channel: what the file went through, or which enhancer cleaned it, before.
        original, protected: the figures of the two files.
        noise_as_loud, noise_alike: the figures of the original with plain noise of the same SNR, and of the same
            PESQ-wb.
        threshold: the cosine from which two voices count as the same; NaN for words.
        texts: what was written of each of the four, for words.
        problem: why figures are NaN; None if none is.
        failed: whether the listener or the channel failed.
    """

    view: str
    listener: str
    kind: Literal["words", "voice"]
    channel: str
    original: float = math.nan
    protected: float = math.nan
    noise_as_loud: float = math.nan
    noise_alike: float = math.nan
    threshold: float = math.nan
    texts: list[str] = []
    problem: str | None = None
    failed: bool = False


@dataclass(frozen=True)
class Signals:
    """One view of two files and of the noise beside them.

    Attributes:
        view: its name.
        batch: `(4, samples)` at 16 kHz: the original, the protected file, noise as loud, noise alike.
        reference: what is said; the words of transcripts are compared with it.
        worthless: why the reference says nothing about the words; None if it does.
        alike: whether there is noise of the same quality; otherwise the last row is not measured.
        enrolled: the original's embeddings as it is, by encoder, once they are known.
    """

    view: str
    batch: Tensor
    reference: str
    worthless: str | None = None
    alike: bool = True
    enrolled: dict[nn.Module, Tensor] = field(default_factory=dict)


@dataclass
class Matrix:
    """The cells of one panel.

    Args:
        panel: who listens.
        channels: what a file has to survive, by name; none for files as they are.
    """

    panel: Panel
    channels: Mapping[str, nn.Module] = field(default_factory=dict)

    @property
    def rows(self) -> dict[str, nn.Module]:
        """Listeners by name. Where there are channels to survive, also every enhancer before the best recogniser."""
        found = {**self.panel.recognisers, **self.panel.encoders}
        best = next(iter(self.panel.recognisers), None)
        if self.channels and best is not None:
            for name, enhancer in self.panel.enhancers.items():
                listener = self.panel.recognisers[best]
                found.setdefault(f"{name}+{best}", Chain(enhancer, listener))
        return found

    @property
    def columns(self) -> dict[str, nn.Module | None]:
        """Channels by name: the file as it is, each enhancer, then what it has to survive."""
        return {AS_IT_IS: None, **self.panel.enhancers, **self.channels}

    def __len__(self) -> int:
        return sum(1 for _ in self.places())

    def places(self) -> Iterator[tuple[str, str]]:
        """The cells as pairs of channel and listener, channel by channel."""
        alone = {*self.panel.recognisers, *self.panel.encoders}
        for channel in self.columns:
            for row in self.rows:
                # An enhancer before a recogniser, through nothing, is the recogniser's cell in the enhancer's column.
                if row in alone or channel in self.channels:
                    yield channel, row

    def cells(
        self, signals: Signals, known: Callable[[str, str], Cell | None] = lambda listener, channel: None
    ) -> Iterator[Cell]:
        """Measure every cell, in the order of `places`.

        A listener or channel that fails leaves NaN and the reason, and the others go on.

        Args:
            signals: what they hear.
            known: gives cells that were measured before, by listener and channel.
        """
        rows, columns, heard = self.rows, self.columns, dict[str, Tensor | str]()
        for channel, row in self.places():
            cell = known(row, channel)
            if cell is None:
                if channel not in heard:
                    heard = {channel: _through(columns[channel], signals.batch)}  # only one is in memory
                cell = self._cell(signals, heard[channel], channel, row, rows[row])
            yield cell

    def _cell(self, signals: Signals, heard: Tensor | str, channel: str, name: str, listener: nn.Module) -> Cell:
        end: Any = end_of(listener)
        words = hasattr(end, "transcribe")
        cell = Cell(view=signals.view, listener=name, kind="words" if words else "voice", channel=channel)
        if not words:
            cell.threshold = end.threshold
        if isinstance(heard, str):
            return cell.model_copy(update={"problem": heard, "failed": True})
        try:
            figures, cell.texts = _words(listener, heard, signals) if words else _voices(listener, heard, signals)
        except Exception as error:  # one listener that fails is no reason to lose the others
            return cell.model_copy(update={"problem": _reason(error), "failed": True})
        cell.problem = signals.worthless if words else None
        names = ("original", "protected", "noise_as_loud", "noise_alike")
        return cell.model_copy(update=dict(zip(names, figures, strict=True)))


@torch.no_grad()
def _through(channel: nn.Module | None, batch: Tensor) -> Tensor | str:
    """The batch behind a channel, or why there is none; long recordings go through enhancers in windows."""
    if channel is None:
        return batch
    try:
        if isinstance(end_of(channel), Enhancer):
            return enhance_batch(channel, batch).clamp(-1.0, 1.0)
        heard: Tensor = channel(batch.to(device_of(channel))).cpu()
        return heard.clamp(-1.0, 1.0)
    except Exception as error:
        return _reason(error)


def _words(listener: nn.Module, heard: Tensor, signals: Signals) -> tuple[list[float], list[str]]:
    recogniser, heard = _fronted(listener, heard)
    texts = transcripts(recogniser, heard, windows.pauses(signals.batch[0]))
    if signals.worthless is not None:
        return [math.nan] * len(texts), texts
    rates: list[float] = metrics.wer([signals.reference] * len(texts), texts).tolist()
    return _measured(rates, signals), texts


@torch.no_grad()
def _voices(listener: nn.Module, heard: Tensor, signals: Signals) -> tuple[list[float], list[str]]:
    encoder, heard = _fronted(listener, heard)
    if encoder not in signals.enrolled:
        signals.enrolled[encoder] = embeddings(encoder, signals.batch[:1])
    cosines = (embeddings(encoder, heard) * signals.enrolled[encoder]).sum(-1).mean(1)
    return _measured(cosines.tolist(), signals), []


def _fronted(listener: nn.Module, heard: Tensor) -> tuple[Any, Tensor]:
    """The network at the end of a chain, and what reaches it."""
    if isinstance(listener, Chain):
        for stage in list(listener.stages)[:-1]:
            cleaned = _through(stage, heard)
            if isinstance(cleaned, str):
                raise RuntimeError(cleaned)
            heard = cleaned
        return _fronted(listener.stages[-1], heard)
    return listener, heard


def _measured(figures: list[float], signals: Signals) -> list[float]:
    return figures if signals.alike else [*figures[:-1], math.nan]


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text or type(error).__name__
