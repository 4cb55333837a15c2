"""Pictures of signals, such as a file before and after enhancement (cf. Dong et al., 2022, figure 2)."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.errors import SottovoceError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN = 20 * MODEL_RATE


def draw(path: Path, shown: Mapping[str, Tensor], *, title: str | None = None) -> None:
    """Save waveforms and spectrograms of the first 20 s as a PNG.

    Args:
        path: the picture's path.
        shown: signals by name, `(samples,)` at 16 kHz, a row each.
        title: what stands above them.

    Raises:
        SottovoceError: the picture cannot be written.
    """
    from matplotlib.figure import Figure

    signals = {name: signal[:SHOWN].numpy() for name, signal in shown.items()}
    figure = Figure(figsize=(11, 0.6 + 2.1 * len(signals)), layout="constrained")
    axes = figure.subplots(len(signals), 2, sharex=True, squeeze=False)
    peak = max(1e-3, *(float(np.abs(signal).max()) for signal in signals.values()))
    for row, (name, signal) in zip(axes, signals.items(), strict=True):
        _waveform(row[0], signal, peak, name)
        _spectrogram(row[1], signal)
    for bottom in axes[-1]:
        bottom.set_xlabel("time [s]")
    if title is not None:
        figure.suptitle(title, parse_math=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    try:
        path.write_bytes(buffer.getvalue())
    except OSError as error:
        raise SottovoceError(f"{path}: the picture cannot be written ({error.strerror})") from error


def _waveform(axes: "Axes", signal: NDArray[np.float32], peak: float, name: str) -> None:
    axes.plot(np.arange(len(signal)) / MODEL_RATE, signal, linewidth=0.4)
    axes.set(ylim=(-1.05 * peak, 1.05 * peak), ylabel="amplitude", title=name)


def _spectrogram(axes: "Axes", signal: NDArray[np.float32]) -> None:
    padded = np.pad(signal, (0, max(0, 640 - len(signal))))  # at least two windows
    with np.errstate(divide="ignore"):
        axes.specgram(padded, NFFT=512, Fs=MODEL_RATE, noverlap=384, vmin=-140, vmax=-40, cmap="magma")
    axes.set(ylabel="frequency [Hz]", xlim=(0, len(signal) / MODEL_RATE))
