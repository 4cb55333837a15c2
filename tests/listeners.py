"""Listeners that tests share."""

import torch

from sottovoce.models.recognizers import DeepSpeech


class Faithful(torch.nn.Module):
    """Writes the same whatever it hears."""

    name, language = "faithful", "en"

    def transcribe(self, waveforms, lengths=None):
        return ["RAIN FALLS ON ROOFS AND FIELDS"] * len(waveforms)


class Half(torch.nn.Module):
    """An enhancer that turns everything down."""

    def forward(self, waveforms):
        return 0.5 * waveforms


def babbler(hidden: int) -> DeepSpeech:
    """A small recogniser, untrained, that writes letters instead of blanks."""
    torch.manual_seed(0)
    network = DeepSpeech(hidden=hidden, layers=1).eval()
    with torch.no_grad():
        network.linear.weight.mul_(20.0)
        network.linear.bias[0] -= 3.0
    return network
