"""Our CTC recogniser: frames, batches, gradients."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.models.recognizers.deep_speech import DeepSpeech
from sottovoce.text.ctc import LETTERS


@pytest.fixture(scope="module")
def network() -> DeepSpeech:
    torch.manual_seed(0)
    return DeepSpeech(hidden=16, layers=1).eval()


@torch.no_grad()
@given(samples=st.integers(1, 8000))
def test_there_are_as_many_frames_as_it_says(network, samples) -> None:
    logits = network.logits(torch.zeros(1, samples))
    assert logits.shape == (1, int(network.frames(torch.tensor([samples]))), len(LETTERS) + 1)


def test_fifty_frames_a_second(network) -> None:
    assert int(network.frames(torch.tensor([160_000]))) == pytest.approx(500, abs=2)


@torch.no_grad()
def test_a_row_in_a_batch_gives_what_it_gives_alone(network) -> None:
    waveforms, lengths = 0.1 * torch.randn(2, 8000), torch.tensor([8000, 5000])
    together = network(waveforms, lengths)
    alone = network(waveforms[1:, :5000])
    count = int(network.frames(torch.tensor([5000])))
    torch.testing.assert_close(together[1, :count], alone[0], rtol=1e-4, atol=1e-5)
    assert network.transcribe(waveforms, lengths)[1] == network.transcribe(waveforms[1:, :5000])[0]


def test_a_gradient_reaches_the_whole_recording(network) -> None:
    waveform = (0.1 * torch.randn(1, 8000)).requires_grad_()
    network(waveform).square().sum().backward()
    assert waveform.grad[0, :200].any() and waveform.grad[0, -200:].any()


def test_loudness_does_not_matter(network) -> None:
    waveform = 0.05 * torch.randn(1, 8000, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(network(waveform), network(4 * waveform), rtol=0.02, atol=0.02)
