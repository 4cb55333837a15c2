"""A padded example has the value that it has alone, whatever the padding contains."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from sottovoce import metrics

PAIRS: dict[str, Callable[..., Tensor]] = {
    "snr": metrics.snr,
    "si_sdr": metrics.si_sdr,
    "pesq": metrics.pesq,
    "stoi": metrics.stoi,
    "sti": metrics.sti,
    "energy_drop": metrics.energy_drop,
    "rpr": lambda a, b, lengths=None: metrics.rpr(a, b, 0.5 * a, 0.6 * b, lengths, gain_matched=True),
    "rpr_ill_posed": lambda a, b, lengths=None: metrics.rpr_ill_posed(a, b, 0.5 * a, 0.6 * b, lengths),
    "perturbation_gain": lambda a, b, lengths=None: metrics.perturbation_gain(a, b, 0.5 * a, 0.6 * b, lengths),
}


@pytest.mark.parametrize("metric", PAIRS.values(), ids=PAIRS.keys())
def test_padding_does_not_count(metric: Callable[..., Tensor], voice: Tensor, hiss: Tensor) -> None:
    lengths = torch.tensor([21001, 32000])
    estimate = voice + hiss
    alone = torch.cat(
        [metric(voice[i : i + 1, :n], estimate[i : i + 1, :n]) for i, n in enumerate(lengths.tolist())], dim=-1
    )
    garbage = torch.where(torch.arange(32000) < lengths[:, None], 0.0, torch.nan)
    torch.testing.assert_close(metric(voice + garbage, estimate + 3 * garbage, lengths), alone, rtol=0, atol=0)
    assert alone.dtype in (torch.float64, torch.bool)
