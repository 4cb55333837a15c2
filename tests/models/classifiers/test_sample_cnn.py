"""SampleCNN: the published size."""

import torch

from sottovoce.models.classifiers import SampleCNN


def test_sizes_are_the_published_ones() -> None:
    sample = SampleCNN(("yes", "no", "up"))
    assert sample.linear.in_features == 7680
    widths = [m.out_channels for m in sample.modules() if isinstance(m, torch.nn.Conv1d)]
    assert widths == [128, 128, 128, 256, 256, 256, 256, 256, 256, 512, 512]


def test_one_dropout_follows_the_sixth_convolution_and_one_the_last() -> None:
    names = [type(layer).__name__ for layer in SampleCNN(("yes",), channels=4).layers]
    places = [index for index, name in enumerate(names) if name == "Dropout"]
    assert [names[:place].count("Conv1d") for place in places] == [6, 11]
