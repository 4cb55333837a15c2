"""The recognition bench's rows as Markdown, the paper's values beside ours."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from benchmarks.rows import Row, load_rows
from benchmarks.yang2020 import published
from benchmarks.yang2020.bench import NOISE_SNRS, RECOGNIZERS, Job
from benchmarks.yang2020.figures import draw_adaptive
from benchmarks.yang2020.plan import ATTACKS, FURTHER_ROOMS, ROOMS_OF_TEST, TARGET, TRAINED, Plan
from benchmarks.yang2020.timing import STEPS
from sottovoce.channels.band import LOUDSPEAKER
from sottovoce.evaluation.tables import MISSING, Value, table
from sottovoce.metrics import tasr
from sottovoce.protections.presets import ROOMS_AT_ONCE, count_rooms
from sottovoce.writing import write_text

RATES = "rosa", "rosa elsewhere", "wer", "target wer", "unattacked wer"
DIGITS = {"pesq": 2, "sti": 2, "stoi": 2, "snr": 2}
NAMES = {"pesq": "PESQ (raw)", "sti": "STI", "stoi": "STOI", "snr": "SNR, dB"}


class Results:
    """All rows of a run, by what they are about."""

    def __init__(self, plan: Plan, rows: dict[str, list[Row]]) -> None:
        self.plan, self.rows = plan, rows

    def of(self, job: Job) -> list[Row]:
        return self.rows.get(job.name, [])

    def mean(self, jobs: Sequence[Job], column: str, system: str | None = None) -> Value:
        """Over the recordings of all jobs, those of one system if it is named."""
        rows = [row for job in jobs for row in self.of(job) if system is None or row["system"] == system]
        return Value.of(torch.tensor([float(row[column]) for row in rows], dtype=torch.float64), self.plan.seed)


def write_report(out: Path, plan: Plan) -> None:
    """Write `recognition.md` and figure 3 from `out/rows/`; what is missing there is a dash.

    Raises:
        SottovoceError: a file cannot be written.
    """
    results = Results(plan, load_rows(out))
    draw_adaptive(_successes(results)).savefig(out / "figure-3.png", dpi=90)
    sections = [
        _head(plan),
        _recognizers(results),
        _noise(results),
        _adversarial(results),
        _table_4(results),
        _adaptive(results),
        _cost(results),
    ]
    write_text(out / "recognition.md", "\n\n".join(sections) + "\n")


def _head(plan: Plan) -> str:
    return f"""# Attacks on recognition, and enhancers in front of it

Up to {plan.count} utterances, one a speaker, none of them seen in training: of LibriSpeech test-clean in noise for
table 1, of AN4's test set for the attacks. Rooms are simulated (T60 0.2 to 0.6 s), and those of the test are none of
the attack's; the text that is wanted is "{TARGET}". Whatever is judged was written as a 16-bit file and read back.
Means with 95 % bootstrap intervals. "{TRAINED}" ends the names of adversarially trained models. A dash stands for what
was not measured. The paper's rows come from other data and Mozilla DeepSpeech.

Made by `sottovoce bench recognition --data DATA{" --dtln DTLN" if plan.dtln else ""} --count {plan.count}
--snr {plan.snr:g} --generations {plan.generations} --seed {plan.seed}`.

![Clean, noisy, adversarial, enhanced](figure-2.png)"""


def _recognizers(results: Results) -> str:
    rows = []
    for recognizer in results.plan.recognizers:
        job = Job(results.plan, "an4", recognizer)
        means = [results.mean([job], key).text(factor=100) for key in RECOGNIZERS]
        rows.append([recognizer, _of_corpus(results.of(job)), *means])
    head = ["recogniser", "WER, all words, %", "WER, mean, %", "with beam search, %", "of pocketsphinx, %"]
    note = """The first column counts all words alike, the others all utterances. The beam search writes no words but
those of AN4's training set; pocketsphinx knows those of English."""
    return f"## The recognisers on AN4's test set\n\n{note}\n\n{table(head, rows)}"


def _of_corpus(rows: Sequence[Row]) -> str:
    if not rows:
        return MISSING
    wrong, words = (
        sum(float(row["wer"]) * float(row["words"]) for row in rows),
        sum(float(row["words"]) for row in rows),
    )
    return f"{100 * wrong / words:.1f}"


def _quality(results: Results, jobs: Sequence[Job], systems: Sequence[str]) -> list[list[str]]:
    return [
        [NAMES[key], *(results.mean(jobs, key, system).text(DIGITS[key]) for system in systems)]
        for key in published.MEASURES
    ]


def _of_paper(values: Mapping[str, Sequence[float]]) -> list[list[str]]:
    return [[NAMES[key], *(f"{value:.2f}" for value in values[key])] for key in published.MEASURES]


def _noise(results: Results) -> str:
    systems = results.plan.systems
    jobs = [Job(results.plan, "noise", what=str(snr)) for snr in NOISE_SNRS]
    ours = table(["", *_titles(systems)], _quality(results, jobs, systems))
    paper = table(["", *_titles(published.SYSTEMS)], _of_paper(published.NOISE))
    gains = table(["SNR, dB", *_titles(systems[1:])], [_gains(results, job, systems[1:]) for job in jobs])
    return f"""## Noise at {", ".join(map(str, NOISE_SNRS))} dB (table 1)

{ours}

The paper:

{paper}

The more noise there is, the more of it can go; the paper's mixtures are at {published.NOISE["snr"][0]} dB. What is
gained, in dB:

{gains}"""


