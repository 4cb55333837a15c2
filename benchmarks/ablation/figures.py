"""The course of the trainings."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from benchmarks.ablation.plan import Ablation
from benchmarks.rows import Row


def draw_courses(ablation: Ablation, logs: Mapping[str, Sequence[Row]]) -> Figure:
    """The drawn columns over the epochs, a line for each variant."""
    figure = Figure(figsize=(5 * len(ablation.drawn), 4), layout="constrained")
    for axes, key in zip(figure.subplots(1, len(ablation.drawn), squeeze=False)[0], ablation.drawn, strict=True):
        for variant, rows in logs.items():
            epochs, values = [float(row["epoch"]) + 1 for row in rows], [float(row[key]) for row in rows]
            axes.plot(epochs, values, marker=".", label=variant)
        axes.set(xlabel="epoch", ylabel=ablation.measures[key])
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, fontsize=8, ncols=len(labels), loc="outside lower center", frameon=False)
    return figure
