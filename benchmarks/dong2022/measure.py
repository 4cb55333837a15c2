"""Measurements on files as they are written."""

from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.dong2022.conditions import Condition
from benchmarks.dong2022.plan import CURVE_SNR, MG, SEGAN, TRANSFERRED, WHISPER, Job, Plan, Quality
from benchmarks.kept import kept
from benchmarks.mixtures import Mixtures, mixtures
from benchmarks.recordings import as_written, corpus, waveform
from benchmarks.rows import Row
from sottovoce import metrics
from sottovoce.audio.batch import pad
from sottovoce.models.enhancers import DTLN, load_enhancer
from sottovoce.models.recognizers import PocketSphinx, Recognizer, load_recognizer


def enhancers(dtln: Path | None) -> dict[str, nn.Module]:
    """The enhancers that listen: ours, and DTLN, which no attack sees."""
    found: dict[str, nn.Module] = {name: load_enhancer(name) for name in (MG, SEGAN)}
    return found | ({"dtln": DTLN(dtln)} if dtln else {})


Judges = dict[str, Recognizer]
"""Recognisers by what their columns are called: nothing for pocketsphinx, "whisper " for Whisper."""


def recognizers(job: Job) -> Judges:
    """Who writes down what is heard."""
    found: Judges = {} if job.by_whisper_alone else {"": PocketSphinx()}
    return found | ({f"{WHISPER} ": load_recognizer(job.plan.whisper)} if job.plan.whisper else {})


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


def attacked(job: Job, condition: Condition, batch: Mixtures, files: Path) -> Tensor:
    """The attacked mixtures as they are in files, `(batch, samples)`; kept in a folder of `files`."""

    def attack() -> tuple[Tensor, Tensor]:
        method, objective = condition.make(batch.clean.roll(1, 0))
        network = load_enhancer(condition.enhancer)
        return method(network, batch.noisy, objective, lengths=batch.lengths).adversarial, batch.lengths

    return kept(files / job.name, job.plan.material, batch.names, attack)[0]


def measure(job: Job | Quality, files: Path) -> list[Row]:
    """Attack, write, read back and let every enhancer listen: one row per mixture.

    Args:
        job: what is measured.
        files: the folder in which attacked files are kept.
    """
    if isinstance(job, Quality):
        return quality(job.plan)
    batch = mixtures(job.plan.data, job.snr, count=job.plan.count, seed=job.plan.seed)
    if job.condition is None:
        return _baseline(batch, job)
    target, target_texts = batch.clean.roll(1, 0), batch.texts[-1:] + batch.texts[:-1]
    noisy, protected = as_written(batch.noisy, batch.lengths), attacked(job, job.condition, batch, files)
    columns: dict[str, list[float] | list[str]] = {
        "file": batch.names,
        "snr": metrics.snr(noisy, protected, batch.lengths).tolist(),
        "pesq": metrics.pesq(noisy, protected, batch.lengths).tolist(),
    }
    if job.condition.setting == "ours" and job.snr == CURVE_SNR:
        columns["dnsmos"] = metrics.dnsmos(protected, batch.lengths).ovrl.tolist()
    judges = recognizers(job)
    if job.condition.setting in ("ours", "noise"):
        columns |= _heard("protected", protected, batch.lengths, batch.texts, judges)
    for name, network in _listeners(job.plan, job.condition).items():
        columns |= _behind(name, network, noisy, protected, batch, judges)
        if job.condition.setting == "target" and name == job.condition.enhancer:
            columns |= _heard("target itself", target, batch.lengths.roll(1), target_texts, judges)
            for judge in judges:
                texts = [str(text) for text in columns[f"{name} {judge}text"]]
                columns |= _rates(f"target {judge}", target_texts, texts)
    return _transposed(columns)


@torch.no_grad()
def _behind(
    name: str, network: nn.Module, noisy: Tensor, protected: Tensor, batch: Mixtures, judges: Judges
) -> dict[str, list[float] | list[str]]:
    enhanced, spoiled = network(noisy, batch.lengths), network(protected, batch.lengths)
    signals = enhanced, spoiled, noisy, protected, batch.lengths
    columns = _heard(name, spoiled.clamp(-1, 1), batch.lengths, batch.texts, judges)
    return columns | {
        f"{name} gain": metrics.perturbation_gain(*signals).tolist(),
        f"{name} drop": metrics.energy_drop(enhanced, spoiled, batch.lengths).tolist(),
        f"{name} rpr": metrics.rpr(*signals).tolist(),
        f"{name} rpr matched": metrics.rpr(*signals, gain_matched=True).tolist(),
        f"{name} ill-posed": [float(flag) for flag in metrics.rpr_ill_posed(*signals).tolist()],
    }


@torch.no_grad()
def _baseline(batch: Mixtures, job: Job) -> list[Row]:
    noisy, judges = as_written(batch.noisy, batch.lengths), recognizers(job)
    columns: dict[str, list[float] | list[str]] = {"file": batch.names}
    columns |= _heard("clean", batch.clean, batch.lengths, batch.texts, judges)
    columns |= _heard("noisy", noisy, batch.lengths, batch.texts, judges)
    if job.snr == CURVE_SNR:
        columns["dnsmos"] = metrics.dnsmos(noisy, batch.lengths).ovrl.tolist()
    for name, network in enhancers(job.plan.dtln).items():
        columns |= _heard(name, network(noisy, batch.lengths).clamp(-1, 1), batch.lengths, batch.texts, judges)
    return _transposed(columns)


def _heard(
    name: str, signal: Tensor, lengths: Tensor, truth: list[str], judges: Judges
) -> dict[str, list[float] | list[str]]:
    columns: dict[str, list[float] | list[str]] = {}
    for judge, recognizer in judges.items():
        texts = recognizer.transcribe(signal, lengths)
        columns |= {f"{name} {judge}text": texts} | _rates(f"{name} {judge}", truth, texts)
    return columns


def _rates(prefix: str, truth: list[str], texts: list[str]) -> dict[str, list[float] | list[str]]:
    prefix = prefix.strip()
    return {f"{prefix} wer": metrics.wer(truth, texts).tolist(), f"{prefix} cer": metrics.cer(truth, texts).tolist()}


def _transposed(columns: dict[str, list[float] | list[str]]) -> list[Row]:
    filled = {key: values for key, values in columns.items() if values}
    return [dict(zip(filled, row, strict=True)) for row in zip(*filled.values(), strict=True)]
