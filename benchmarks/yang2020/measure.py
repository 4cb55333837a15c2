"""Measurements on files as they are written."""

from functools import cache

import torch
from torch import Tensor, nn

from benchmarks.mixtures import Mixtures, mixtures
from benchmarks.recordings import as_written, corpus, to_text, waveform
from benchmarks.rows import Row, stem
from benchmarks.yang2020.plan import GRADIENT, RECOGNIZERS, TARGET, TRAINED, Job, Plan
from sottovoce import metrics
from sottovoce.attacks import AttackResult
from sottovoce.attacks.checks import suspicions
from sottovoce.channels.purifiers import Quantization
from sottovoce.channels.rooms import reverberate
from sottovoce.models.chain import Chain
from sottovoce.models.recognizers import DifferentiableRecognizer, PocketSphinx, load_ctc_recognizer
from sottovoce.models.recognizers.beam import BeamDecoder
from sottovoce.threats.objectives.recognizers import Transcribe


def measure(job: Job) -> list[Row]:
    """The rows of a job, on one thread."""
    match job.kind:
        case "an4":
            return _recognized(job)
        case "noise":
            return _enhanced(job)
        case "attack":
            return _attacked(job)
        case "adaptive":
            return _adaptive(job)
        case "example":
            return _example(job)


@torch.no_grad()
def _recognized(job: Job) -> list[Row]:
    recognizer, sphinx, rows = load_ctc_recognizer(job.recognizer), PocketSphinx(), list[Row]()
    utterances = [utterance for utterance in corpus(job.plan.data, "an4") if utterance.text]
    known = {word for utterance in utterances if utterance.split == "train" for word in utterance.text.split()}
    decoder = BeamDecoder(recognizer.alphabet, words=sorted(known))
    for utterance in utterances:
        if utterance.split == "test":
            speech = waveform(utterance)[None]
            logits, frames = recognizer(speech), recognizer.frames(torch.tensor([speech.shape[-1]]))
            texts = [recognizer.transcribe(speech)[0], decoder(logits, frames)[0], sphinx.transcribe(speech)[0]]
            rates = zip(RECOGNIZERS, metrics.wer([utterance.text] * 3, texts).tolist(), strict=True)
            rows.append({"file": utterance.path.stem, "words": float(len(utterance.text.split())), **dict(rates)})
    return rows


@torch.no_grad()
def _enhanced(job: Job) -> list[Row]:
    batch = mixtures(job.plan.data, float(job.what), count=job.plan.count, seed=job.plan.seed)
    return [
        {"system": system, **row}
        for system in job.plan.systems
        for row in _quality(job.plan.enhancer(system), batch, batch.noisy)
    ]


def _quality(enhancer: nn.Module, batch: Mixtures, heard: Tensor) -> list[Row]:
    """The enhanced files compared with the clean ones."""
    enhanced = as_written(enhancer(heard, batch.lengths).clamp(-1, 1), batch.lengths)
    pair = batch.clean, enhanced, batch.lengths
    columns = {
        "pesq": metrics.pesq(*pair, mode="raw").tolist(),
        "sti": metrics.sti(*pair).tolist(),
        "stoi": metrics.stoi(*pair).tolist(),
        "snr": metrics.snr(*pair).tolist(),
    }
    return [{"file": name, **{key: values[i] for key, values in columns.items()}} for i, name in enumerate(batch.names)]


def make_examples(
    plan: Plan, recognizer: DifferentiableRecognizer, attack: str, batch: Mixtures
) -> tuple[Tensor, Tensor]:
    """Adversarial utterances after writing and reading them, and the queries that each took."""
    objective = Transcribe([TARGET], recognizer)
    objective.check(batch.lengths)
    result = plan.attack(attack, recognizer)(recognizer, batch.clean, objective, lengths=batch.lengths)
    return as_written(result.adversarial, batch.lengths), result.queries


