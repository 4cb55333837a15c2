"""The enhancement bench's rows as Markdown, CSV and PNG, the paper's values beside ours."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from matplotlib.figure import Figure

from sottovoce.benchmarks import published
from sottovoce.benchmarks.conditions import ATTACKS, Condition
from sottovoce.benchmarks.enhancement import CURVE, CURVE_SNR, MG, SEGAN, TABLES, TARGETED, Plan, Row, load_rows
from sottovoce.benchmarks.published import SNRS
from sottovoce.metrics import bootstrap_interval, mean_of_counted
from sottovoce.workflows.writing import write_text

MISSING = "–"


@dataclass(frozen=True)
class Value:
    """A mean over recordings with its 95 % bootstrap interval and how many recordings it counts."""

    mean: float
    low: float
    high: float
    counted: int
    total: int

    def text(self, digits: int = 1, factor: float = 1.0) -> str:
        if not self.counted:
            return MISSING
        mean, low, high = (f"{factor * value:.{digits}f}" for value in (self.mean, self.low, self.high))
        few = "" if self.counted == self.total else f", n={self.counted}"
        return f"{mean} [{low}, {high}{few}]"


class Results:
    """All rows of a run, for means by job and column."""

    def __init__(self, rows: dict[str, list[Row]], seed: int) -> None:
        self.rows, self.seed = rows, seed
        self.asked: list[tuple[str, str, Value]] = []

    def values(self, job: str, column: str) -> torch.Tensor:
        """A column of a job; NaN stands for what could not be computed; empty where the job is not measured."""
        return torch.tensor([float(row.get(column, math.nan)) for row in self.rows.get(job, [])], dtype=torch.float64)

    def mean(self, job: str, column: str, minus: tuple[str, str] | None = None) -> Value:
        """The mean of a column, or of its difference from that of another job, recording by recording."""
        values = self.values(job, column)
        label = column
        if minus is not None:
            other = self.values(*minus)
            label = f"{column} - {minus[1]} of {minus[0]}"
            values = values - other if len(other) == len(values) else values[:0]
        if not len(values):
            return Value(math.nan, math.nan, math.nan, 0, 0)
        mean, counted, total = mean_of_counted(values)
        interval = bootstrap_interval(values, generator=torch.Generator().manual_seed(self.seed))
        value = Value(mean, *interval, counted, total)
        self.asked.append((job, label, value))
        return value


def write_report(out: Path, plan: Plan) -> None:
    """Write `enhancement.md`, `enhancement.csv` and the figures from `out/rows/`; what is missing there is a dash.

    Raises:
        SottovoceError: a file cannot be written.
    """
    results = Results(load_rows(out), plan.seed)
    sections = [
        _head(results, plan),
        _quality(results),
        _error_rates(results),
        _degradation(results),
        _transfer(results),
        _targeted(results),
        _trade_off(results),
    ]
    write_text(out / "enhancement.md", "\n\n".join(sections) + "\n")
    write_text(out / "enhancement.csv", _csv(results))
    draw_error_rates(results).savefig(out / "figure-3.png", dpi=110)
    draw_degradation(results).savefig(out / "figure-4.png", dpi=110)
    draw_trade_off(results).savefig(out / "trade-off.png", dpi=110)


def _at(condition: Condition, snr: int) -> str:
    return f"{condition.slug}@{snr}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _head(results: Results, plan: Plan) -> str:
    return f"""# Attacks on speech enhancement

