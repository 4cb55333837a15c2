import pystoi
import pytest
import torch
from torch import Tensor

from sottovoce.metrics import MetricWarning, stoi


@pytest.mark.parametrize("extended", [False, True])
def test_is_one_for_a_copy_and_falls_with_noise(extended: bool, voice: Tensor, hiss: Tensor) -> None:
    scores = torch.stack([stoi(voice, voice + level * hiss, extended=extended) for level in (0, 2, 10, 50)])
    torch.testing.assert_close(scores[0], torch.ones(2, dtype=torch.float64), rtol=0, atol=1e-6)
    assert (scores.diff(dim=0) < -0.01).all()


def test_extended_is_the_extended_one(voice: Tensor, hiss: Tensor) -> None:
    speech, noisy = voice[:1], (voice + 10 * hiss)[:1]
    expected = pystoi.stoi(speech[0].numpy(), noisy[0].numpy(), 16000, extended=True)
    assert stoi(speech, noisy, extended=True).item() == pytest.approx(expected, abs=1e-6)
    assert stoi(speech, noisy).item() != pytest.approx(expected, abs=1e-2)


@pytest.mark.parametrize("extended", [False, True])
def test_nothing_is_intelligible_in_silence(extended: bool, voice: Tensor) -> None:
    assert stoi(voice, torch.zeros_like(voice), extended=extended).tolist() == [0, 0]


@pytest.mark.parametrize("samples", [1, 100, 6399, 6400])
def test_less_than_thirty_frames_have_no_score(samples: int, voice: Tensor) -> None:
    speech = voice[:1, 1000 : 1000 + samples]
    with pytest.warns(MetricWarning, match=r"less than 0\.4 s"):
        assert stoi(speech, speech).isnan().all()


def test_a_silent_reference_has_no_score(voice: Tensor) -> None:
    with pytest.warns(MetricWarning, match="reference is silent"):
        assert stoi(torch.zeros_like(voice), voice).isnan().all()
