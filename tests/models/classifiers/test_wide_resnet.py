"""WideResNet: the published size, and weights that come with their labels."""

import pytest
import torch

from sottovoce.models.classifiers import WideResNet, load_classifier
from sottovoce.weights import Card, save

LABELS = ("yes", "no", "up")


def test_sizes_are_the_published_ones() -> None:
    wide = WideResNet(LABELS)
    assert sum(isinstance(m, torch.nn.Conv2d) and m.kernel_size == (3, 3) for m in wide.modules()) == 25
    assert [block.conv2.out_channels for block in wide.blocks] == [160] * 4 + [320] * 4 + [640] * 4


def test_a_depth_that_does_not_divide_into_blocks_is_refused() -> None:
    with pytest.raises(ValueError, match="depth is 12"):
        WideResNet(LABELS, depth=12)


def test_weights_load_with_their_labels(tmp_path) -> None:
    torch.manual_seed(0)
    network = WideResNet(LABELS, depth=10, width=1).eval()
    card = Card(
        name="tiny",
        kind="classifier",
        architecture="wide-resnet",
        config={"labels": list(LABELS), "depth": 10, "width": 1},
        data="none",
        recipe="none",
        seed=0,
        metrics={},
        licence="CC0-1.0",
    )
    save(tmp_path / "tiny", network.state_dict(), card)
    loaded, clip = load_classifier(str(tmp_path / "tiny")), torch.randn(1, 16_000)
    assert loaded.predict(clip) == network.predict(clip) and loaded.labels == LABELS