def _attacked(job: Job) -> list[Row]:
    plan, recognizer = job.plan, load_ctc_recognizer(job.recognizer)
    batch, rooms, further_rooms = plan.utterances(), plan.rooms(), plan.further_rooms()
    adversarial, queries = make_examples(plan, recognizer, job.what, batch)
    loudness = metrics.snr(batch.clean, adversarial, batch.lengths).tolist()
    rows: list[Row] = []
    with torch.no_grad():
        for system in plan.systems:
            enhancer = plan.enhancer(system)
            found = _quality(enhancer, batch, adversarial)
            heard = _in_rooms(rooms, enhancer, recognizer, batch, adversarial)
            elsewhere = _in_rooms(further_rooms, enhancer, recognizer, batch, adversarial)
            unattacked = _in_rooms(rooms, enhancer, recognizer, batch, batch.clean)
            for i, row in enumerate(found):
                row |= {"system": system, "perturbation snr": loudness[i], "queries": float(queries[i])}
                row |= {key: values[i] for key, values in heard.items()}
                row |= {"rosa elsewhere": elsewhere["rosa"][i], "unattacked wer": unattacked["wer"][i]}
            rows += found
    return rows


def _in_rooms(
    rooms: Tensor, enhancer: nn.Module, recognizer: DifferentiableRecognizer, batch: Mixtures, waveforms: Tensor
) -> dict[str, list[float]]:
    """Success and error rates of each recording, averaged over rooms."""
    rates = list[Tensor]()
    for room in rooms:
        played = as_written(reverberate(waveforms, room[None]).clamp(-1, 1), batch.lengths)
        texts = recognizer.transcribe(enhancer(played, batch.lengths), batch.lengths)
        wanted = [TARGET] * len(texts)
        rates.append(
            torch.stack([metrics.rosa(wanted, texts), metrics.wer(batch.texts, texts), metrics.wer(wanted, texts)])
        )
    success, wer, target = torch.stack(rates).mean(0).tolist()
    return {"rosa": success, "wer": wer, "target wer": target}


def _adaptive(job: Job) -> list[Row]:
    plan, recognizer, batch = job.plan, load_ctc_recognizer(job.recognizer), job.plan.utterances()
    enhancer = plan.enhancer(job.what)
    chain, bare = Chain(Quantization(1), enhancer, recognizer), _attacked_bare(plan, job.recognizer)
    heard = batch.clean, Transcribe([TARGET], recognizer)
    result = plan.attack("", recognizer)(chain, *heard, lengths=batch.lengths) if job.what else bare
    transferred = bare.adversarial if job.what else None
    random = torch.Generator().manual_seed(plan.seed)
    found = suspicions(chain, *heard, result, generator=random, lengths=batch.lengths, transferred=transferred)
    written = as_written(result.adversarial, batch.lengths)
    with torch.no_grad():
        texts = recognizer.transcribe(enhancer(written, batch.lengths), batch.lengths)
    success = metrics.rosa([TARGET] * len(texts), texts).tolist()
    loudness = metrics.snr(batch.clean, written, batch.lengths).tolist()
    return [
        {"file": name, "snr": loudness[i], "success": success[i], "text": texts[i], "suspicions": "; ".join(found)}
        for i, name in enumerate(batch.names)
    ]


@cache
def _attacked_bare(plan: Plan, name: str) -> AttackResult:
    """The attack on the recogniser alone, which is transferred to the chains with an enhancer."""
    recognizer, batch = load_ctc_recognizer(name), plan.utterances()
    chain, objective = Chain(Quantization(1), recognizer), Transcribe([TARGET], recognizer)
    return plan.attack("", recognizer)(chain, batch.clean, objective, lengths=batch.lengths)


def _example(job: Job) -> list[Row]:
    """Figure 2 for the first utterance: a row per signal."""
    plan = job.plan
    noisy = mixtures(plan.data, 5.0, count=1, seed=plan.seed, spoken="an4")
    adversarial, _ = make_examples(plan, load_ctc_recognizer(job.recognizer), GRADIENT, noisy)
    first, best = plan.enhancers[0], plan.enhancers[-1]
    signals = {"clean": noisy.clean, "noisy": noisy.noisy, "adversarial": adversarial}
    with torch.no_grad():
        signals |= {
            stem(name): plan.enhancer(name)(adversarial, noisy.lengths)
            for name in (best, first + TRAINED, best + TRAINED)
        }
    return [{"signal": name, "samples": to_text(signal[0])} for name, signal in signals.items()]
