"""Protect a recording from a denoiser of your own, and hear what the denoiser makes of both files.

python examples/own_denoiser.py
"""

from importlib.resources import files
from pathlib import Path
from tempfile import mkdtemp

import torch
from torch import Tensor, nn

from sottovoce import AsEnhancer, Words, protect_file, verify


class SpectralGate(nn.Module):
    """Turns down time-frequency bins near the noise floor: any differentiable network would do."""

    def __init__(self) -> None:
        super().__init__()
        self.window: Tensor
        self.register_buffer("window", torch.hann_window(512))

    def forward(self, waveforms: Tensor) -> Tensor:
        spectrum = torch.stft(waveforms, 512, 128, window=self.window, return_complex=True)
        power = spectrum.real.square() + spectrum.imag.square()
        floor = power.mean(-1, keepdim=True)
        gate = power / (power + floor)
        return torch.istft(spectrum * gate, 512, 128, window=self.window, length=waveforms.shape[-1])


def main() -> None:
    denoiser = AsEnhancer(SpectralGate())
    recording = Path(str(files("sottovoce") / "data" / "demo.wav"))
    protected = Path(mkdtemp()) / "protected.wav"
    report = protect_file(recording, protected, Words({"my denoiser": denoiser}, steps=20))
    print(report.line())
    result = verify(recording, protected, {"my denoiser": denoiser})
    cell = result.cell("pocketsphinx", "my denoiser")
    if cell is not None:
        print(f"word error rate behind my denoiser: {100 * cell.protected:.0f} %")


if __name__ == "__main__":
    main()
