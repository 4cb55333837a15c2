"""Deep noise suppression mean opinion score: perceived quality without a reference."""

from typing import NamedTuple

from speechmos import dnsmos as speechmos_dnsmos
from torch import Tensor

from sottovoce.metrics.base import Undefined, collect, fault, rows


class DNSMOS(NamedTuple):
    """Predicted opinion scores of ITU-T P.835, 1 (bad) to 5 (excellent), each float64 `(batch,)`."""

    sig: Tensor
    """Quality of the speech itself."""
    bak: Tensor
    """Intrusiveness of the background; 5 is not noticeable."""
    ovrl: Tensor
    """Overall quality."""


def dnsmos(estimate: Tensor, lengths: Tensor | None = None) -> DNSMOS:
    """DNSMOS P.835 (Reddy et al., ICASSP 2022), computed by speechmos, whose networks come with its wheel.

    A recording is judged in windows of 9.01 s every second; a shorter one is repeated until it fills a window.

    Args:
        estimate: `(batch, samples)` in [-1, 1] at 16 kHz, right-padded.
        lengths: `(batch,)` in samples; None means that every row is full.

    Returns:
        Three scores per row; NaN where it is silent or leaves [-1, 1].

    Raises:
        ValueError: if the shapes do not agree.
    """
    outcomes = [fault(row) or _score(*row) for row in rows((estimate,), lengths)]
    return DNSMOS(
        *(
            collect(f"DNSMOS {name}", (o if isinstance(o, Undefined) else o[f"{name.lower()}_mos"] for o in outcomes))
            for name in ("SIG", "BAK", "OVRL")
        )
    )


def _score(estimate: Tensor) -> dict[str, float] | Undefined:
    if not estimate.any():
        return Undefined("it is silent")
    if estimate.abs().max() > 1:
        return Undefined("there are samples outside [-1, 1]")
    scores: dict[str, float] = speechmos_dnsmos.run(estimate.numpy(), 16000)
    return scores
