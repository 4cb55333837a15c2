"""The report: Markdown, CSV and figures, with the published values beside ours."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.dong2022 import published
from benchmarks.dong2022.conditions import ATTACKS, Condition
from benchmarks.dong2022.figures import draw_degradation, draw_error_rates, draw_trade_off
from benchmarks.dong2022.plan import (
    CURVE_SNR,
    MG,
    ON_SEGAN,
    SEGAN,
    TABLES,
    TARGETED,
    TRANSFERRED,
    WHISPER,
    Plan,
    at,
    curve_of,
)
from benchmarks.dong2022.published import SNRS
from benchmarks.dong2022.results import Results, degradation
from benchmarks.rows import Row
from sottovoce.evaluation.tables import MISSING, Value, table
from sottovoce.writing import make_folder, write_text

PAPER = "Dong et al."
AIMS = {"noise": "noise", "ours": "nothing intelligible"}
"""The aim of our attacks on SEGAN, by the condition's setting."""


def write_report(out: Path, plan: Plan, rows: dict[str, list[Row]]) -> None:
    """Write `dong2022.md`, `dong2022.csv` and the figures; a dash stands for what was not measured.

    Raises:
        SottovoceError: a file cannot be written.
    """
    results = Results(rows, plan.seed)
    sections = [
        _head(plan),
        _quality(results),
        _error_rates(results),
        _degradation(results),
        _transfer(results),
        _targeted(results),
        _trade_off(results),
        _on_segan(results),
    ]
    make_folder(out)
    write_text(out / "dong2022.md", "\n\n".join(sections) + "\n")
    draw_error_rates(results).savefig(out / "figure-3.png", dpi=110)
    draw_degradation(results).savefig(out / "figure-4.png", dpi=110)
    draw_trade_off(results).savefig(out / "trade-off.png", dpi=110)
    write_text(out / "dong2022.csv", results.summary.csv())


def _head(plan: Plan) -> str:
    dtln = (" --dtln DTLN" if plan.dtln else "") + (" --whisper whisper-tiny.en" if plan.whisper else "")
    return f"""# Attacks on speech enhancement

A comparison with Dong et al. (2022). The test data are {plan.count} utterances of LibriSpeech test-clean, one per
speaker (the shortest of at least 2.5 s), mixed with test noise. Neither the speakers nor the noise recordings were seen
in training. Every attacked file is written as 16-bit WAV and read back before anything is measured. Two
recognisers listen: pocketsphinx, and Whisper tiny.en ("Whisper"), which the figures show. Texts are compared in the
spelling of Whisper's normaliser. Error rates are means over files in %, of which each counts at most 100 %, with 95 %
bootstrap intervals over files in brackets. A dash stands for what was not measured: below {CURVE_SNR} dB, pocketsphinx
does not hear what the published steps of PGD and OPT leave.

"Ours" is what `sottovoce protect words` does to enhancers (`--against metricgan-plus`), at an SNR of at least 20 dB.
"Published steps" are the published step sizes towards silence, without a limit on the perturbation. The values of
{PAPER} are character error rates on 25 VoiceBank-DEMAND mixtures, with a SpeechBrain recogniser.

Unrelated words of the same length have a CER of about 80 %: pocketsphinx hears words in anything that sounds like a
voice, and these share letters with the true ones. The CER reaches 100 % only if it hears nothing at all.

Made by `python -m benchmarks dong2022 --data DATA{dtln} --count {plan.count} --seed {plan.seed}`."""


def _quality(results: Results) -> str:
    rows = []
    for name in ("noisy", SEGAN, MG, "dtln"):
        paper = f"{published.PESQ[name]:.2f}" if name in published.PESQ else ""
        rows.append([name, results.mean("quality", name).text(3), paper])
    note = f"PESQ-wb on 25 VoiceBank-DEMAND pairs. {PAPER}: on all 824 pairs, with networks trained on that corpus."
    return f"## Enhancers\n\n{note}\n\n{table(['', 'PESQ-wb', PAPER], rows)}"


