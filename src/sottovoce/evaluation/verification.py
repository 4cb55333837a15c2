"""What a verification found: every cell of the matrix, where it is weakest, and who was missing."""

import math

from pydantic import Field

from sottovoce.evaluation.attacked import is_attacked
from sottovoce.evaluation.matrix import AS_IT_IS, Cell, Result

LOST, DAMAGED = 0.9, 0.6
"""Word error rates from which nearly all, or most, of what was said counts as lost. Character error rates would
mislead: unrelated words still share about a fifth of their letters with the true ones."""


class Strength(Result):
    """What an enhancer makes of the perturbation.

    Attributes:
        perturbation_gain: gain of the enhancer for the perturbation in dB.
        energy_drop: level of the enhanced original over that of the enhanced protected file in dB.
        rpr: residual perturbation rate (Dong et al., 2022).
        rpr_ill_posed: whether `rpr` is meaningless here.
    """

    perturbation_gain: float
    energy_drop: float
    rpr: float
    rpr_ill_posed: bool


class View(Result):
    """One way of listening to the files: a channel, the mean, or a difference of channels; see `audio.views`.

    Attributes:
        reference: the text that transcripts are compared with.
        worthless: why transcripts cannot be compared with it; None if they can.
        strengths: what each enhancer makes of the perturbation, by name.
    """

    reference: str
    worthless: str | None = None
    strengths: dict[str, Strength]


class Missing(Result):
    """Who was wanted but is not on this machine.

    Attributes:
        kind: "recogniser", "speaker encoder", "enhancer", "plug-in", or "channel".
        reason: why, and the command that brings it.
    """

    kind: str
    reason: str


class Verification(Result):
    """Comparison of two files. An undefined value is NaN, and a note, or the cell, says why.

    Attributes:
        original_file, protected_file: paths.
        seconds: duration.
        aligned: how the copy was made comparable where its rate or length differ; None if they do not.
        reference_by: the recogniser whose transcript of the original is the reference; None if the caller gave it, or
            nobody writes.
        snr: SNR of the perturbation in dB, at the files' own rate, in the channel where it is lowest; a channel's mean
            does not count as signal. ∞ if the files hold the same samples.
        quality: the metrics of `QUALITY`, each in the channel where it is lowest.
        views: each way of listening, by name; the only one of a mono file is "channel 1".
        listeners, channels: the rows and columns of the matrix.
        attacked: names of the listeners on which the perturbation was made, here or not; empty if nothing is known.
        cells: what every listener makes of the files through every channel, in every view.
        missing: who is wanted but not on this machine, by name; never left out in silence.
        notes: why values are undefined.
    """

    original_file: str
    protected_file: str
    seconds: float
    aligned: str | None = None
    reference_by: str | None = None
    snr: float
    quality: dict[str, float]
    views: dict[str, View]
    listeners: list[str]
    channels: list[str]
    attacked: list[str] = Field(default_factory=list)
    cells: list[Cell]
    missing: dict[str, Missing] = Field(default_factory=dict)
    notes: list[str] = Field(default_factory=list)

    def cell(self, listener: str, channel: str = AS_IT_IS) -> Cell | None:
        """The cell of a listener and a channel in the view where the protection is weakest; None if there is none."""
        found = [cell for cell in self.cells if (cell.listener, cell.channel) == (listener, channel)]
        return min(found, key=weakness) if found else None

    def matrix(self) -> list[Cell]:
        """Every cell, in the view where the protection is weakest there."""
        places = ((listener, channel) for listener in self.listeners for channel in self.channels)
        return [cell for place in places if (cell := self.cell(*place)) is not None]

    def never_attacked(self, cell: Cell) -> bool:
        """Whether neither the cell's listener, nor a link of it, nor its channel is among those attacked."""
        return not (is_attacked(cell.listener, self.attacked) or is_attacked(cell.channel, self.attacked))

    def judged(self, kind: str) -> list[Cell]:
        """The cells of `matrix` that a verdict rests on: those that were never attacked, or all if there are none.

        Args:
            kind: "words" or "voice".
        """
        found = self._measured(kind)
        return [cell for cell in found if self.never_attacked(cell)] or found

    def weakest(self, kind: str) -> Cell | None:
        """The cell of `judged` in which most words, or most of the voice, is left; None if nothing was measured.

        Args:
            kind: "words" or "voice".
        """
        return min(self.judged(kind), key=weakness, default=None)

    def weakest_attacked(self, kind: str) -> Cell | None:
        """The same of the cells whose listener or channel was attacked; None if none was."""
        found = (cell for cell in self._measured(kind) if not self.never_attacked(cell))
        return min(found, key=weakness, default=None)

    def _measured(self, kind: str) -> list[Cell]:
        return [cell for cell in self.matrix() if cell.kind == kind and not math.isnan(cell.protected)]


def weakness(cell: Cell) -> tuple[bool, bool, float]:
    """Sorts cells, the weakest first: of those whose original is understood, the one in which most is left."""
    if math.isnan(cell.protected):
        return True, True, 0.0
    if cell.kind == "voice":
        return False, not understood(cell), cell.threshold - cell.protected
    return False, not understood(cell), cell.protected


def understood(cell: Cell) -> bool:
    """Whether the listener gets most words, or the voice, of the original there; otherwise there is nothing to lose."""
    return cell.original > cell.threshold if cell.kind == "voice" else cell.original < DAMAGED
