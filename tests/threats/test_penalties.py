"""Penalties against closed forms and librosa."""

import math

import librosa
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from sottovoce.audio import pad
from sottovoce.threats import CepstralChange, MeanSquare, Penalty

PENALTIES = pytest.mark.parametrize("penalty", [MeanSquare(), CepstralChange()], ids=["square", "cepstral"])


def noise(*shape: int, seed: int = 0) -> Tensor:
    return 0.1 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_the_mean_square_leaves_out_the_padding() -> None:
    originals, lengths = pad([noise(1000), noise(400)])
    change = torch.zeros_like(originals)
    change[0, :10], change[1, :10] = 0.5, 0.5
    assert MeanSquare()(originals + change, originals, lengths).tolist() == pytest.approx([0.0025, 0.00625])


def test_a_constant_gain_costs_nothing_and_one_of_half_the_recording_its_square() -> None:
    original, lengths = noise(1, 160_000), torch.tensor([160_000])
    penalty = CepstralChange(weight=0.5, floor=1e-9)
    assert penalty(1.3 * original, original, lengths).item() == pytest.approx(0.0, abs=1e-6)
    gain = torch.where(torch.arange(160_000) < 80_000, 1.3, 1.0)
    # Every band changes by 2·ln 1.3 in half of the frames: in all frames, by half of that around the mean.
    cost = penalty(gain * original, original, lengths).item()
    assert cost == pytest.approx(0.5 * math.log(1.3) ** 2, rel=1e-2)


def test_it_is_the_distance_of_librosas_mfcc() -> None:
    original, changed = noise(1, 16_000), noise(1, 16_000, seed=1)
    change = librosas_cepstra(changed) - librosas_cepstra(original)
    change -= change.mean(-1, keepdims=True)
    cost = CepstralChange(weight=1.0, floor=1e-9)(changed, original, torch.tensor([16_000])).item()
    assert cost == pytest.approx(np.square(change).sum() / change.shape[1] / 25, rel=1e-3)


def librosas_cepstra(waveform: Tensor) -> NDArray[np.float32]:
    """13 coefficients of one second, including the last frame that overlaps it."""
    samples = np.pad(waveform[0].numpy(), (0, 160))
    bands = {"n_mels": 25, "fmin": 130, "fmax": 6800, "htk": True, "norm": None}
    power = librosa.feature.melspectrogram(
        y=samples, sr=16_000, n_fft=400, hop_length=160, pad_mode="constant", **bands
    )
    cepstra: NDArray[np.float32] = librosa.feature.mfcc(S=np.log(power), n_mfcc=13)
    return cepstra


def test_changes_below_the_floor_cost_little() -> None:
    tone = 0.5 * torch.sin(2 * torch.pi * 1000 * torch.arange(16_000) / 16_000)[None]
    quiet = tone + 1e-4 * noise(1, 16_000)
    lengths = torch.tensor([16_000])
    assert CepstralChange()(quiet, tone, lengths).item() < 1e-6
    assert CepstralChange(floor=1e-14)(quiet, tone, lengths).item() > 1e-2


@PENALTIES
def test_no_change_costs_nothing_and_has_a_finite_gradient(penalty: Penalty) -> None:
    originals, lengths = pad([noise(2000), torch.zeros(1500)])
    candidates = originals.clone().requires_grad_()
    costs = penalty(candidates, originals, lengths)
    costs.sum().backward()
    assert costs.tolist() == [0, 0]
    assert candidates.grad is not None and candidates.grad.isfinite().all()


@PENALTIES
def test_a_padded_row_costs_what_it_costs_alone(penalty: Penalty) -> None:
    sizes = [1501, 4000, 700]
    originals, lengths = pad([noise(size, seed=size) for size in sizes])
    candidates, _ = pad([noise(size, seed=size + 1) for size in sizes])
    costs = penalty(candidates, originals, lengths)
    for row, size in enumerate(sizes):
        alone = penalty(candidates[row : row + 1, :size], originals[row : row + 1, :size], torch.tensor([size]))
        torch.testing.assert_close(costs[row], alone[0], rtol=1e-4, atol=1e-7)
