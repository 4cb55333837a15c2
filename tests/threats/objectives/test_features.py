"""States of a hidden layer that should differ from those of the original."""

import pytest
import torch

from sottovoce.threats import OtherFeatures


def test_the_loss_is_the_mean_cosine_of_a_rows_own_frames() -> None:
    references = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(0))
    frames, unused, lengths = torch.tensor([6, 3]), torch.zeros(2, 60), torch.tensor([60, 30])
    wish = OtherFeatures(references, frames, threshold=0.0)
    changed = references.clone()
    changed[1, 3:] = 9.0  # after the end
    torch.testing.assert_close(wish.loss(changed, unused, lengths), torch.ones(2))
    assert not wish.met(changed, unused, lengths).any()
    changed[:, 0] *= -1.0
    torch.testing.assert_close(wish.loss(changed, unused, lengths), torch.tensor([4 / 6, 1 / 3]))
    torch.testing.assert_close(wish.distance(-references, unused, lengths), torch.zeros(2), atol=1e-6, rtol=0)
    assert wish.met(-references, unused, lengths).all()


def test_scale_does_not_count() -> None:
    references = torch.randn(1, 6, 4, generator=torch.Generator().manual_seed(0))
    wish = OtherFeatures(references, torch.tensor([6]))
    torch.testing.assert_close(wish.loss(9 * references, torch.zeros(1, 60), torch.tensor([60])), torch.ones(1))


def test_rows_may_be_narrower_than_the_batch() -> None:
    references = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(0))
    part = OtherFeatures(references, torch.tensor([6, 3])).rows(torch.tensor([1, 1]))
    outputs = references[[1, 1], :3]
    torch.testing.assert_close(part.loss(outputs, torch.zeros(2, 30), torch.tensor([30, 30])), torch.ones(2))


def test_no_gradient_reaches_the_references() -> None:
    references = torch.randn(1, 3, 4, requires_grad=True)
    assert not OtherFeatures(references, torch.tensor([3])).references.requires_grad


def test_a_threshold_is_a_cosine() -> None:
    with pytest.raises(ValueError, match="threshold must be"):
        OtherFeatures(torch.zeros(1, 1, 1), torch.tensor([1]), threshold=1.5)
