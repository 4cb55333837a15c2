"""What an attack works on: a clean copy of what it was given."""

import pytest
import torch
from torch import Tensor, nn

from sottovoce.attacks.inputs import checked_batch, checked_listeners
from sottovoce.channels import Quantization
from sottovoce.models.adapters import AsEnhancer


def test_the_batch_is_a_copy_without_gradient_and_with_silent_padding() -> None:
    waveforms = torch.full((2, 4), 0.5, requires_grad=True)
    originals, lengths = checked_batch(waveforms, torch.tensor([4, 1], dtype=torch.uint8))
    assert originals.tolist() == [[0.5] * 4, [0.5, 0.0, 0.0, 0.0]]
    assert lengths.tolist() == [4, 1] and lengths.dtype == torch.int64
    assert not originals.requires_grad and originals.data_ptr() != waveforms.data_ptr()


def test_lengths_are_copied_and_full_without_any() -> None:
    given = torch.tensor([3, 3])
    assert checked_batch(torch.zeros(2, 3), given)[1].data_ptr() != given.data_ptr()
    assert checked_batch(torch.zeros(2, 3), None)[1].tolist() == [3, 3]


def test_full_scale_is_within_range() -> None:
    extremes = torch.tensor([[-1.0, 1.0]])
    assert torch.equal(checked_batch(extremes, None)[0], extremes)


def test_listeners_come_alone_or_in_a_sequence() -> None:
    one, other = Quantization(), AsEnhancer(nn.Hardtanh())
    assert checked_listeners(one) == [one]
    for several in ([one, other], (one, other)):
        assert checked_listeners(several)[0] is one and checked_listeners(several)[1] is other


@pytest.mark.parametrize("network", [nn.Identity(), nn.Linear(4, 4), nn.Sequential(nn.Hardtanh())])
def test_a_network_that_takes_no_lengths_is_told_how_to_become_a_listener(network: nn.Module) -> None:
    for listeners in (network, [Quantization(), network]):
        with pytest.raises(ValueError, match=f"{type(network).__name__} does not; wrap it in AsEnhancer"):
            checked_listeners(listeners)


def test_what_the_second_argument_is_called_does_not_matter() -> None:
    class Any(nn.Module):
        def forward(self, *given: Tensor) -> Tensor:
            return given[0]

    class Scripted(nn.Module):
        def forward(self, sound: Tensor, sizes: Tensor) -> Tensor:
            return sound * len(sizes)

    for network in (Any(), torch.jit.script(Scripted())):
        assert checked_listeners(network) == [network]