def _error_rates(results: Results) -> str:
    rows = []
    for name, label in (
        ("clean", "clean"),
        ("noisy", "noisy"),
        (SEGAN, f"enhanced by {SEGAN}"),
        (MG, f"enhanced by {MG}"),
    ):
        rows += _rates(results, label, [f"baseline@{snr}" for snr in SNRS], name)
        rows += _published(label, PAPER, published.ERROR_RATE.get(label), 1)
    for condition in TABLES:
        jobs = [at(condition, snr) for snr in SNRS]
        rows += _rates(results, condition.name, jobs, condition.enhancer)
        rows.append([condition.name, "SNR, dB", *(results.mean(job, "snr").text() for job in jobs)])
        rows += _published(
            condition.name, PAPER, published.ERROR_RATE.get(f"{condition.attack} on {condition.enhancer}"), 1
        )
    note = "The SNR does not count files that the attack left unchanged; n is the number of files that count."
    found = table(["", "measure", *_SNR_HEAD], rows)
    return f"## Error rates behind the enhancer (figure 3)\n\n{note}\n\n{found}\n\n![Figure 3](figure-3.png)"


UNITS = {"cer": "CER", "wer": "WER", f"{WHISPER} cer": "CER, Whisper", f"{WHISPER} wer": "WER, Whisper"}
"""Error rates by column; pocketsphinx where nobody is named."""

_SNR_HEAD = [f"{snr} dB" for snr in SNRS]


def _rates(results: Results, label: str, jobs: Sequence[str], name: str) -> list[list[str]]:
    return [
        [label, title, *(results.mean(job, f"{name} {unit}").text(factor=100) for job in jobs)]
        for unit, title in UNITS.items()
    ]


def _published(label: str, measure: str, values: Sequence[float] | None, digits: int) -> list[list[str]]:
    return [[label, measure, *(f"{value:.{digits}f}" for value in values)]] if values else []


def _degradation(results: Results) -> str:
    rows = []
    for condition in (c for c in TABLES if c.enhancer == MG):
        for unit, title in UNITS.items():
            differences = [degradation(results, condition, MG, unit, snr).text(factor=100) for snr in SNRS]
            rows.append([condition.name, f"DE ({title})", *differences])
        rows += _published_of(condition, published.DE, "DE")
        rows += [_means(results, condition, *measure, digits=2) for measure in (("rpr", "RPR"), _MATCHED)]
        rows += _published_of(condition, published.RPR, "RPR")
        counts = [results.values(at(condition, snr), f"{MG} ill-posed") for snr in SNRS]
        files = (f"{int(c.nansum())} of {len(c)}" if len(c) else MISSING for c in counts)
        rows.append([condition.name, "RPR ill-posed, files", *files])
        rows += [
            _means(results, condition, column, label)
            for column, label in (("gain", "perturbation gain, dB"), ("drop", "energy drop, dB"))
        ]
    note = "DE is the rise of the error rate in percentage points. RPR does not count files for which it is ill-posed."
    found = table(["", "measure", *_SNR_HEAD], rows)
    return f"## Effect on the output of MetricGAN+ (figure 4)\n\n{note}\n\n{found}\n\n![Figure 4](figure-4.png)"


_MATCHED = "rpr matched", "RPR, gain-matched"


def _means(results: Results, condition: Condition, column: str, label: str, digits: int = 1) -> list[str]:
    values = (results.mean(at(condition, snr), f"{MG} {column}").text(digits) for snr in SNRS)
    return [condition.name, label, *values]


def _published_of(condition: Condition, values: Mapping[str, Sequence[float]], measure: str) -> list[list[str]]:
    found = values.get(f"{condition.attack} on {condition.enhancer}")
    return _published(condition.name, f"{measure}, {PAPER}", found, 2)


def _transfer(results: Results) -> str:
    rows = []
    for condition in TRANSFERRED:
        for listener in (MG, SEGAN, "dtln"):
            letters, words = (
                [degradation(results, condition, listener, unit, snr) for snr in SNRS]
                for unit in (f"{results.judge}cer", f"{results.judge}wer")
            )
            rprs = [results.mean(at(condition, snr), f"{listener} rpr") for snr in SNRS]
            paper = published.TRANSFER.get((condition.enhancer, listener)) if condition.setting == "paper" else None
            ours = _average(letters, 1, 100), _average(words, 1, 100), _average(rprs, 2)
            theirs = (f"{paper[0]:.1f}", f"{paper[1]:.2f}") if paper else ("", "")
            rows.append([condition.name, listener, *ours, *theirs])
    judge = "Whisper" if results.judge else "pocketsphinx"
    note = f"Means over all SNRs, by {judge}. RPR does not count files for which it is ill-posed. No attack sees DTLN."
    head = ["attack", "heard through", "DE (CER)", "DE (WER)", "RPR", f"DE, {PAPER}", f"RPR, {PAPER}"]
    return f"## Transfer (table 3)\n\n{note}\n\n{table(head, rows)}"


