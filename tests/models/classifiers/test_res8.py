"""Res8: the published size, and a computation by hand."""

import torch
from torch.nn import functional

from sottovoce.models.classifiers import Res8


def test_sizes_are_the_published_ones() -> None:
    network = Res8([str(number) for number in range(12)])
    convolutions = [m for m in network.modules() if isinstance(m, torch.nn.Conv2d)]
    assert len(convolutions) == 7 and {m.kernel_size for m in convolutions} == {(3, 3)}
    weights = sum(m.weight.numel() for m in convolutions) + network.linear.weight.numel()
    assert 105_000 < weights < 115_000  # 110,000 parameters in the paper


@torch.no_grad()
def test_every_second_convolution_adds_what_came_before_the_last_norm() -> None:
    torch.manual_seed(0)
    network, clip = Res8(["no", "yes"], channels=3).eval(), 0.1 * torch.randn(1, 16_000)
    network.norms[1].running_mean.fill_(0.2)
    image = network.scale(network.features(clip)).transpose(1, 2)[:, None]
    kept = functional.avg_pool2d(network.first(image).relu(), (4, 3))
    hidden = kept
    for block in range(3):
        one, two = network.convolutions[2 * block : 2 * block + 2]
        kept = kept + two(network.norms[2 * block](one(hidden).relu())).relu()
        hidden = network.norms[2 * block + 1](kept)
    torch.testing.assert_close(network(clip), network.linear(hidden.mean((2, 3))))
