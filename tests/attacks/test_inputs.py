"""What an attack works on: a clean copy of what it was given."""

import torch
from torch import nn

from sottovoce.attacks.inputs import checked_batch, checked_listeners


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
    one, other = nn.Identity(), nn.Hardtanh()
    assert checked_listeners(one) == [one]
    for several in ([one, other], (one, other)):
        assert checked_listeners(several)[0] is one and checked_listeners(several)[1] is other
