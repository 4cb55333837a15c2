"""The student of Whisper's encoder: frames, batches, gradients, how far it hears."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.models.loading import load_listener
from sottovoce.models.recognizers.whisper_student import FRAME, SIGHT, WhisperStudent
from sottovoce.weights import Card, save

SHAPE = {"width": 16, "layers": 2, "heads": 2, "inner": 32, "channels": 8}


@pytest.fixture(scope="module")
def network() -> WhisperStudent:
    torch.manual_seed(0)
    return WhisperStudent(**SHAPE).eval()


def noise(*shape: int) -> torch.Tensor:
    return 0.1 * torch.randn(*shape, generator=torch.Generator().manual_seed(0))


@torch.no_grad()
@given(samples=st.integers(1, 8000))
def test_a_state_for_every_twenty_milliseconds_begun(network, samples: int) -> None:
    assert network(torch.zeros(1, samples)).shape == (1, -(-samples // 320), 8)


@torch.no_grad()
@given(short=st.integers(1, 8000), excess=st.integers(0, 700))
def test_a_row_in_a_batch_gives_what_it_gives_alone(network, short: int, excess: int) -> None:
    waveforms = noise(2, 8000 + excess)
    together = network(waveforms, torch.tensor([8000, short]))
    alone = network(waveforms[1:, :short])
    count = alone.shape[1]
    torch.testing.assert_close(together[1, :count], alone[0], rtol=1e-4, atol=1e-5)
    assert not together[1, count:].any()


def test_a_gradient_reaches_the_whole_recording(network) -> None:
    waveform = noise(1, 8000).requires_grad_()
    network(waveform).square().sum().backward()
    assert waveform.grad[0, :200].any() and waveform.grad[0, -200:].any()


def test_a_silent_row_beside_a_loud_one_has_a_finite_gradient(network) -> None:
    waveforms = torch.stack([torch.zeros(4000), noise(4000)]).requires_grad_()
    network(waveforms).square().sum().backward()
    assert waveforms.grad.isfinite().all()


def test_a_state_depends_on_no_more_than_two_seconds_per_layer(network) -> None:
    reach = len(network.layers) * SIGHT + 4  # the convolutions and windows see a little further
    waveform = noise(1, (reach + 100) * FRAME).requires_grad_()
    network(waveform)[0, 0].sum().backward()
    assert waveform.grad[0, SIGHT * FRAME : (reach - 100) * FRAME].any()
    loudest = waveform.grad[0, (reach + 2) * FRAME :]
    assert not loudest.any()


@torch.no_grad()
def test_the_middle_layer_is_given_beside_the_last(network) -> None:
    waveforms = noise(1, 8000)
    middle, last = network.middle_and_last(waveforms)
    assert middle.shape == last.shape and not torch.equal(middle, last)
    assert torch.equal(network(waveforms), last)


def test_it_loads_by_its_path_as_a_listener(network, tmp_path) -> None:
    card = Card(
        name="tiny", kind="surrogate", architecture="whisper-student", config=SHAPE, data="", recipe="", seed=0,
        metrics={}, licence="Apache-2.0",
    )  # fmt: skip
    save(tmp_path / "tiny", network.state_dict(), card)
    loaded = load_listener(str(tmp_path / "tiny.safetensors"))
    torch.testing.assert_close(loaded(noise(1, 3000)), network(noise(1, 3000)))


@pytest.mark.parametrize("wrong", [{"layers": 3}, {"heads": 3}])
def test_impossible_sizes_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="even"):
        WhisperStudent(**{**SHAPE, **wrong})
