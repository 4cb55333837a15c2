"""The recognition bench's figures."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from torch import Tensor

from sottovoce.audio.resampling import MODEL_RATE


def draw_spectrograms(signals: Mapping[str, Tensor]) -> Figure:
    """Figure 2: log-power spectrograms of signals `(samples,)`, three in a row."""
    rows = -(-len(signals) // 3)
    figure = Figure(figsize=(13, 3 * rows), layout="constrained")
    for axes, (name, signal) in zip(figure.subplots(rows, 3, squeeze=False).flat, signals.items(), strict=False):
        axes.specgram(signal.numpy() + 1e-9, NFFT=512, Fs=MODEL_RATE, noverlap=384, vmin=-140, vmax=-40)
        axes.set(title=name, xlabel="s", ylabel="Hz")
    return figure


def draw_adaptive(found: Mapping[str, Sequence[float]]) -> Figure:
    """Figure 3: the SNRs in dB of the quietest successful adaptive attacks, by what stands in front of the
    recogniser."""
    figure = Figure(figsize=(1.5 + 1.2 * max(1, len(found)), 4), layout="constrained")
    axes = figure.add_subplot()
    if found:
        axes.boxplot(list(found.values()), tick_labels=list(found), showmeans=True)
    axes.set(ylabel="SNR of the perturbation [dB]", title="Adaptive attack")
    axes.tick_params(axis="x", rotation=30)
    return figure
