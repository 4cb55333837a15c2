"""The enhancement bench's figures."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.dong2022 import published
from benchmarks.dong2022.bench import CURVE_SNR, MG, SEGAN, TABLES
from benchmarks.dong2022.conditions import ATTACKS
from benchmarks.dong2022.published import SNRS
from benchmarks.dong2022.results import Results, at, curve_of, degradation
from sottovoce.evaluation.tables import Value


def draw_error_rates(results: Results) -> Figure:
    """Figure 3: CER and WER behind each victim by mixture SNR."""
    figure = Figure(figsize=(12, 8), layout="constrained")
    for row, unit in enumerate(("cer", "wer")):
        for column, victim in enumerate((MG, SEGAN)):
            axes = figure.add_subplot(2, 2, 2 * row + column + 1)
            lines = {"noisy": [f"baseline@{s}" for s in SNRS], "enhanced": [f"baseline@{s}" for s in SNRS]}
            lines |= {f"{c.attack}, {c.setting}": [at(c, s) for s in SNRS] for c in TABLES if c.victim == victim}
            for label, jobs in lines.items():
                name = "noisy" if label == "noisy" else victim
                values = [results.mean(job, f"{name} {unit}") for job in jobs]
                _draw_rates(axes, SNRS, values, label=label)
            if unit == "cer":
                for label, key in (("opt, the paper's figure", "opt"), ("pgd, the paper's figure", "pgd")):
                    axes.plot(
                        SNRS,
                        published.ERROR_RATE[f"{key} on {victim}"],
                        linestyle=":",
                        color="grey",
                        marker={"opt": "x", "pgd": "+"}[key],
                        label=label,
                    )
            axes.set(
                title=f"behind {victim}",
                xlabel="SNR of the mixture in dB",
                ylabel=f"{unit.upper()} in %",
                xticks=SNRS,
                ylim=(0, 130),
            )
            axes.legend(fontsize=7, ncols=2)
    return figure


def draw_degradation(results: Results) -> Figure:
    """Figure 4: DE and RPR of the attacks on MetricGAN+ by mixture SNR."""
    figure = Figure(figsize=(12, 4.5), layout="constrained")
    rise, ratio = figure.subplots(1, 2)
    for condition in (c for c in TABLES if c.victim == MG):
        if not any(at(condition, snr) in results.rows for snr in SNRS):
            continue
        label = f"{condition.attack}, {condition.setting}"
        rise.plot(
            SNRS, [100 * degradation(results, condition, MG, "cer", s).mean for s in SNRS], marker="o", label=label
        )
        gains = [results.mean(at(condition, s), f"{MG} gain") for s in SNRS]
        ratio.plot(SNRS, [value.mean for value in gains], marker="o", label=label)
    for name, marker in (("opt", "x"), ("fgsm", "+")):
        rise.plot(
            SNRS,
            published.DE[f"{name} on {MG}"],
            linestyle=":",
            color="grey",
            marker=marker,
            label=f"{name}, the paper's figure",
        )
    rise.set(title="DE on MetricGAN+", ylabel="rise of the CER in points")
    ratio.set(title="perturbation gain of MetricGAN+", ylabel="20 log₁₀(‖y*−y‖ / ‖x*−x‖) in dB")
    ratio.axhline(0, color="grey", linewidth=0.8)
    for axes in (rise, ratio):
        axes.set(xlabel="SNR of the mixture in dB", xticks=SNRS)
        axes.legend(fontsize=8)
    return figure


def draw_trade_off(results: Results) -> Figure:
    """CER with and without the enhancer by perturbation SNR."""
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot()
    for number, attack in enumerate(ATTACKS):
        curve = curve_of(attack)
        floors = [condition.floor for condition in curve]
        for name, style in ((MG, "-"), ("protected", "--")):
            values = [results.mean(at(c, CURVE_SNR), f"{name} cer") for c in curve]
            label = f"{attack}, {'behind ' + MG if name == MG else 'no enhancer'}"
            _draw_rates(axes, floors, values, label=label, color=f"C{number}", style=style)
    for name, label, style in ((MG, f"unprotected, behind {MG}", "-"), ("noisy", "unprotected", "--")):
        value = results.mean(f"baseline@{CURVE_SNR}", f"{name} cer")
        axes.axhline(100 * value.mean, linestyle=style, color="grey", label=label)
    axes.set(xlabel="SNR of the protected file in dB", ylabel="CER in %", ylim=(0, 105))
    axes.legend(fontsize=8)
    return figure


def _draw_rates(
    axes: Axes,
    places: Sequence[float],
    values: Sequence[Value],
    *,
    label: str,
    color: str | None = None,
    style: str = "-",
) -> None:
    """Error rates in % with their intervals, or nothing where nothing was measured."""
    if not any(value.counted for value in values):
        return
    (line,) = axes.plot(places, [100 * v.mean for v in values], style, marker="o", color=color, label=label)
    lows, highs = [100 * v.low for v in values], [100 * v.high for v in values]
    axes.fill_between(places, lows, highs, alpha=0.1, color=line.get_color())
