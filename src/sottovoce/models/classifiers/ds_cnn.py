"""DS-CNN: depthwise separable convolutions on MFCC of keywords (Zhang et al., 2017)."""

from collections.abc import Sequence

from torch import Tensor, nn

from sottovoce.models.classifiers.base import Classifier
from sottovoce.models.classifiers.mfcc import usual_mfcc

SIZE, HOP, COEFFICIENTS = 640, 320, 10
SMALL, BLOCKS = 64, 4


class DSCNN(Classifier):
    """A convolution over 10 frames and 4 coefficients, four depthwise separable ones, a mean and a linear layer.

    It hears 10 MFCC of frames of 40 ms, one every 20 ms. With 64 channels it is the smallest network of "Hello Edge"
    (DS-CNN S), with the dropout of its successors in MLPerf Tiny.

    Args:
        labels: the classes.
        channels: channels of all convolutions.

    Example:
        >>> import torch
        >>> DSCNN(["no", "yes"], channels=8).eval()(torch.zeros(1, 16_000)).shape
        torch.Size([1, 2])
    """

    architecture = "ds-cnn"
    clip = 16_000

    def __init__(self, labels: Sequence[str], channels: int = SMALL) -> None:
        super().__init__()
        self.labels = tuple(labels)
        self.config = {"labels": list(labels), "channels": channels}
        """The constructor's arguments."""
        self.features = usual_mfcc(size=SIZE, hop=HOP, coefficients=COEFFICIENTS)
        self.scale = nn.BatchNorm1d(COEFFICIENTS, affine=False)
        first = nn.Conv2d(1, channels, (10, 4), stride=2, padding=(4, 1), bias=False)
        layers = [first, nn.BatchNorm2d(channels), nn.ReLU(), nn.Dropout(0.2)]
        for _ in range(BLOCKS):
            layers += [nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)]
            layers += [nn.BatchNorm2d(channels), nn.ReLU()]
            layers += [nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels), nn.ReLU()]
        self.layers = nn.Sequential(*layers)
        self.dropout, self.linear = nn.Dropout(0.4), nn.Linear(channels, len(self.labels))

    def classify(self, clips: Tensor) -> Tensor:
        image = self.scale(self.features(clips)).transpose(-2, -1)[:, None]
        logits: Tensor = self.linear(self.dropout(self.layers(image).mean((-2, -1))))
        return logits
