"""Figures 3 and 4 of Dong et al. (2022), and the trade-off between SNR and error rate."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.dong2022 import published
from benchmarks.dong2022.conditions import ATTACKS, Condition
from benchmarks.dong2022.plan import CURVE_SNR, MG, SEGAN, TABLES, at, curve_of
from benchmarks.dong2022.published import SNRS
from benchmarks.dong2022.results import Results, degradation
from sottovoce.evaluation.tables import Value

DOTTED = {"linestyle": ":", "color": "grey"}
MARKERS = {"opt": "x", "pgd": "+", "fgsm": "1"}
COLOURS = {c: f"C{number + 2}" for number, c in enumerate((c.attack, c.setting) for c in TABLES if c.enhancer == MG)}
"""The same colour for an attack in every figure; the first two are for recordings without an attack."""


def draw_error_rates(results: Results) -> Figure:
    """Figure 3: CER and WER behind each enhancer by SNR of the mixture."""
    figure = Figure(figsize=(12, 9), layout="constrained")
    grid = figure.subplots(2, 2, sharex=True, sharey=True)
    baselines = [f"baseline@{snr}" for snr in SNRS]
    for column, enhancer in enumerate((MG, SEGAN)):
        for unit, axes in zip(("cer", "wer"), grid[:, column], strict=True):
            rate = results.judge + unit
            for number, (label, name) in enumerate((("noisy", "noisy"), ("enhanced", enhancer))):
                values = [results.mean(job, f"{name} {rate}") for job in baselines]
                _draw_rates(axes, SNRS, values, label=label, colour=f"C{number}")
            for condition in (c for c in TABLES if c.enhancer == enhancer):
                values = [results.mean(at(condition, snr), f"{enhancer} {rate}") for snr in SNRS]
                _draw_rates(axes, SNRS, values, label=_label(condition), colour=_colour(condition))
            if unit == "cer":
                for attack in ("opt", "pgd"):
                    rates = published.ERROR_RATE[f"{attack} on {enhancer}"]
                    axes.plot(SNRS, rates, marker=MARKERS[attack], label=f"{attack}, Dong et al. (2022)", **DOTTED)
            axes.set(title=f"behind {enhancer}", ylabel=f"{unit.upper()} [%]", xticks=SNRS, ylim=(0, None))
            axes.grid(alpha=0.3)
        grid[1, column].set_xlabel("SNR of the mixture [dB]")
        _legend_below(grid[1, column], grid[0, column])
    return figure


def draw_degradation(results: Results) -> Figure:
    """Figure 4: DE and perturbation gain of the attacks on MetricGAN+ by SNR of the mixture."""
    figure = Figure(figsize=(12, 5.5), layout="constrained")
    rise, ratio = figure.subplots(1, 2)
    rate = f"{results.judge}cer"
    for condition in (c for c in TABLES if c.enhancer == MG):
        if not any(at(condition, snr) in results.rows for snr in SNRS):
            continue
        style = {"marker": "o", "label": _label(condition), "color": _colour(condition)}
        rise.plot(SNRS, [100 * degradation(results, condition, MG, rate, snr).mean for snr in SNRS], **style)
        ratio.plot(SNRS, [results.mean(at(condition, snr), f"{MG} gain").mean for snr in SNRS], **style)
    for attack in ("opt", "fgsm"):
        rates = published.DE[f"{attack} on {MG}"]
        rise.plot(SNRS, rates, marker=MARKERS[attack], label=f"{attack}, Dong et al. (2022)", **DOTTED)
    rise.set(title="DE on MetricGAN+", ylabel="rise of the CER [percentage points]")
    ratio.set(title="Perturbation gain of MetricGAN+", ylabel="20 log₁₀(‖y*−y‖ / ‖x*−x‖) [dB]")
    ratio.axhline(0, color="grey", linewidth=0.8)
    for axes in (rise, ratio):
        axes.set(xlabel="SNR of the mixture [dB]", xticks=SNRS)
        axes.grid(alpha=0.3)
        _legend_below(axes, axes)
    return figure


def draw_trade_off(results: Results) -> Figure:
    """CER with and without the enhancer by SNR of the perturbation."""
    figure = Figure(figsize=(7, 5.5), layout="constrained")
    axes = figure.add_subplot()
    for number, attack in enumerate(ATTACKS):
        curve = curve_of(attack)
        floors = [condition.floor for condition in curve]
        for name, style in ((MG, "-"), ("protected", "--")):
            values = [results.mean(at(c, CURVE_SNR), f"{name} {results.judge}cer") for c in curve]
            label = f"{attack}, {'behind ' + MG if name == MG else 'no enhancer'}"
            _draw_rates(axes, floors, values, label=label, colour=f"C{number}", style=style)
    for name, label, style in ((MG, f"unprotected, behind {MG}", "-"), ("noisy", "unprotected, no enhancer", "--")):
        value = results.mean(f"baseline@{CURVE_SNR}", f"{name} {results.judge}cer")
        axes.axhline(100 * value.mean, linestyle=style, color="grey", label=label)
    axes.set(xlabel="SNR of the protected file [dB]", ylabel="CER [%]", ylim=(0, None), xticks=(15, 20, 25, 30))
    axes.grid(alpha=0.3)
    _legend_below(axes, axes, columns=2)
    return figure


def _label(condition: Condition) -> str:
    return f"{condition.attack}, {'published steps' if condition.setting == 'paper' else 'ours'}"


def _colour(condition: Condition) -> str:
    return COLOURS[condition.attack, condition.setting]


def _draw_rates(
    axes: Axes, places: Sequence[float], values: Sequence[Value], *, label: str, colour: str, style: str = "-"
) -> None:
    """Error rates in % with their intervals, or nothing where nothing was measured."""
    if not any(value.counted for value in values):
        return
    axes.plot(places, [100 * v.mean for v in values], style, marker="o", color=colour, label=label)
    axes.fill_between(
        places, [100 * v.low for v in values], [100 * v.high for v in values], alpha=0.1, color=colour, linewidth=0
    )


def _legend_below(axes: Axes, drawn: Axes, columns: int = 3) -> None:
    """A legend of what is `drawn`, below `axes`."""
    handles, labels = drawn.get_legend_handles_labels()
    axes.legend(
        handles, labels, fontsize=8, ncols=columns, loc="upper center", bbox_to_anchor=(0.5, -0.14), frameon=False
    )
