"""Voice: who speaks can no longer be told from the file by speaker recognition."""

import torch
from torch import Tensor

from sottovoce.evaluation.voice import Judge, Likeness, likeness
from sottovoce.models.devices import choose_device
from sottovoce.perturbers import SSED
from sottovoce.perturbers.streaming import streamed
from sottovoce.protections.base import Progress
from sottovoce.protections.report import Effect
from sottovoce.weights.fingerprint import fingerprint

GENERATOR, JUDGE = "ssed-ecapa-tdnn", "ecapa-tdnn"
SNR_FLOOR = 20.0
"""dB that a protected file keeps even where the generator is louder."""


class Hidden(Effect):
    """How much of the voice is left.

    Attributes:
        likenesses: of the two files' voices, for each view; empty without a judge.
    """

    likenesses: list[Likeness]

    def lines(self) -> list[str]:
        if not self.likenesses:
            return []
        closest = max(range(len(self.likenesses)), key=lambda place: self._likeness(place))
        return [self.likenesses[closest].line() + self.where(closest)]

    def _likeness(self, place: int) -> tuple[bool, float]:
        return self.likenesses[place].recognised > 0, self.likenesses[place].cosine


class Voice:
    """Protects who speaks, by a generator's single pass (Guo et al., 2024).

    Args:
        generator: the generator and its removal module, by name or path, or loaded.
        judge: the speaker encoder that compares both files' voices for the report; None for none.
        device: "cpu", "cuda", "cuda:N" or "auto".

    Raises:
        SottovoceError: a model does not exist, is damaged, or is of another kind.

    Example:
        >>> Voice(judge=None).snr
        20.0
    """

    name = "voice"
    snr = SNR_FLOOR

    def __init__(
        self, generator: str | SSED = GENERATOR, *, judge: str | Judge | None = JUDGE, device: str = "cpu"
    ) -> None:
        self.device = choose_device(device)
        self.generator = (SSED.load(generator) if isinstance(generator, str) else generator).to(self.device)
        self.judge = Judge.load(judge) if isinstance(judge, str) else judge
        if self.judge is not None:
            self.judge.encoder.to(self.device)

    def identity(self) -> dict[str, object]:
        """See `Protection.identity`."""
        judge = None if self.judge is None else fingerprint(self.judge.encoder)
        return {"generator": fingerprint(self.generator), "judge": judge}

    @torch.no_grad()
    def perturb(self, heard: Tensor, progress: Progress) -> Tensor:
        """See `Protection.perturb`."""
        change = torch.empty_like(heard)
        for number, channel in enumerate(heard):

            def moved(share: float, done: int = number) -> None:
                progress((done + share) / len(heard))

            streamed(self.generator.generator, self.generator, channel, moved, out=change[number])
        return change.sub_(heard)

    def measure(self, before: Tensor, after: Tensor) -> Hidden:
        """See `Protection.measure`."""
        if self.judge is None:
            return Hidden(likenesses=[])
        return Hidden(likenesses=[likeness(self.judge, *pair) for pair in zip(before, after, strict=True)])
