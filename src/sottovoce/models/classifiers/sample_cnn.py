"""SampleCNN: classification of raw audio (Lee et al., 2017), as used for music by Wang et al. (2020)."""

from collections.abc import Sequence

from torch import Tensor, nn

from sottovoce.models.classifiers.base import Classifier

CHANNELS = (128, 128, 256, 256, 256, 256, 256, 256, 512)
"""Channels of the convolutions that are followed by pooling."""
FULL = 128
DROPOUT_AFTER = 4
"""Index among `CHANNELS` of the convolution before the first dropout; the second follows the last convolution."""
LAST_FRAMES = 15


class SampleCNN(Classifier):
    """A strided convolution, nine convolutions with pooling, one without, dropout and a linear layer.

    A clip has 16,384 samples, at 16 kHz here and at 16,384 Hz in Wang et al. (2020).

    Args:
        labels: the classes.
        channels: channels of the first convolution, with which all others scale; 128 is full size.

    Example:
        >>> import torch
        >>> SampleCNN(["jazz", "rock"], channels=4).eval()(torch.zeros(1, 16_000)).shape
        torch.Size([1, 2])
    """

    architecture = "sample-cnn"
    clip = 16_384

    def __init__(self, labels: Sequence[str], channels: int = FULL) -> None:
        super().__init__()
        self.labels = tuple(labels)
        self.config = {"labels": list(labels), "channels": channels}
        """The constructor's arguments."""
        widths = [channels * width // FULL for width in CHANNELS]
        layers: list[nn.Module] = [*_convolution(1, channels, stride=2, padding=0)]
        for number, (before, after) in enumerate(zip([channels, *widths], widths, strict=False)):
            layers += [*_convolution(before, after), nn.MaxPool1d(3, 2)]
            if number == DROPOUT_AFTER:
                layers.append(nn.Dropout(0.5))
        layers += [*_convolution(widths[-1], widths[-1]), nn.Dropout(0.5), nn.Flatten()]
        self.layers = nn.Sequential(*layers)
        self.linear = nn.Linear(LAST_FRAMES * widths[-1], len(self.labels))

    def classify(self, clips: Tensor) -> Tensor:
        logits: Tensor = self.linear(self.layers(clips[:, None]))
        return logits


def _convolution(channels_in: int, channels_out: int, stride: int = 1, padding: int = 1) -> list[nn.Module]:
    return [nn.Conv1d(channels_in, channels_out, 3, stride, padding), nn.BatchNorm1d(channels_out), nn.ReLU()]
