"""DS-CNN: the published size, and the features that it hears."""

import torch

from sottovoce.models.classifiers import DSCNN


def test_sizes_are_the_published_ones() -> None:
    network = DSCNN([str(number) for number in range(12)])
    convolutions = [m for m in network.modules() if isinstance(m, torch.nn.Conv2d)]
    assert [m.kernel_size for m in convolutions] == [(10, 4), *[(3, 3), (1, 1)] * 4]
    assert [m.groups for m in convolutions] == [1, *[64, 1] * 4]
    weights = sum(m.weight.numel() for m in convolutions) + network.linear.weight.numel()
    assert 20_000 < weights < 24_000  # 38.6 kB with biases, statistics and features: table 5 of the paper, 8 bits each


def test_it_hears_ten_coefficients_every_twenty_milliseconds() -> None:
    network = DSCNN(["no", "yes"], channels=4)
    assert network.features(torch.zeros(1, 16_000)).shape == (1, 10, 51)
    maps = []
    network.layers.register_forward_hook(lambda module, given, made: maps.append(made.shape))
    network.eval()(torch.zeros(1, 16_000))
    assert maps == [(1, 4, 25, 5)]
