"""Figures 4 to 7 of Wang et al. (2020)."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.wang2020 import published
from benchmarks.wang2020.plan import GENERATOR
from sottovoce.audio.resampling import MODEL_RATE


def draw_matrix(rates: NDArray[np.float64], labels: Sequence[str], title: str) -> Figure:
    """Figures 4 and 5: target hits in % by source (rows) and target (columns); the diagonal is empty."""
    figure = Figure(figsize=(7.5, 6.5), layout="constrained")
    axes = figure.add_subplot()
    image = axes.imshow(rates, cmap="Blues", vmin=0, vmax=100)
    for row, column in np.ndindex(*rates.shape):
        if row != column and np.isfinite(rates[row, column]):
            colour = "white" if rates[row, column] > 60 else "black"
            axes.text(column, row, f"{rates[row, column]:.0f}", ha="center", va="center", color=colour, fontsize=8)
    places = range(len(labels))
    axes.set(xticks=places, yticks=places, xlabel="target", ylabel="source", title=title)
    axes.set_xticklabels(labels, rotation=45, ha="right")
    axes.set_yticklabels(labels)
    figure.colorbar(image, ax=axes, label="target hits [%]")
    return figure


def draw_errors(rates: Mapping[str, NDArray[np.float64]]) -> Figure:
    """Figure 6: share of targets missed in %, over all pairs of source and target, by domain."""
    figure = Figure(figsize=(2.5 + 1.5 * len(rates), 4.5), layout="constrained")
    axes = figure.add_subplot()
    errors = [100 - found[np.isfinite(found)] for found in rates.values()]
    axes.boxplot(errors, tick_labels=list(rates), showmeans=True, widths=0.3)
    for place, domain in enumerate(rates, start=1):
        worst, mean = 100 - published.WORST_PAIR[domain], 100 - published.METHODS[domain][GENERATOR].success
        for value, style, label in ((worst, ":", "worst pair"), (mean, "--", "mean")):
            axes.hlines(
                value,
                place - 0.35,
                place + 0.35,
                linestyle=style,
                color="grey",
                label=f"{label}, Wang et al. (2020)" if place == 1 else "",
            )
    axes.set(ylabel="targets missed [%]", ylim=(-2, 102))
    axes.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.08), frameon=False)
    return figure


def draw_perturbations(original: Tensor, made: Mapping[str, Tensor], title: str) -> Figure:
    """Figure 7: original clip, perturbed clip and perturbation × 10, each as waveform and spectrogram; a row per
    method. All tensors are `(samples,)`.
    """
    figure = Figure(figsize=(14, 2.8 * len(made)), layout="constrained")
    grid = figure.subplots(len(made), 5, squeeze=False)
    times = np.arange(len(original)) / MODEL_RATE
    peak = 1.05 * float(original.abs().max())
    for axes, (name, clip) in zip(grid, made.items(), strict=True):
        waveforms = ("original", original), (name, clip), ("perturbation × 10", 10 * (clip - original))
        for place, (label, signal) in enumerate(waveforms):
            axes[place].plot(times, signal.numpy(), linewidth=0.4)
            axes[place].set(title=label, ylim=(-peak, peak), xlim=(0, times[-1]))
        for place, (label, signal) in enumerate(waveforms[:2], start=3):
            axes[place].specgram(signal.numpy() + 1e-9, NFFT=512, Fs=MODEL_RATE, noverlap=384, vmin=-140, vmax=-40)
            axes[place].set(title=label, yticks=range(0, 8001, 2000), yticklabels=range(0, 9, 2))
        axes[0].set_ylabel("amplitude")
        axes[3].set_ylabel("frequency [kHz]")
    for axes in grid[-1]:
        axes.set_xlabel("time [s]")
    figure.suptitle(title)
    return figure
