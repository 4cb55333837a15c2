"""Res8: a small residual network on MFCC of keywords (Tang and Lin, 2018)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.models.classifiers.base import Classifier
from sottovoce.models.classifiers.mfcc import usual_mfcc

SIZE, HOP, COEFFICIENTS = 480, 160, 40
POOL = (4, 3)
"""Frames and coefficients that are averaged after the first convolution."""
PUBLISHED, BLOCKS = 45, 3


class Res8(Classifier):
    """A convolution, an average pool, three residual blocks of two convolutions each, a mean and a linear layer.

    It hears 40 MFCC of frames of 30 ms, one every 10 ms. All convolutions are 3 × 3 and have no biases; batch
    normalisation has no parameters and comes after ReLU and after the shortcut, as in the authors' code.

    Args:
        labels: the classes.
        channels: channels of all convolutions.

    Example:
        >>> Res8(["no", "yes"], channels=4).eval()(torch.zeros(1, 16_000)).shape
        torch.Size([1, 2])
    """

    architecture = "res8"
    clip = 16_000

    def __init__(self, labels: Sequence[str], channels: int = PUBLISHED) -> None:
        super().__init__()
        self.labels = tuple(labels)
        self.config = {"labels": list(labels), "channels": channels}
        """The constructor's arguments."""
        self.features = usual_mfcc(size=SIZE, hop=HOP, coefficients=COEFFICIENTS)
        self.scale = nn.BatchNorm1d(COEFFICIENTS, affine=False)
        self.first = nn.Conv2d(1, channels, 3, padding=1, bias=False)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False) for _ in range(2 * BLOCKS)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels, affine=False) for _ in range(2 * BLOCKS))
        self.linear = nn.Linear(channels, len(self.labels))

    def classify(self, clips: Tensor) -> Tensor:
        image = self.scale(self.features(clips)).transpose(-2, -1)[:, None]
        hidden = beside = functional.avg_pool2d(torch.relu(self.first(image)), POOL)
        for number, (convolution, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
            hidden = torch.relu(convolution(hidden))
            if number % 2:
                hidden = beside = hidden + beside
            hidden = norm(hidden)
        logits: Tensor = self.linear(hidden.mean((-2, -1)))
        return logits
