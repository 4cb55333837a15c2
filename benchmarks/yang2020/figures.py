"""Figures 2 and 3 of Yang et al. (2020)."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from torch import Tensor

from sottovoce.audio.resampling import MODEL_RATE


def draw_spectrograms(signals: Mapping[str, Tensor]) -> Figure:
    """Figure 2: log-power spectrograms of signals `(samples,)`, three in a row."""
    rows = -(-len(signals) // 3)
    figure = Figure(figsize=(13, 3 * rows), layout="constrained")
    grid = figure.subplots(rows, 3, squeeze=False, sharex=True, sharey=True)
    for axes, (name, signal) in zip(grid.flat, signals.items(), strict=False):
        axes.specgram(signal.numpy() + 1e-9, NFFT=512, Fs=MODEL_RATE, noverlap=384, vmin=-140, vmax=-40)
        axes.set(title=name, yticks=range(0, 8001, 2000), yticklabels=range(0, 9, 2))
    for axes in grid[:, 0]:
        axes.set_ylabel("frequency [kHz]")
    for axes in grid[-1]:
        axes.set_xlabel("time [s]")
    return figure


def draw_adaptive(found: Mapping[str, Sequence[float]]) -> Figure:
    """Figure 3: SNRs in dB of the successful adaptive attacks, by the enhancer in front of the recogniser."""
    figure = Figure(figsize=(1.5 + 1.2 * max(1, len(found)), 4), layout="constrained")
    axes = figure.add_subplot()
    if found:
        axes.boxplot(list(found.values()), tick_labels=list(found), showmeans=True)
    axes.set(xlabel="in front of the recogniser", ylabel="SNR of the perturbation [dB]")
    axes.grid(axis="y", alpha=0.3)
    return figure