def _gains(results: Results, job: Job, systems: Sequence[str]) -> list[str]:
    """The SNR of the mixtures, and by how much each system raises it."""
    before = {row["file"]: float(row["snr"]) for row in results.of(job) if not row["system"]}
    gains = []
    for system in systems:
        found = [float(row["snr"]) - before[row["file"]] for row in results.of(job) if row["system"] == system]
        gains.append(Value.of(torch.tensor(found, dtype=torch.float64), results.plan.seed).text(2))
    return [job.what, *gains]


def _adversarial(results: Results) -> str:
    plan, parts = results.plan, []
    for attack in ATTACKS:
        job = [Job(plan, "attack", plan.recognizer, attack)]
        parts.append(f"By the {attack} attack on `{plan.recognizer}`:")
        parts.append(table(["", *_titles(plan.systems)], _quality(results, job, plan.systems)))
    parts.append("The paper, gradient, untreated and adversarially trained enhancers:")
    untreated, trained = _of_paper(published.ADVERSARIAL), _of_paper(published.TRAINED)
    paper = [[*one, *other[2:]] for one, other in zip(untreated, trained, strict=True)]
    parts.append(
        table(["", *_titles(published.SYSTEMS), *(f"{name}{TRAINED}" for name in published.SYSTEMS[1:])], paper)
    )
    return "## Adversarial speech, enhanced (tables 2 and 3)\n\n" + "\n\n".join(parts)


def _table_4(results: Results) -> str:
    plan, rows = results.plan, []
    for attack in ATTACKS:
        for place, recognizer in enumerate(plan.recognizers):
            job = [Job(plan, "attack", recognizer, attack)]
            loudness = results.mean(job, "perturbation snr", "").text()
            for system in plan.systems:
                rates = (results.mean(job, key, system).text(factor=100) for key in RATES)
                rows.append([attack, loudness, recognizer, _title(system), *rates])
            for index, system in enumerate(published.SYSTEMS):
                values = (source[attack, bool(place)][index] for source in (published.ROSA, published.WER))
                name = "paper" + (", AdvT" if place else "")
                rosa, wer = (f"{value:.2f}" for value in values)
                rows.append([attack, "10.1", name, _title(system), rosa, "", wer, "", ""])
    head = [
        "attack",
        "SNR, dB",
        "recogniser",
        "in front",
        "RoSA, %",
        f"RoSA in {FURTHER_ROOMS} further rooms, %",
        "WER, %",
        "WER to the target, %",
        "WER unattacked, %",
    ]
    low, high = LOUDSPEAKER
    steps, rooms = plan.over_the_air, count_rooms(plan.over_the_air)
    note = f"""The gradient attack takes {steps} steps, each in {ROOMS_AT_ONCE} of {rooms} rooms, with a perturbation of
{low:g} to {high:g} Hz (the paper: 1000 to 4000, which leave this recogniser enough of the words). It knows of the
recogniser, not of what stands in front. Rates are means over {ROOMS_OF_TEST} rooms, where no number says otherwise."""
    return f"## In rooms, over the air (table 4)\n\n{note}\n\n{table(head, rows)}"


def _successes(results: Results) -> dict[str, list[float]]:
    found = {}
    for system in results.plan.systems:
        rows = results.of(Job(results.plan, "adaptive", results.plan.recognizer, system))
        if snrs := [float(row["snr"]) for row in rows if float(row["success"])]:
            found[_title(system)] = snrs
    return found


def _adaptive(results: Results) -> str:
    plan, rows = results.plan, []
    for system in plan.systems:
        found = results.of(Job(plan, "adaptive", plan.recognizer, system))
        if not found:
            continue
        success = torch.tensor([float(row["success"]) for row in found]) > 0
        lowest = tasr(torch.tensor([float(row["snr"]) for row in found]), success)
        mean = _mean([float(row["snr"]) for row in found if float(row["success"])])
        share = f"{int(success.sum())} of {len(found)}"
        all_of_them = f"{lowest:.2f}" if math.isfinite(lowest) else "not at all"
        rows.append([_title(system), share, mean, all_of_them, str(found[0]["suspicions"]) or "none"])
    head = [
        "in front",
        "succeed",
        "mean SNR of these, dB",
        "SNR at which all succeed, dB",
        "suspicions about the gradient",
    ]
    without, behind = published.TASR
    return f"""## The attacker knows of the enhancer (figure 3)

Carlini and Wagner's attack on enhancer and recogniser as one, {plan.steps} steps. The paper: {without} dB without,
{behind} dB with U-Net_At.

{table(head, rows)}

![SNRs of the successes](figure-3.png)"""


def _cost(results: Results) -> str:
    rows = [
        [
            f"{float(row['recordings']):.0f}",
            f"{float(row['at once']):.2f}",
            f"{float(row['one by one']):.2f}",
            f"{float(row['one by one']) / float(row['at once']):.1f}",
            f"{float(row['generations']):.1f}",
        ]
        for row in results.rows.get("timing", [])
    ]
    head = ["recordings", "at once, s", "one by one, s", "one by one ÷ at once", "generations of NSGA-II a second"]
    note = f"{STEPS} steps of Carlini and Wagner on recordings of about one length, on two threads."
    return f"## Cost of targeted attacks, for a second of audio\n\n{note}\n\n{table(head, rows)}"


def _mean(values: Sequence[float]) -> str:
    return f"{sum(values) / len(values):.2f}" if values else MISSING


def _title(system: str) -> str:
    return system or "nothing"


def _titles(systems: Sequence[str]) -> list[str]:
    return [_title(system) for system in systems]
