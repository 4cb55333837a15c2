"""Wide residual network on MFCC images of keywords (Zagoruyko and Komodakis, 2016)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from sottovoce.models.classifiers.base import Classifier
from sottovoce.models.classifiers.mfcc import HOP, SIZE, SquareMFCC


class Block(nn.Module):
    """Two 3×3 convolutions, each after batch normalisation and ReLU, with a shortcut."""

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.BatchNorm2d(channels_in), nn.BatchNorm2d(channels_out)
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, 1, 1, bias=False)
        changes = stride != 1 or channels_in != channels_out
        self.shortcut = nn.Conv2d(channels_in, channels_out, 1, stride, bias=False) if changes else None

    def forward(self, image: Tensor) -> Tensor:
        active = torch.relu(self.norm1(image))
        beside = image if self.shortcut is None else self.shortcut(active)
        moved: Tensor = beside + self.conv2(torch.relu(self.norm2(self.conv1(active))))
        return moved


class WideResNet(Classifier):
    """WideResNet-`depth`-`width` for clips of one second; Wang et al. (2020) use 28-10.

    Args:
        labels: the classes.
        depth: number of layers, 6n + 4 for n blocks in each of the three groups.
        width: factor on the 16, 32 and 64 channels of the groups.

    Example:
        >>> from sottovoce.models.classifiers import load_classifier
        >>> classifier = load_classifier("wide-resnet")
        >>> classifier(torch.zeros(2, 16_000)).shape
        torch.Size([2, 10])
        >>> classifier.labels[:3]
        ('down', 'go', 'left')
    """

    architecture = "wide-resnet"
    clip = HOP * SIZE

    def __init__(self, labels: Sequence[str], depth: int = 28, width: int = 10) -> None:
        super().__init__()
        if (depth - 4) % 6:
            raise ValueError(f"depth is {depth}, but must be 4 more than a multiple of 6")
        self.labels = tuple(labels)
        self.config = {"labels": list(labels), "depth": depth, "width": width}
        """The constructor's arguments."""
        channels = [16, 16 * width, 32 * width, 64 * width]
        self.features = SquareMFCC()
        self.scale = nn.BatchNorm2d(1, affine=False)
        self.first = nn.Conv2d(1, channels[0], 3, padding=1, bias=False)
        blocks = []
        for group, stride in enumerate((1, 2, 2)):
            for number in range((depth - 4) // 6):
                entering = channels[group] if number == 0 else channels[group + 1]
                blocks.append(Block(entering, channels[group + 1], stride if number == 0 else 1))
        self.blocks = nn.Sequential(*blocks)
        self.norm, self.linear = nn.BatchNorm2d(channels[-1]), nn.Linear(channels[-1], len(self.labels))

    def classify(self, clips: Tensor) -> Tensor:
        image = self.scale(self.features(clips)[:, None])
        hidden = torch.relu(self.norm(self.blocks(self.first(image))))
        logits: Tensor = self.linear(hidden.mean((-2, -1)))
        return logits
