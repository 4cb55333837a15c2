"""The commands bench's figures."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.wang2020 import published
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
    figure.colorbar(image, ax=axes, label="target hit [%]")
    return figure


def draw_errors(rates: NDArray[np.float64], domain: str) -> Figure:
    """Figure 6: 100 % less the target hits, over all pairs of source and target."""
    figure = Figure(figsize=(4, 5), layout="constrained")
    axes = figure.add_subplot()
    errors = 100 - rates[np.isfinite(rates)]
    axes.boxplot(errors, tick_labels=[domain], showmeans=True)
    worst = 100 - published.WORST_PAIR[domain]
    axes.axhline(worst, linestyle=":", color="grey", label="the paper's worst pair")
    mean = 100 - published.METHODS[domain]["generator"].success
    axes.axhline(mean, linestyle="--", color="grey", label="the paper's mean")
    axes.set(ylabel="target missed [%]", title="Errors by pair")
    axes.legend(fontsize=8)
    return figure


def draw_perturbations(original: Tensor, made: dict[str, Tensor], title: str) -> Figure:
    """Figure 7: original and perturbed clip as waveforms and spectrograms, the change, and the change ten times as
    large; a row a method. All tensors are `(samples,)`.
    """
    figure = Figure(figsize=(16, 2.8 * len(made)), layout="constrained")
    grid = figure.subplots(len(made), 6, squeeze=False)
    times = np.arange(len(original)) / MODEL_RATE
    peak = float(original.abs().max())
    for axes, (name, clip) in zip(grid, made.items(), strict=True):
        change = clip - original
        for place, (signal, label) in enumerate(((original, "original"), (clip, name))):
            axes[place].plot(times, signal.numpy(), linewidth=0.4)
            axes[place].set(title=label, ylim=(-peak, peak))
            axes[place + 2].specgram(signal.numpy() + 1e-9, NFFT=512, Fs=MODEL_RATE, noverlap=384, vmin=-140, vmax=-40)
            axes[place + 2].set_title(label)
        for place, (factor, label) in enumerate(((1, "change"), (10, "change × 10"))):
            axes[place + 4].plot(times, factor * change.numpy(), linewidth=0.4)
            axes[place + 4].set(title=label, ylim=(-peak, peak))
    figure.suptitle(title)
    return figure
