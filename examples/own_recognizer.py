"""Make a recogniser of your own write a text, and hear it through the file as written.

python examples/own_recognizer.py
"""

from importlib.resources import files
from pathlib import Path
from tempfile import mkdtemp

import torch
from torch import Tensor, nn

from sottovoce import AsRecognizer, Words, protect_file
from sottovoce.audio import MelPower

ALPHABET = ("", " ", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ")


class TinyRecognizer(nn.Module):
    """An untrained network in the place of yours: mel bands, two convolutions, a letter every 64 ms."""

    def __init__(self) -> None:
        super().__init__()
        self.power = MelPower(bands=40)
        self.layers = nn.Sequential(nn.Conv1d(40, 64, 5, 4, 2), nn.ReLU(), nn.Conv1d(64, len(ALPHABET), 3, 1, 1))

    def forward(self, waveforms: Tensor) -> Tensor:
        logits: Tensor = self.layers(torch.log(self.power(waveforms) + 1e-6))
        return logits.transpose(1, 2)


def main() -> None:
    torch.manual_seed(0)
    recognizer = AsRecognizer(TinyRecognizer(), ALPHABET, name="my recogniser")
    recording = Path(str(files("sottovoce") / "data" / "demo.wav"))
    target = Path(mkdtemp()) / "protected.wav"
    protection = Words({"my recogniser": recognizer}, wanted="hello", steps=200)
    print(protect_file(recording, target, protection).line())


if __name__ == "__main__":
    main()
