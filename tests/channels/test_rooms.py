"""Rooms against scipy's convolution and physical facts."""

import numpy as np
import scipy.signal
import torch

from sottovoce.channels import reverberate


def test_it_is_scipys_convolution_from_the_direct_sound_on() -> None:
    waveforms, responses = torch.randn(2, 900).double(), 0.1 * torch.randn(2, 300).double()
    responses[0, 40], responses[1, 0] = 1.0, -1.0
    for row, (wave, response, direct) in enumerate(zip(waveforms, responses, (40, 0), strict=True)):
        wanted = scipy.signal.convolve(wave.numpy(), response.numpy())[direct : direct + 900]
        wanted *= np.linalg.norm(wave.numpy()) / np.linalg.norm(wanted)
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
