"""The headline figures of Dong et al. (2022) beside ours."""

from collections.abc import Sequence

import torch
from torch import Tensor

from benchmarks.claims import Claim, Figure, Paper, in_percent
from benchmarks.committed import Committed
from benchmarks.dong2022 import published
from benchmarks.dong2022.conditions import Condition
from benchmarks.dong2022.plan import CURVE_SNR, MG, SEGAN, TABLES, TARGETED, WHISPER, Plan, at
from benchmarks.dong2022.published import SNRS
from benchmarks.dong2022.results import Results
from sottovoce.evaluation.tables import Value

HEARD = f"{WHISPER} cer"
"""The error rate that is compared."""
SETTING = """The paper: 25 VoiceBank-DEMAND mixtures at -8 to 8 dB and a SpeechBrain recogniser; its "WER" is a
character error rate (CER). Ours: as many utterances of LibriSpeech test-clean, one per speaker, in test noise at the
same SNRs. Whisper tiny.en listens; no attack knows of it. Error rates are in %, "from" those without
an attack. A file counts at most 100 %, because a Whisper that is lost repeats itself."""
ON_A_CPU = """MetricGAN+ is trained on a CPU here, where its discriminator sees too few scores to guide the generator,
and not on the corpus of the test."""
SILENCE = """The squared error to silence mostly turns the volume down, which a recogniser does not mind; we attack
waveforms, while the one released example is perturbed in the magnitude domain, with an SNR of 3 dB."""
RESISTS = "Our SEGAN, a quarter of the published width, resists what erases speech for MetricGAN+."
QUIET = "The perturbations are limited to the SNR that is named; the one released example has an SNR of 3 dB."
RATIO = "RPR, a ratio of logarithms of norms, depends on the unit of the samples, and is singular where a norm is 1."
TOWARDS = f"CER of Whisper to the target's text, OPT on {MG}, mixtures at {CURVE_SNR} dB"
ACROSS = "rise of the CER of Whisper by PGD (published steps) on one enhancer, heard through another, all SNRs"


def paper(committed: Committed) -> Paper:
    """The claims, with what has been measured."""
    results = Results(committed.rows(), Plan.seed)
    ours, *_ = TABLES
    steps: dict[tuple[str, str], Condition] = {(c.attack, c.enhancer): c for c in TABLES if c.setting == "paper"}
    claims = [
        Claim("text", "PESQ-wb of the enhancers", _quality(results), "higher", ON_A_CPU),
        _errors(results, steps["opt", MG], SILENCE),
        _errors(results, ours, QUIET),
        _errors(results, steps["pgd", MG], SILENCE),
        _errors(results, steps["fgsm", MG], SILENCE),
        _errors(results, steps["pgd", SEGAN], RESISTS),
        _errors(results, steps["opt", SEGAN], RESISTS),
        Claim("figure 4", f"RPR of {steps['opt', MG].name}", _rpr(results, steps["opt", MG]), None, RATIO),
        Claim("table 2", TOWARDS, _targeted(results), "lower", QUIET, digits=1),
        Claim("table 3", ACROSS, _transfer(results, steps), "higher", RESISTS, digits=1),
    ]
    return Paper("dong2022", "Dong et al. (2022)", SETTING, claims)


def _quality(results: Results) -> tuple[Figure, ...]:
    return tuple(Figure(value, results.mean("quality", name), name) for name, value in published.PESQ.items())


def _errors(results: Results, condition: Condition, reason: str) -> Claim:
    enhancer, rates = condition.enhancer, published.ERROR_RATE
    column = f"{enhancer} {HEARD}"
    figures = [
        Figure(
            rates[f"{condition.attack} on {enhancer}"][place],
            in_percent(results.mean(at(condition, snr), column)),
            f"{snr} dB",
            (rates[f"enhanced by {enhancer}"][place], _unattacked(results, snr, column)),
        )
        for place, snr in enumerate(SNRS)
    ]
    where = "figures 3, 4" if f"{condition.attack} on {enhancer}" in published.DE else "figure 3"
    what = f"CER of Whisper behind {enhancer}: {condition.name}"
    return Claim(where, what, tuple(figures), "higher", reason, digits=1)


def _unattacked(results: Results, snr: int, column: str) -> float:
    return 100 * float(results.values(f"baseline@{snr}", column).nanmean())


def _rpr(results: Results, condition: Condition) -> tuple[Figure, ...]:
    values = published.RPR[f"{condition.attack} on {condition.enhancer}"]
    return tuple(
        Figure(value, results.mean(at(condition, snr), f"{condition.enhancer} rpr"), f"{snr} dB")
        for value, snr in zip(values, SNRS, strict=True)
    )


def _targeted(results: Results) -> tuple[Figure, ...]:
    return tuple(
        Figure(
            published.TARGETED_ERROR_RATE,
            in_percent(results.mean(at(condition, CURVE_SNR), f"target {HEARD}")),
            f"SNR ≥ {condition.floor:g} dB",
        )
        for condition in TARGETED
    )


def _transfer(results: Results, steps: dict[tuple[str, str], Condition]) -> tuple[Figure, ...]:
    return tuple(
        Figure(
            published.TRANSFER[source, listener][0],
            in_percent(
                Value.of(
                    _average([_rise(results, steps["pgd", source], snr, f"{listener} {HEARD}") for snr in SNRS]),
                    results.seed,
                )
            ),
            f"{source} → {listener}",
        )
        for source, listener in published.TRANSFER
    )


def _rise(results: Results, condition: Condition, snr: int, column: str) -> Tensor:
    after, before = (results.values(job, column) for job in (at(condition, snr), f"baseline@{snr}"))
    return after - before if len(after) == len(before) else after[:0]


def _average(rises: Sequence[Tensor]) -> Tensor:
    """Every file's mean over the SNRs, empty if one SNR is missing."""
    return torch.stack(list(rises)).mean(dim=0) if len({len(rise) for rise in rises}) == 1 else rises[0][:0]
