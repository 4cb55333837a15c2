"""DNSMOS: perceived quality without a reference."""

from typing import NamedTuple

from torch import Tensor

from sottovoce.metrics.base import Undefined, collect, fault, rows


class DNSMOS(NamedTuple):
    """Predicted mean opinion scores of ITU-T P.835, from 1 (bad) to 5 (excellent), each float64 `(batch,)`."""

    sig: Tensor
    """Quality of the speech."""
    bak: Tensor
    """Intrusiveness of the background; 5 means not noticeable."""
    ovrl: Tensor
    """Overall quality."""


def dnsmos(estimate: Tensor, lengths: Tensor | None = None) -> DNSMOS:
    """DNSMOS P.835 (Reddy et al., 2022), computed by speechmos, which includes the networks.

    A recording is scored in windows of 9.01 s, one per second; a shorter one is repeated until it fills a window.

    Args:
        estimate: `(batch, samples)` in [-1, 1] at 16 kHz, right-padded.
        lengths: `(batch,)` in samples; None if there is no padding.

    Returns:
        Three scores per example; NaN where the signal is silent or exceeds [-1, 1].

    Raises:
        ValueError: if the shapes do not match.

    Example:
        >>> import torch
        >>> from sottovoce.metrics.base import noting
        >>> notes = []
        >>> with noting(notes):
        ...     scores = dnsmos(torch.zeros(1, 16_000))
        >>> scores.ovrl, notes[-1]
        (tensor([nan], dtype=torch.float64), 'no DNSMOS OVRL: the signal is silent')
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
        return Undefined("the signal is silent")
    if estimate.abs().max() > 1:
        return Undefined("there are samples outside [-1, 1]")
    from speechmos import dnsmos as model

    scores: dict[str, float] = model.run(estimate.numpy(), 16000)
    return scores
