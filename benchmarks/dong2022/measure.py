"""Measurements on files as they are written."""

from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.dong2022.conditions import Condition
from benchmarks.dong2022.plan import CURVE_SNR, MG, SEGAN, TRANSFERRED, Job, Plan, Quality
from benchmarks.mixtures import Mixtures, mixtures
from benchmarks.recordings import as_written, corpus, waveform
from benchmarks.rows import Row
from sottovoce import metrics
from sottovoce.audio.batch import pad
from sottovoce.models.enhancers import DTLN, load_enhancer
from sottovoce.models.recognizers import PocketSphinx


def enhancers(dtln: Path | None) -> dict[str, nn.Module]:
    """The enhancers that listen: ours, and DTLN, which no attack sees."""
    found: dict[str, nn.Module] = {name: load_enhancer(name) for name in (MG, SEGAN)}
    return found | ({"dtln": DTLN(dtln)} if dtln else {})


def _listeners(plan: Plan, condition: Condition) -> dict[str, nn.Module]:
    everyone = condition in TRANSFERRED
    return enhancers(plan.dtln) if everyone else {condition.enhancer: load_enhancer(condition.enhancer)}


@torch.no_grad()
def quality(plan: Plan) -> list[Row]:
    """PESQ-wb of every enhancer on VoiceBank-DEMAND, without an attack."""
    listed = {u.path.parent.name + "/" + u.path.name: u for u in corpus(plan.data, "voicebank-demand")}
    names = sorted(key.split("/")[1] for key in listed if key.startswith("noisy/"))
    clean, lengths = pad([waveform(listed[f"clean/{name}"]) for name in names])
    noisy, _ = pad([waveform(listed[f"noisy/{name}"]) for name in names])
    judged = {"noisy": noisy} | {name: net(noisy, lengths) for name, net in enhancers(plan.dtln).items()}
    scores = {name: metrics.pesq(clean, signal.clamp(-1, 1), lengths).tolist() for name, signal in judged.items()}
    return [{"file": name} | {key: scores[key][i] for key in scores} for i, name in enumerate(names)]


def measure(job: Job | Quality) -> list[Row]:
    """Attack, write, read back and let every enhancer listen: one row per mixture."""
    torch.set_num_threads(1)
    if isinstance(job, Quality):
        return quality(job.plan)
    batch = mixtures(job.plan.data, job.snr, count=job.plan.count, seed=job.plan.seed)
    if job.condition is None:
        return _baseline(batch, job)
    target, target_texts = batch.clean.roll(1, 0), batch.texts[-1:] + batch.texts[:-1]
    attack, objective = job.condition.make(target)
    result = attack(load_enhancer(job.condition.enhancer), batch.noisy, objective, lengths=batch.lengths)
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
        if job.condition.setting == "target" and name == job.condition.enhancer:
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
