"""Paper A's figures 3 and 4 and tables 2 and 3, measured on files as written."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.dong2022.conditions import ATTACKS, Condition
from benchmarks.dong2022.published import SNRS
from benchmarks.mixtures import Mixtures, mixtures
from benchmarks.recordings import as_written, corpus, waveform
from benchmarks.rows import Row, measure_missing
from sottovoce import metrics
from sottovoce.audio.batch import pad
from sottovoce.models.enhancers import DTLN, load_enhancer
from sottovoce.models.recognizers import PocketSphinx

MG, SEGAN = "metricgan-plus", "segan"
TABLES = (
    Condition("opt", MG, "ours"),
    Condition("pgd", MG, "ours"),
    Condition("opt", SEGAN, "ours"),
    Condition("pgd", MG, "paper"),
    Condition("opt", MG, "paper"),
    Condition("pgd", SEGAN, "paper"),
    Condition("opt", SEGAN, "paper"),
    Condition("fgsm", MG, "paper"),
)
TRANSFERRED = tuple(c for c in TABLES if c == TABLES[0] or (c.attack, c.setting) == ("pgd", "paper"))
"""Those that all enhancers listen to, not only their victim."""
CURVE = tuple(Condition(attack, MG, "ours", floor) for floor in (15.0, 25.0, 30.0) for attack in ATTACKS)
TARGETED = tuple(Condition("opt", MG, "target", floor) for floor in (0.0, 10.0, 15.0, 20.0))
ON_SEGAN = (
    *(Condition("opt", SEGAN, "ours", floor) for floor in (5.0, 10.0)),
    *(Condition("opt", SEGAN, "noise", floor) for floor in (10.0, 20.0)),
)
"""SEGAN resists what erases speech behind MetricGAN+: how loud it has to be, and noise in the place of nothing."""
CURVE_SNR = 8
"""Mixture SNR in dB of the trade-off curve, the targeted attack and the further ones on SEGAN."""


@dataclass(frozen=True)
class Plan:
    """What the bench runs on.

    Attributes:
        data: folder with the corpora librispeech-test-clean, noise and voicebank-demand (as manifests or folders).
        dtln: folder with DTLN's ONNX files, the enhancer that no attack has seen; left out when None.
        count: mixtures at each SNR, one a speaker.
        seed: of the noise excerpts.
    """

    data: Path
    dtln: Path | None = None
    count: int = 25
    seed: int = 0


@dataclass(frozen=True)
class Job:
    """A condition at one mixture SNR; `condition=None` measures the enhancers themselves."""

    plan: Plan
    snr: int
    condition: Condition | None

    @property
    def name(self) -> str:
        return f"{self.condition.slug if self.condition else 'baseline'}@{self.snr}"


@dataclass(frozen=True)
class Quality:
    """The enhancers on VoiceBank-DEMAND."""

    plan: Plan
    name: str = "quality"


def jobs(plan: Plan) -> list[Job]:
    """Everything the bench measures: all at 8 dB first, then at the other SNRs."""
    baselines = [Job(plan, snr, None) for snr in SNRS]
    tables = [Job(plan, snr, condition) for condition in TABLES for snr in reversed(SNRS)]
    at_one_snr = [Job(plan, CURVE_SNR, condition) for condition in (*CURVE, *TARGETED, *ON_SEGAN)]
    return sorted(tables + at_one_snr + baselines, key=lambda job: (job.snr != CURVE_SNR, job.condition is not None))


def run(plan: Plan, out: Path, *, workers: int = 2) -> None:
    """Measure what is not yet in `out/rows/`, then write the report.

    Args:
        plan: what to run on.
        out: where rows, tables and pictures go; what is there already is not measured again.
        workers: processes.

    Raises:
        SottovoceError: if a corpus or a model is missing.
    """
    from benchmarks.dong2022.report import write_report

    everything: list[Job | Quality] = [Quality(plan), *jobs(plan)]
    measure_missing(everything, measure, out, workers=workers)
    write_report(out, plan)


def enhancers(dtln: Path | None) -> dict[str, nn.Module]:
    """The enhancers that listen: ours, and DTLN as one that no attack has seen."""
    found: dict[str, nn.Module] = {name: load_enhancer(name) for name in ("metricgan-plus", "segan")}
    return found | ({"dtln": DTLN(dtln)} if dtln else {})


def _listeners(plan: Plan, condition: Condition) -> dict[str, nn.Module]:
    everyone = condition in TRANSFERRED
    return enhancers(plan.dtln) if everyone else {condition.victim: load_enhancer(condition.victim)}


@torch.no_grad()
def quality(plan: Plan) -> list[Row]:
    """PESQ-wb of every enhancer on the VoiceBank-DEMAND pairs, before any attack."""
    listed = {u.path.parent.name + "/" + u.path.name: u for u in corpus(plan.data, "voicebank-demand")}
    names = sorted(key.split("/")[1] for key in listed if key.startswith("noisy/"))
    clean, lengths = pad([waveform(listed[f"clean/{name}"]) for name in names])
    noisy, _ = pad([waveform(listed[f"noisy/{name}"]) for name in names])
    judged = {"noisy": noisy} | {name: net(noisy, lengths) for name, net in enhancers(plan.dtln).items()}
    scores = {name: metrics.pesq(clean, signal.clamp(-1, 1), lengths).tolist() for name, signal in judged.items()}
    return [{"file": name} | {key: scores[key][i] for key in scores} for i, name in enumerate(names)]


def measure(job: Job | Quality) -> list[Row]:
    """Attack, write, read back, and let everybody listen: a row per mixture."""
    torch.set_num_threads(1)
    if isinstance(job, Quality):
        return quality(job.plan)
    batch = mixtures(job.plan.data, job.snr, count=job.plan.count, seed=job.plan.seed)
    if job.condition is None:
        return _baseline(batch, job)
    target, target_texts = batch.clean.roll(1, 0), batch.texts[-1:] + batch.texts[:-1]
    attack, objective = job.condition.make(target)
    result = attack(load_enhancer(job.condition.victim), batch.noisy, objective, lengths=batch.lengths)
    noisy, protected = as_written(batch.noisy, batch.lengths), as_written(result.adversarial, batch.lengths)
    columns: dict[str, list[float] | list[str]] = {
        "file": batch.names,
        "snr": metrics.snr(noisy, protected, batch.lengths).tolist(),
        "pesq": metrics.pesq(noisy, protected, batch.lengths).tolist(),
    }
    if job.condition.setting == "ours" and job.snr == CURVE_SNR:
        columns["dnsmos"] = metrics.dnsmos(protected, batch.lengths).ovrl.tolist()
    judge = PocketSphinx()
    if job.condition.setting in ("ours", "noise"):
        columns |= _heard("protected", judge.transcribe(protected, batch.lengths), batch.texts)
    for name, network in _listeners(job.plan, job.condition).items():
        columns |= _behind(name, network, noisy, protected, batch, judge)
        if job.condition.setting == "target" and name == job.condition.victim:
            texts = [str(text) for text in columns[f"{name} text"]]
            columns["target wer"] = metrics.wer(target_texts, texts).tolist()
            columns["target cer"] = metrics.cer(target_texts, texts).tolist()
            floor = judge.transcribe(target, batch.lengths.roll(1))
            columns["target itself wer"] = metrics.wer(target_texts, floor).tolist()
            columns["target itself cer"] = metrics.cer(target_texts, floor).tolist()
    return _transposed(columns)


@torch.no_grad()
def _behind(
    name: str, network: nn.Module, noisy: Tensor, protected: Tensor, batch: Mixtures, judge: PocketSphinx
) -> dict[str, list[float] | list[str]]:
    enhanced, spoiled = network(noisy, batch.lengths), network(protected, batch.lengths)
    signals = enhanced, spoiled, noisy, protected, batch.lengths
    columns = _heard(name, judge.transcribe(spoiled.clamp(-1, 1), batch.lengths), batch.texts)
    return columns | {
        f"{name} gain": metrics.perturbation_gain(*signals).tolist(),
        f"{name} drop": metrics.energy_drop(enhanced, spoiled, batch.lengths).tolist(),
        f"{name} rpr": metrics.rpr(*signals).tolist(),
        f"{name} rpr matched": metrics.rpr(*signals, gain_matched=True).tolist(),
        f"{name} ill-posed": [float(flag) for flag in metrics.rpr_ill_posed(*signals).tolist()],
    }


@torch.no_grad()
def _baseline(batch: Mixtures, job: Job) -> list[Row]:
    noisy, judge = as_written(batch.noisy, batch.lengths), PocketSphinx()
    columns: dict[str, list[float] | list[str]] = {"file": batch.names}
    columns |= _heard("clean", judge.transcribe(batch.clean, batch.lengths), batch.texts)
    columns |= _heard("noisy", judge.transcribe(noisy, batch.lengths), batch.texts)
    if job.snr == CURVE_SNR:
        columns["dnsmos"] = metrics.dnsmos(noisy, batch.lengths).ovrl.tolist()
    for name, network in enhancers(job.plan.dtln).items():
        columns |= _heard(
            name, judge.transcribe(network(noisy, batch.lengths).clamp(-1, 1), batch.lengths), batch.texts
        )
    return _transposed(columns)


def _heard(name: str, texts: list[str], truth: list[str]) -> dict[str, list[float] | list[str]]:
    return {
        f"{name} text": texts,
        f"{name} wer": metrics.wer(truth, texts).tolist(),
        f"{name} cer": metrics.cer(truth, texts).tolist(),
    }


def _transposed(columns: dict[str, list[float] | list[str]]) -> list[Row]:
    filled = {key: values for key, values in columns.items() if values}
    return [dict(zip(filled, row, strict=True)) for row in zip(*filled.values(), strict=True)]
