"""The log-spectral network: context, standardisation, padding."""

import pytest
import torch

from sottovoce.models.enhancers.dnn import BINS, CONTEXT, DNN


@pytest.fixture(scope="module")
def network() -> DNN:
    torch.manual_seed(0)
    return DNN(hidden=16).eval()


def test_full_size() -> None:
    shapes = [tuple(layer.weight.shape) for layer in DNN().layers if isinstance(layer, torch.nn.Linear)]
    assert shapes == [(2048, 1799), (2048, 2048), (2048, 2048), (257, 2048)]


@torch.no_grad()
def test_a_network_that_gives_the_middle_frame_changes_nothing(network) -> None:
    copy = DNN(hidden=16).eval()
    copy.predict = lambda noisy: noisy  # type: ignore[method-assign]
    waveforms = 0.1 * torch.randn(2, 5000, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(copy(waveforms), waveforms, rtol=1e-3, atol=1e-4)


@torch.no_grad()
def test_a_frame_sees_three_on_either_side(network) -> None:
    frames = torch.randn(1, 20, BINS)
    changed = frames.clone()
    changed[:, 10] += 1
    moved = (network.predict(frames) != network.predict(changed)).any(-1)[0]
    assert torch.nonzero(moved)[:, 0].tolist() == list(range(10 - CONTEXT // 2, 11 + CONTEXT // 2))


@torch.no_grad()
def test_a_row_in_a_batch_gives_what_it_gives_alone(network) -> None:
    waveforms, lengths = 0.1 * torch.randn(2, 6000), torch.tensor([6000, 3333])
    together = network(waveforms, lengths)
    torch.testing.assert_close(together[1:, :3333], network(waveforms[1:, :3333]), rtol=1e-3, atol=1e-5)
    assert not together[1, 3333:].any()
