"""The enhancement bench's rows as Markdown, CSV and PNG, the paper's values beside ours."""

from pathlib import Path

from benchmarks.dong2022 import published
from benchmarks.dong2022.bench import (
    CURVE_SNR,
    MG,
    ON_SEGAN,
    SEGAN,
    TABLES,
    TARGETED,
    TRANSFERRED,
    Plan,
)
from benchmarks.dong2022.conditions import ATTACKS, Condition
from benchmarks.dong2022.figures import draw_degradation, draw_error_rates, draw_trade_off
from benchmarks.dong2022.published import SNRS
from benchmarks.dong2022.results import Results, at, curve_of, degradation
from benchmarks.rows import load_rows
from sottovoce.evaluation.tables import MISSING, Value, table
from sottovoce.writing import write_text


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
        _on_segan(results),
    ]
    write_text(out / "enhancement.md", "\n\n".join(sections) + "\n")
    write_text(out / "enhancement.csv", results.csv())
    draw_error_rates(results).savefig(out / "figure-3.png", dpi=110)
    draw_degradation(results).savefig(out / "figure-4.png", dpi=110)
    draw_trade_off(results).savefig(out / "trade-off.png", dpi=110)


AIMS = {"noise": "noise", "ours": "nothing intelligible"}
"""What our attacks on SEGAN want, by the condition's setting."""


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
    return f"## Enhancers\n\n{note}\n\n" + table(["", "PESQ-wb", "paper"], rows)


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
        jobs = [at(condition, snr) for snr in SNRS]
        rows += _rates_rows(
            condition.name,
            *([results.mean(job, f"{condition.victim} {unit}") for job in jobs] for unit in ("cer", "wer")),
        )
        rows.append([condition.name, "SNR, dB", *(results.mean(job, "snr").text() for job in jobs)])
        rows += _published_row(condition.name, published.ERROR_RATE.get(f"{condition.attack} on {condition.victim}"))
    return "## Error rates behind the enhancer (figure 3)\n\n" + table(head, rows) + "\n\n![Figure 3](figure-3.png)"


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
            differences = [degradation(results, condition, MG, unit, snr).text(factor=100) for snr in SNRS]
            rows.append([condition.name, f"DE ({unit.upper()})", *differences])
        rows += _published_de(condition, published.DE, "DE, paper")
        for column, label in (("rpr", "RPR"), ("rpr matched", "RPR, gain-matched")):
            rows.append(
                [condition.name, label, *(results.mean(at(condition, snr), f"{MG} {column}").text(2) for snr in SNRS)]
            )
        rows += _published_de(condition, published.RPR, "RPR, paper")
        counts = [results.values(at(condition, snr), f"{MG} ill-posed") for snr in SNRS]
        rows.append(
            [
                condition.name,
                "RPR ill-posed, files",
                *(f"{int(c.nansum())} of {len(c)}" if len(c) else MISSING for c in counts),
            ]
        )
        for column, label in (("gain", "perturbation gain, dB"), ("drop", "energy drop, dB")):
            rows.append(
                [condition.name, label, *(results.mean(at(condition, snr), f"{MG} {column}").text() for snr in SNRS)]
            )
    title = "## What the attacks do to MetricGAN+'s output (figure 4)"
    note = "DE is the rise of the error rate in points; RPR is a mean without the files for which it is ill-posed."
    return f"{title}\n\n{note}\n\n{table(head, rows)}\n\n![Figure 4](figure-4.png)"


def _published_de(condition: Condition, values: dict[str, tuple[float, ...]], label: str) -> list[list[str]]:
    found = values.get(f"{condition.attack} on {condition.victim}")
    return [[condition.name, label, *(f"{value:.2f}" for value in found)]] if found else []


def _transfer(results: Results) -> str:
    rows = []
    for condition in TRANSFERRED:
        for listener in (MG, SEGAN, "dtln"):
            pooled = [degradation(results, condition, listener, "cer", snr) for snr in SNRS]
            rprs = [results.mean(at(condition, snr), f"{listener} rpr") for snr in SNRS]
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
    note = "Mean over all SNRs; RPR without the files for which it is ill-posed. No attack has seen DTLN."
    head = ["made on", "heard through", "DE (CER)", "RPR", "DE, paper", "RPR, paper"]
    return f"## Transfer (table 3)\n\n{note}\n\n" + table(head, rows)


def _average(values: list[Value], digits: int, factor: float = 1.0) -> str:
    known = [value.mean for value in values if value.counted]
    return f"{factor * sum(known) / len(known):.{digits}f}" if len(known) == len(values) else MISSING


def _targeted(results: Results) -> str:
    rows = []
    for condition in TARGETED:
        job = at(condition, CURVE_SNR)
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
    return f"## Targeted (table 2)\n\n{note}\n\n" + table(head, rows)


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
        job = at(condition, CURVE_SNR)
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
    return f"{title}\n\n{table(head, rows)}\n\n![Trade-off](trade-off.png)"


def _on_segan(results: Results) -> str:
    ours = [c for c in (*ON_SEGAN, *TABLES) if (c.attack, c.victim) == ("opt", SEGAN) and c.setting in AIMS]
    rows = []
    for condition in sorted(ours, key=lambda condition: (condition.setting, condition.floor)):
        job = at(condition, CURVE_SNR)
        rates = (results.mean(job, f"{SEGAN} {unit}").text(factor=100) for unit in ("cer", "wer"))
        alone = results.mean(job, "protected wer").text(factor=100)
        drop = results.mean(job, f"{SEGAN} drop").text()
        rows.append([AIMS[condition.setting], f"{condition.floor:g}", *rates, alone, drop])
    head = ["aim", "SNR, dB", f"CER behind {SEGAN}", "WER behind it", "WER without it", "energy drop, dB"]
    return f"""## SEGAN (mixtures at {CURVE_SNR} dB, our OPT)

SEGAN cannot be made to fall silent at such SNRs, but to give noise (`protect --against segan --target noise`).

{table(head, rows)}"""
