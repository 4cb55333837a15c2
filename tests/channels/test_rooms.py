"""Rooms against scipy's convolution and physical facts."""

import numpy as np
import pytest
import scipy.signal
import torch

from sottovoce.channels import MedianSmoothing, Room, reverberate
from sottovoce.models.chain import Chain


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def convolved(wave: torch.Tensor, response: torch.Tensor, direct: int) -> np.ndarray:
    """By scipy, from the direct sound on and as loud as the original."""
    heard = scipy.signal.convolve(wave.numpy(), response.numpy())[direct : direct + len(wave)]
    return np.asarray(heard * np.linalg.norm(wave.numpy()) / np.linalg.norm(heard))


def test_it_is_scipys_convolution_from_the_direct_sound_on() -> None:
    waveforms, responses = torch.randn(2, 900).double(), 0.1 * torch.randn(2, 300).double()
    responses[0, 40], responses[1, 0] = 1.0, -1.0
    for row, (wave, response, direct) in enumerate(zip(waveforms, responses, (40, 0), strict=True)):
        wanted = convolved(wave, response, direct)
        np.testing.assert_allclose(reverberate(waveforms, responses)[row].numpy(), wanted, atol=1e-9)


def test_a_delayed_impulse_is_a_room_without_walls() -> None:
    waveforms, response = torch.randn(3, 500), torch.zeros(1, 200)
    response[0, 77] = 0.01
    torch.testing.assert_close(reverberate(waveforms, response), waveforms, rtol=0, atol=1e-5)


def test_silence_stays_silent_and_gradients_are_finite() -> None:
    waveforms = torch.zeros(1, 300, requires_grad=True)
    heard = reverberate(waveforms, torch.ones(1, 50))
    heard.sum().backward()
    assert not heard.any() and waveforms.grad is not None and waveforms.grad.isfinite().all()


def test_each_row_of_a_padded_batch_is_its_own_convolution_cut_at_its_end() -> None:
    waveforms, responses = noise(2, 900).double(), 0.1 * noise(2, 300, seed=1).double()
    responses[0, 40], responses[1, 7] = 1.0, 1.0
    waveforms[1, 600:] = 0.0
    heard = Room(responses)(waveforms, torch.tensor([900, 600]))
    np.testing.assert_allclose(heard[0].numpy(), convolved(waveforms[0], responses[0], 40), atol=1e-9)
    np.testing.assert_allclose(heard[1, :600].numpy(), convolved(waveforms[1, :600], responses[1], 7), atol=1e-9)
    assert not heard[1, 600:].any()


@pytest.mark.parametrize("shape", [(300,), (1, 300)])
def test_one_response_serves_all_rows(shape: tuple[int, ...]) -> None:
    waveforms, response = noise(3, 500), noise(300, seed=1)
    heard = Room(response.reshape(shape))(waveforms)
    torch.testing.assert_close(heard, reverberate(waveforms, response.expand(3, 300)))


def test_a_room_is_a_stage_of_a_chain_and_moves_with_it() -> None:
    response = torch.tensor([0.0, 1.0, 0.75])
    chain = Chain(Room(response), MedianSmoothing(1)).double()
    heard = chain(torch.tensor([[1.0, 0.0, 0.0]]).double())
    torch.testing.assert_close(heard, torch.tensor([[0.8, 0.6, 0.0]]).double())
    assert [name for name, _ in chain.named_buffers()] == ["stages.0.responses"]
    assert next(chain.buffers()).dtype == torch.float64
