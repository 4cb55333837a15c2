"""A voice hidden from speaker encoders by search: in each window they hear another one."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from sottovoce.errors import SottovoceError
from sottovoce.evaluation.voice import Judge
from sottovoce.models.speakers import Similarity
from sottovoce.protections.base import Progress
from sottovoce.protections.searching import Goals, search
from sottovoce.protections.windowed import Window, cut
from sottovoce.threats.objectives import AwayFrom, Objective

MARGIN = 0.3
"""How far below its threshold an encoder's cosine similarity is pushed. Without a limit the search spends its budget on
the encoders that are easily misled (docs/decisions.md)."""


class AgainstEncoders:
    """Attacks several speaker encoders at once: the embedding of each window is moved away from the original's.

    Args:
        encoders: whom to attack.
        snr: minimum SNR of the perturbation in dB.
        steps: of the search.

    Raises:
        SottovoceError: there is no encoder.
    """

    def __init__(self, encoders: Sequence[Judge], *, snr: float, steps: int) -> None:
        if not encoders:
            raise SottovoceError("--against names no speaker encoder; name one, such as ecapa-tdnn")
        self.encoders, self.snr, self.steps = list(encoders), snr, steps

    @property
    def everybody(self) -> list[nn.Module]:
        """Every network through which each step passes."""
        return [judge.encoder for judge in self.encoders]

    def identity(self) -> dict[str, object]:
        """What the perturbation depends on besides the encoders."""
        return {"snr": self.snr, "steps": self.steps}

    def perturb(self, heard: Tensor, progress: Progress) -> Tensor:
        """See `Protection.perturb`; silent windows stay as they are."""
        return search(heard, cut(heard), self.goals, snr=self.snr, steps=self.steps, progress=progress)

    @torch.no_grad()
    def goals(self, waveforms: Tensor, lengths: Tensor, window: Window | None = None) -> Goals:
        """What every encoder should make of a window; see `searching.search`."""
        listeners: list[nn.Module] = [
            Similarity(judge.encoder, judge.encoder(waveforms, lengths)) for judge in self.encoders
        ]
        objectives: list[Objective] = [AwayFrom(judge.threshold, MARGIN) for judge in self.encoders]
        return listeners, objectives