{plan.count} utterances of LibriSpeech test-clean, one a speaker (each speaker's shortest of at least 2.5 s), mixed with
excerpts of test noise; neither speakers nor noise recordings were seen in training. Every attacked file is written as
16-bit WAV and read back before anything is measured. The recogniser is pocketsphinx; error rates are means over files
in %, with 95 % bootstrap intervals over files in brackets. "ours" is what `sottovoce protect` does at an SNR of at
least 20 dB; "paper" is the published step sizes towards silence, without a limit; {published.UNIT}.
A dash stands for what was not measured.

Words that have nothing to do with what was said, but are as long, have a CER of about 80 %: pocketsphinx makes words of
any voice-like sound, and these share letters with the true ones. Only an output in which it hears nothing comes to
100 %.

Made by `sottovoce bench enhancement --seed {plan.seed} --count {plan.count}`."""


def _quality(results: Results) -> str:
    rows = []
    for name in ("noisy", SEGAN, MG, "dtln"):
        paper = f"{published.PESQ[name]:.2f}" if name in published.PESQ else ""
        rows.append([name, results.mean("quality", name).text(3), paper])
    note = "PESQ-wb on 25 VoiceBank-DEMAND pairs (the paper's: on all 824, trained on that corpus)."
    return f"## Enhancers\n\n{note}\n\n" + _table(["", "PESQ-wb", "paper"], rows)


def _error_rates(results: Results) -> str:
    head = ["", "unit", *(f"{snr} dB" for snr in SNRS)]
    rows = []
    for name, label in (
        ("clean", "clean"),
        ("noisy", "noisy"),
        (SEGAN, "enhanced by segan"),
        (MG, f"enhanced by {MG}"),
    ):
        rows += _rates_rows(
            label,
            [results.mean(f"baseline@{snr}", f"{name} cer") for snr in SNRS],
            [results.mean(f"baseline@{snr}", f"{name} wer") for snr in SNRS],
        )
        rows += _published_row(label, published.ERROR_RATE.get(label))
    for condition in TABLES:
        jobs = [_at(condition, snr) for snr in SNRS]
        rows += _rates_rows(
            condition.name,
            *([results.mean(job, f"{condition.victim} {unit}") for job in jobs] for unit in ("cer", "wer")),
        )
        rows.append([condition.name, "SNR, dB", *(results.mean(job, "snr").text() for job in jobs)])
        rows += _published_row(condition.name, published.ERROR_RATE.get(f"{condition.attack} on {condition.victim}"))
    return "## Error rates behind the enhancer (figure 3)\n\n" + _table(head, rows) + "\n\n![Figure 3](figure-3.png)"


def _rates_rows(label: str, cer: list[Value], wer: list[Value]) -> list[list[str]]:
    return [
        [label, unit, *(value.text(factor=100) for value in values)] for unit, values in (("CER", cer), ("WER", wer))
    ]


def _published_row(label: str, values: tuple[float, ...] | None) -> list[list[str]]:
    return [[label, "paper", *(f"{value:.1f}" for value in values)]] if values else []


def _degradation(results: Results) -> str:
    head = ["", "measure", *(f"{snr} dB" for snr in SNRS)]
    rows = []
    for condition in TABLES:
        if condition.victim != MG:
            continue
        for unit in ("cer", "wer"):
            differences = [_de(results, condition, MG, unit, snr).text(factor=100) for snr in SNRS]
            rows.append([condition.name, f"DE ({unit.upper()})", *differences])
        rows += _published_de(condition, published.DE, "DE, paper")
        for column, label in (("rpr", "RPR"), ("rpr matched", "RPR, gain-matched")):
            rows.append(
                [condition.name, label, *(results.mean(_at(condition, snr), f"{MG} {column}").text(2) for snr in SNRS)]
            )
        rows += _published_de(condition, published.RPR, "RPR, paper")
        counts = [results.values(_at(condition, snr), f"{MG} ill-posed") for snr in SNRS]
        rows.append(
            [
                condition.name,
                "RPR ill-posed, files",
                *(f"{int(c.nansum())} of {len(c)}" if len(c) else MISSING for c in counts),
            ]
        )
        for column, label in (("gain", "perturbation gain, dB"), ("drop", "energy drop, dB")):
            rows.append(
                [condition.name, label, *(results.mean(_at(condition, snr), f"{MG} {column}").text() for snr in SNRS)]
            )
    title = (
        "## What the attacks do to MetricGAN+'s output (figure 4)\n\nDE is the rise of the error rate in points.\n\n"
    )
    return title + _table(head, rows) + "\n\n![Figure 4](figure-4.png)"


def _de(results: Results, condition: Condition, listener: str, unit: str, snr: int) -> Value:
    return results.mean(_at(condition, snr), f"{listener} {unit}", minus=(f"baseline@{snr}", f"{listener} {unit}"))


def _published_de(condition: Condition, values: dict[str, tuple[float, ...]], label: str) -> list[list[str]]:
    found = values.get(f"{condition.attack} on {condition.victim}")
    return [[condition.name, label, *(f"{value:.2f}" for value in found)]] if found else []


def _transfer(results: Results) -> str:
    rows = []
    for condition in (c for c in TABLES if c.attack == "pgd" or c == TABLES[0]):
        for listener in (MG, SEGAN, "dtln"):
            pooled = [_de(results, condition, listener, "cer", snr) for snr in SNRS]
            rprs = [results.mean(_at(condition, snr), f"{listener} rpr") for snr in SNRS]
            paper = published.TRANSFER.get((condition.victim, listener)) if condition.setting == "paper" else None
            rows.append(
                [
                    condition.name,
                    listener,
                    _average(pooled, 1, 100),
                    _average(rprs, 2),
                    *((f"{paper[0]:.1f}", f"{paper[1]:.2f}") if paper else ("", "")),
                ]
            )
    note = "Mean over all SNRs. No attack has seen DTLN."
    head = ["made on", "heard through", "DE (CER)", "RPR", "DE, paper", "RPR, paper"]
    return f"## Transfer (table 3)\n\n{note}\n\n" + _table(head, rows)


def _average(values: list[Value], digits: int, factor: float = 1.0) -> str:
    known = [value.mean for value in values if value.counted]
    return f"{factor * sum(known) / len(known):.{digits}f}" if len(known) == len(values) else MISSING


def _targeted(results: Results) -> str:
    rows = []
    for condition in TARGETED:
        job = _at(condition, CURVE_SNR)
        rows.append(
            [
                condition.name,
                *(results.mean(job, f"target {unit}").text(factor=100) for unit in ("wer", "cer")),
                *(results.mean(job, f"target itself {unit}").text(factor=100) for unit in ("wer", "cer")),
                results.mean(job, "snr").text(),
                f"{published.TARGETED_ERROR_RATE}",
            ]
        )
    head = [
        "",
        "WER to target",
        "CER to target",
        "WER of the target itself",
        "CER of the target itself",
        "SNR, dB",
        "CER, paper",
    ]
    note = f"Towards the next speaker's clean utterance, mixtures at {CURVE_SNR} dB."
    return f"## Targeted (table 2)\n\n{note}\n\n" + _table(head, rows)


def curve_of(attack: str) -> list[Condition]:
    """Our settings of an attack on MetricGAN+ at all perturbation SNRs, the loudest first."""
    ours = [c for c in (*CURVE, *TABLES) if (c.attack, c.victim, c.setting) == (attack, MG, "ours")]
    return sorted(ours, key=lambda condition: condition.floor)


def _trade_off(results: Results) -> str:
    baseline = f"baseline@{CURVE_SNR}"
    rows = [
        [
            "unprotected",
            MISSING,
            *(
                results.mean(baseline, f"{name} {unit}").text(factor=100)
                for name in (MG, "noisy")
                for unit in ("cer", "wer")
            ),
            MISSING,
            MISSING,
            results.mean(baseline, "dnsmos").text(2),
        ]
    ]
    for condition in (c for attack in ATTACKS for c in curve_of(attack)):
        job = _at(condition, CURVE_SNR)
        rows.append(
            [
                condition.attack,
                f"{condition.floor:g}",
                *(
                    results.mean(job, f"{name} {unit}").text(factor=100)
                    for name in (MG, "protected")
                    for unit in ("cer", "wer")
                ),
                results.mean(job, "protected wer", minus=(baseline, "noisy wer")).text(factor=100),
                results.mean(job, "pesq").text(2),
                results.mean(job, "dnsmos").text(2),
            ]
        )
    head = [
        "attack",
        "SNR, dB",
        f"CER behind {MG}",
        "WER behind it",
        "CER without",
        "WER without",
        "WER without, rise in points",
        "PESQ-wb to the noisy file",
        "DNSMOS",
    ]
    title = f"## What protection costs (mixtures at {CURVE_SNR} dB, our settings)"
    return f"{title}\n\n{_table(head, rows)}\n\n![Trade-off](trade-off.png)"


def _csv(results: Results) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["job", "column", "mean", "low", "high", "counted", "total"])
    for job, column, value in sorted(set(results.asked), key=lambda row: row[:2]):
        numbers = (f"{number:.6g}" for number in (value.mean, value.low, value.high))
        writer.writerow([job, column, *numbers, value.counted, value.total])
    return text.getvalue()


def draw_error_rates(results: Results) -> Figure:
    """Figure 3: CER and WER behind each victim by mixture SNR."""
    figure = Figure(figsize=(12, 8), layout="constrained")
    for row, unit in enumerate(("cer", "wer")):
        for column, victim in enumerate((MG, SEGAN)):
            axes = figure.add_subplot(2, 2, 2 * row + column + 1)
            lines = {"noisy": [f"baseline@{s}" for s in SNRS], "enhanced": [f"baseline@{s}" for s in SNRS]}
            lines |= {f"{c.attack}, {c.setting}": [_at(c, s) for s in SNRS] for c in TABLES if c.victim == victim}
            for label, jobs in lines.items():
                name = "noisy" if label == "noisy" else victim
                values = [results.mean(job, f"{name} {unit}") for job in jobs]
                axes.plot(SNRS, [100 * v.mean for v in values], marker="o", label=label)
                axes.fill_between(SNRS, [100 * v.low for v in values], [100 * v.high for v in values], alpha=0.12)
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
    degradation, ratio = figure.subplots(1, 2)
    for condition in (c for c in TABLES if c.victim == MG):
        label = f"{condition.attack}, {condition.setting}"
        degradation.plot(
            SNRS, [100 * _de(results, condition, MG, "cer", s).mean for s in SNRS], marker="o", label=label
        )
        gains = [results.mean(_at(condition, s), f"{MG} gain") for s in SNRS]
        ratio.plot(SNRS, [value.mean for value in gains], marker="o", label=label)
    for name, marker in (("opt", "x"), ("fgsm", "+")):
        degradation.plot(
            SNRS,
            published.DE[f"{name} on {MG}"],
            linestyle=":",
            color="grey",
            marker=marker,
            label=f"{name}, the paper's figure",
        )
    degradation.set(title="DE on MetricGAN+", ylabel="rise of the CER in points")
    ratio.set(title="perturbation gain of MetricGAN+", ylabel="20 log₁₀(‖y*−y‖ / ‖x*−x‖) in dB")
    ratio.axhline(0, color="grey", linewidth=0.8)
    for axes in (degradation, ratio):
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
            values = [results.mean(_at(c, CURVE_SNR), f"{name} cer") for c in curve]
            axes.plot(
                floors,
                [100 * v.mean for v in values],
                style,
                marker="o",
                color=f"C{number}",
                label=f"{attack}, {'behind ' + MG if name == MG else 'no enhancer'}",
            )
            axes.fill_between(
                floors, [100 * v.low for v in values], [100 * v.high for v in values], alpha=0.1, color=f"C{number}"
            )
    for name, label, style in ((MG, f"unprotected, behind {MG}", "-"), ("noisy", "unprotected", "--")):
        value = results.mean(f"baseline@{CURVE_SNR}", f"{name} cer")
        axes.axhline(100 * value.mean, linestyle=style, color="grey", label=label)
    axes.set(xlabel="SNR of the protected file in dB", ylabel="CER in %", ylim=(0, 105))
    axes.legend(fontsize=8)
    return figure
