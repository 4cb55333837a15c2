"""Paper B's tables and figures, measured on files as written."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from benchmarks.mixtures import Mixtures, mixtures
from benchmarks.recordings import as_written, corpus, waveform
from benchmarks.rows import Row, measure_missing, stem
from benchmarks.yang2020.figures import draw_spectrograms
from benchmarks.yang2020.plan import ATTACKS, EVOLUTIONARY, GRADIENT, TARGET, TRAINED, Plan
from benchmarks.yang2020.timing import Timing, time_attacks
from sottovoce import metrics
from sottovoce.attacks import AttackResult
from sottovoce.attacks.checks import suspicions
from sottovoce.channels.purifiers import Quantization
from sottovoce.channels.rooms import reverberate
from sottovoce.models.chain import Chain
from sottovoce.models.recognizers import DifferentiableRecognizer, PocketSphinx, load_recognizer
from sottovoce.models.recognizers.beam import BeamDecoder
from sottovoce.threats.objectives.recognizers import Transcribe

NOISE_SNRS = (0, 5, 10, 15)
FIGURE_2 = "figure-2.png"
RECOGNIZERS = "wer", "wer with words", "pocketsphinx wer"
"""Ours, ours by beam search over the words of AN4's training set, and another one, each on AN4's test set."""


@dataclass(frozen=True)
class Job:
    """One measurement.

    Attributes:
        kind: "an4" for the recogniser itself, "noise" for table 1, "attack" for tables 2 to 4, "adaptive" for figure 3
            and what speaks against it.
        recognizer: its name.
        what: the mixture's SNR, the attack, or the enhancer, as the kind needs it.
    """

    plan: Plan
    kind: Literal["an4", "noise", "attack", "adaptive"]
    recognizer: str = ""
    what: str = ""

    @property
    def name(self) -> str:
        return "-".join(stem(word) for word in (self.kind, self.recognizer, self.what or "bare") if word)


def jobs(plan: Plan) -> list[Job]:
    """Everything the bench measures, the figures that the paper prints first."""
    front = [name for name in plan.systems if name != "dtln"]
    trained = [name for name in front if name.endswith(TRAINED)]
    attacks = {attack: [Job(plan, "attack", each, attack) for each in plan.recognizers] for attack in ATTACKS}
    return [
        *(Job(plan, "an4", recognizer) for recognizer in plan.recognizers),
        *(Job(plan, "noise", what=str(snr)) for snr in NOISE_SNRS),
        *(Job(plan, "adaptive", plan.recognizer, name) for name in front if name not in trained),
        *attacks[GRADIENT],
        *attacks[EVOLUTIONARY],
        *(Job(plan, "adaptive", plan.recognizer, name) for name in trained),
    ]


def run(plan: Plan, out: Path, *, workers: int = 2) -> None:
    """Measure what is not yet in `out/rows/`, then write the report.

    Args:
        plan: what to run on.
        out: where rows, tables and pictures go; what is there already is not measured again.
        workers: processes.

    Raises:
        SottovoceError: if a corpus or a model is missing.
    """
    from benchmarks.yang2020.report import write_report

    measure_missing(jobs(plan), measure, out, workers=workers)
    measure_missing([Timing(plan)], time_attacks, out, workers=1)
    draw_example(plan, out)
    write_report(out, plan)


def measure(job: Job) -> list[Row]:
    """On one thread."""
    torch.set_num_threads(1)
    match job.kind:
        case "an4":
            return _recognized(job)
        case "noise":
            return _enhanced(job)
        case "attack":
            return _attacked(job)
        case "adaptive":
            return _adaptive(job)


@torch.no_grad()
def _recognized(job: Job) -> list[Row]:
    recognizer, sphinx, rows = load_recognizer(job.recognizer), PocketSphinx(), list[Row]()
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
    """What an enhancer makes of files, beside the clean ones."""
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
    """Adversarial utterances as they come back from files, and the queries that each took."""
    objective = Transcribe([TARGET], recognizer)
    objective.check(batch.lengths)
    result = plan.attack(attack, recognizer)(recognizer, batch.clean, objective, lengths=batch.lengths)
    return as_written(result.adversarial, batch.lengths), result.queries


def _attacked(job: Job) -> list[Row]:
    plan, recognizer = job.plan, load_recognizer(job.recognizer)
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
    """Success and error rates of each recording, means over the rooms."""
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
    plan, recognizer, batch = job.plan, load_recognizer(job.recognizer), job.plan.utterances()
    enhancer = plan.enhancer(job.what)
    victim, bare = Chain(Quantization(1), enhancer, recognizer), _attacked_bare(plan, job.recognizer)
    heard = batch.clean, Transcribe([TARGET], recognizer)
    result = plan.attack("", recognizer)(victim, *heard, lengths=batch.lengths) if job.what else bare
    transferred = bare.adversarial if job.what else None
    random = torch.Generator().manual_seed(plan.seed)
    found = suspicions(victim, *heard, result, generator=random, lengths=batch.lengths, transferred=transferred)
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
    """The attack on a recogniser that nothing stands in front of, which is tried on all that has something."""
    recognizer, batch = load_recognizer(name), plan.utterances()
    victim, objective = Chain(Quantization(1), recognizer), Transcribe([TARGET], recognizer)
    return plan.attack("", recognizer)(victim, batch.clean, objective, lengths=batch.lengths)


def draw_example(plan: Plan, out: Path) -> None:
    """The paper's figure 2 for the first utterance, if it is not there yet."""
    if (out / FIGURE_2).exists():
        return
    noisy = mixtures(plan.data, 5.0, count=1, seed=plan.seed, spoken="an4")
    adversarial, _ = make_examples(plan, load_recognizer(plan.recognizer), GRADIENT, noisy)
    first, best = plan.enhancers[0], plan.enhancers[-1]
    heard = {"(a) clean": noisy.clean, "(b) noisy": noisy.noisy, "(c) adversarial": adversarial}
    with torch.no_grad():
        for letter, name in (("d", best), ("e", first + TRAINED), ("f", best + TRAINED)):
            heard[f"({letter}) {stem(name)}"] = plan.enhancer(name)(adversarial, noisy.lengths)
    draw_spectrograms({name: signal[0] for name, signal in heard.items()}).savefig(out / FIGURE_2, dpi=90)