def _average(values: list[Value], digits: int, factor: float = 1.0) -> str:
    known = [value.mean for value in values if value.counted]
    return f"{factor * sum(known) / len(known):.{digits}f}" if len(known) == len(values) else MISSING


def _targeted(results: Results) -> str:
    rows = []
    for condition in TARGETED:
        job = at(condition, CURVE_SNR)
        columns = (f"{which} {unit}" for which in ("target", "target itself") for unit in UNITS)
        rates = (results.mean(job, column).text(factor=100) for column in columns)
        rows.append(
            [condition.name, *rates, results.mean(job, "snr").text(), f"{published.TARGETED_ERROR_RATE}"],
        )
    head = ["", *(f"{title} to target" for title in UNITS.values())]
    head += [*(f"{title} of the target itself" for title in UNITS.values()), "SNR, dB"]
    note = f"The target is the next speaker's clean utterance. Mixtures at {CURVE_SNR} dB."
    return f"## Targeted attack (table 2)\n\n{note}\n\n{table([*head, f'CER, {PAPER}'], rows)}"


def _trade_off(results: Results) -> str:
    baseline = f"baseline@{CURVE_SNR}"
    rates = (results.mean(baseline, f"{name} {unit}").text(factor=100) for name in (MG, "noisy") for unit in UNITS)
    rows = [["unprotected", MISSING, *rates, MISSING, MISSING, results.mean(baseline, "dnsmos").text(2)]]
    for condition in (c for attack in ATTACKS for c in curve_of(attack)):
        job = at(condition, CURVE_SNR)
        rates = (results.mean(job, f"{name} {unit}").text(factor=100) for name in (MG, "protected") for unit in UNITS)
        rise = results.mean(job, "protected wer", minus=(baseline, "noisy wer")).text(factor=100)
        quality = (results.mean(job, column).text(2) for column in ("pesq", "dnsmos"))
        rows.append([condition.attack, f"{condition.floor:g}", *rates, rise, *quality])
    head = ["attack", "SNR, dB", *(f"{title} behind {MG}" for title in UNITS.values())]
    head += [f"{title} without" for title in UNITS.values()]
    head += ["rise of the WER without, points", "PESQ-wb to the noisy file", "DNSMOS"]
    title = f"## The cost of protection (mixtures at {CURVE_SNR} dB, our settings)"
    note = f'"Behind" is with {MG} in front of the recogniser, "without" is with no enhancer.'
    return f"{title}\n\n{note}\n\n{table(head, rows)}\n\n![Trade-off](trade-off.png)"


def _on_segan(results: Results) -> str:
    ours = [c for c in (*ON_SEGAN, *TABLES) if (c.attack, c.enhancer) == ("opt", SEGAN) and c.setting in AIMS]
    rows = []
    for condition in sorted(ours, key=lambda condition: (condition.setting, condition.floor)):
        job = at(condition, CURVE_SNR)
        rates = (results.mean(job, f"{SEGAN} {unit}").text(factor=100) for unit in UNITS)
        alone = results.mean(job, "protected wer").text(factor=100)
        drop = results.mean(job, f"{SEGAN} drop").text()
        rows.append([AIMS[condition.setting], f"{condition.floor:g}", *rates, alone, drop])
    head = ["aim", "SNR, dB", *(f"{title} behind {SEGAN}" for title in UNITS.values())]
    head += ["WER without", "energy drop, dB"]
    return f"""## SEGAN (mixtures at {CURVE_SNR} dB, our OPT)

At such SNRs SEGAN cannot be silenced, but it can be made to output noise (`protect words --against segan --as noise`).

{table(head, rows)}"""
