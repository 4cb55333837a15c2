"""The report: Markdown, CSV and figures, with the published values beside ours."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import ascii_lowercase

import torch

from benchmarks.recordings import from_text
from benchmarks.rows import Row
from benchmarks.yang2020 import published
from benchmarks.yang2020.figures import draw_adaptive, draw_spectrograms
from benchmarks.yang2020.plan import (
    ATTACKS,
    FURTHER_ROOMS,
    NOISE_SNRS,
    RECOGNIZERS,
    ROOMS_OF_TEST,
    TARGET,
    TIMED_STEPS,
    TRAINED,
    Job,
    Plan,
    Timing,
)
from benchmarks.yang2020.results import Results
from sottovoce.channels.band import LOUDSPEAKER
from sottovoce.evaluation.tables import MISSING, table
from sottovoce.metrics import tasr
from sottovoce.protections.presets import ROOMS_AT_ONCE, count_rooms
from sottovoce.writing import make_folder, write_text

PAPER = "Yang et al."
RATES = "rosa", "rosa elsewhere", "wer", "target wer", "unattacked wer"
NAMES = {"pesq": "PESQ (raw)", "sti": "STI", "stoi": "STOI", "snr": "SNR, dB"}


def write_report(out: Path, plan: Plan, rows: dict[str, list[Row]]) -> None:
    """Write `yang2020.md`, `yang2020.csv` and the figures; a dash stands for what was not measured.

    Raises:
        SottovoceError: a file cannot be written.
    """
    results = Results(plan, rows)
    sections = [
        _head(results),
        _recognizers(results),
        _noise(results),
        _adversarial(results),
        _table_4(results),
        _adaptive(results),
        _cost(results),
    ]
    make_folder(out)
    write_text(out / "yang2020.md", "\n\n".join(sections) + "\n")
    write_text(out / "yang2020.csv", results.summary.csv())
    if example := results.of(_example(plan)):
        signals = {
            f"({letter}) {row['signal']}": from_text(str(row["samples"]))
            for letter, row in zip(ascii_lowercase, example, strict=False)
        }
        draw_spectrograms(signals).savefig(out / "figure-2.png", dpi=90)
    draw_adaptive(_successes(results)).savefig(out / "figure-3.png", dpi=90)


def _example(plan: Plan) -> Job:
    return Job(plan, "example", plan.recognizer)


def _head(results: Results) -> str:
    plan = results.plan
    figure = "\n\n![Clean, noisy, adversarial, enhanced](figure-2.png)" if results.of(_example(plan)) else ""
    dtln = " --dtln DTLN" if plan.dtln else ""
    return f"""# Attacks on speech recognition, with enhancers in front of the recogniser

A comparison with Yang et al. (2020). At most {plan.count} utterances, one per speaker, none of them seen in training:
of LibriSpeech test-clean in noise for table 1, of AN4's test set for the attacks. The target of the attacks is
"{TARGET}". Rooms are simulated (T60 of 0.2 to 0.6 s); the rooms of the test are not those of the attack.
Every file is written as a 16-bit file and read back before it is measured. Means have 95 % bootstrap intervals in
brackets. The suffix "{TRAINED}" marks adversarially trained models. A dash stands for what was not measured. The values
of {PAPER} are for other data and Mozilla DeepSpeech.

Made by `python -m benchmarks yang2020 --data DATA{dtln} --count {plan.count} --snr {plan.snr:g}
--generations {plan.generations} --seed {plan.seed}`.{figure}"""


def _recognizers(results: Results) -> str:
    rows = []
    for recognizer in results.plan.recognizers:
        job = Job(results.plan, "an4", recognizer)
        means = [results.mean([job], key).text(factor=100) for key in RECOGNIZERS]
        rows.append([recognizer, _pooled(results.of(job)), *means])
    head = ["recogniser", "WER, all words, %", "WER, mean, %", "with beam search, %", "pocketsphinx, %"]
    note = """The first column pools the words of all utterances; the others are means over utterances. The beam search
only outputs words of AN4's training set. pocketsphinx knows all of English."""
    return f"## The recognisers on AN4's test set\n\n{note}\n\n{table(head, rows)}"


def _pooled(rows: Sequence[Row]) -> str:
    if not rows:
        return MISSING
    words = [float(row["words"]) for row in rows]
    wrong = sum(float(row["wer"]) * count for row, count in zip(rows, words, strict=True))
    return f"{100 * wrong / sum(words):.1f}"


def _quality(results: Results, jobs: Sequence[Job], systems: Sequence[str]) -> list[list[str]]:
    return [
        [NAMES[key], *(results.mean(jobs, key, system).text(2) for system in systems)] for key in published.MEASURES
    ]


def _published(values: Mapping[str, Sequence[float]]) -> list[list[str]]:
    return [[NAMES[key], *(f"{value:.2f}" for value in values[key])] for key in published.MEASURES]


def _noise(results: Results) -> str:
    systems = results.plan.systems
    jobs = [Job(results.plan, "noise", what=str(snr)) for snr in NOISE_SNRS]
    ours = table(["", *_titles(systems)], _quality(results, jobs, systems))
    paper = table(["", *_titles(published.SYSTEMS)], _published(published.NOISE))
    rows = [[job.what, *(results.gain(job, system).text(2) for system in systems[1:])] for job in jobs]
    gains = table(["SNR, dB", *_titles(systems[1:])], rows)
    return f"""## Noise at {", ".join(map(str, NOISE_SNRS))} dB (table 1)

{ours}

{PAPER}:

{paper}

The lower the SNR, the more an enhancer can gain; the mixtures of {PAPER} are at {published.NOISE["snr"][0]} dB. Gain in
SNR, in dB:

{gains}"""


def _adversarial(results: Results) -> str:
    plan, parts = results.plan, []
    for attack in ATTACKS:
        job = [Job(plan, "attack", plan.recognizer, attack)]
        parts.append(f"The {attack} attack on `{plan.recognizer}`:")
        parts.append(table(["", *_titles(plan.systems)], _quality(results, job, plan.systems)))
    parts.append(f"{PAPER}, gradient attack:")
    untreated, trained = _published(published.ADVERSARIAL), _published(published.TRAINED)
    paper = [[*one, *other[2:]] for one, other in zip(untreated, trained, strict=True)]
    head = ["", *_titles(published.SYSTEMS), *(f"{name}{TRAINED}" for name in published.SYSTEMS[1:])]
    parts.append(table(head, paper))
    return "## Enhanced adversarial speech (tables 2 and 3)\n\n" + "\n\n".join(parts)


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
                rosa, wer = (f"{value:.2f}" for value in values)
                name = PAPER + (", adversarially trained" if place else "")
                rows.append([attack, f"{published.ATTACK_SNR}", name, _title(system), rosa, "", wer, "", ""])
    head = ["attack", "SNR, dB", "recogniser", "in front", "RoSA, %", f"RoSA in {FURTHER_ROOMS} more rooms, %"]
    head += ["WER, %", "WER to the target, %", "WER without attack, %"]
    low, high = LOUDSPEAKER
    steps, rooms = plan.over_the_air, count_rooms(plan.over_the_air)
    note = f"""The gradient attack takes {steps} steps, each in {ROOMS_AT_ONCE} of {rooms} rooms. Its perturbation has
{low:g} to {high:g} Hz; with the 1000 to 4000 Hz of {PAPER}, too much of the original words is left for this recogniser.
The attack knows the recogniser, but not the enhancer in front. RoSA is the rate of successful attacks. Rates are means
over {ROOMS_OF_TEST} rooms unless the column says otherwise."""
    return f"## Over the air (table 4)\n\n{note}\n\n{table(head, rows)}"


def _successes(results: Results) -> dict[str, list[float]]:
    found = {}
    for system in results.plan.systems:
        rows = results.of(Job(results.plan, "adaptive", results.plan.recognizer, system))
        if snrs := [float(row["snr"]) for row in rows if float(row["success"])]:
            found[_title(system)] = snrs
    return found


def _adaptive(results: Results) -> str:
    plan, rows, successes = results.plan, [], _successes(results)
    for system in plan.systems:
        found = results.of(Job(plan, "adaptive", plan.recognizer, system))
        if not found:
            continue
        success = torch.tensor([float(row["success"]) for row in found]) > 0
        lowest = tasr(torch.tensor([float(row["snr"]) for row in found]), success)
        snrs = successes.get(_title(system), [])
        mean = f"{sum(snrs) / len(snrs):.2f}" if snrs else MISSING
        all_of_them = f"{lowest:.2f}" if math.isfinite(lowest) else "never"
        suspicions = str(found[0]["suspicions"]) or "none"
        rows.append([_title(system), f"{len(snrs)} of {len(found)}", mean, all_of_them, suspicions])
    head = ["in front", "successes", "their mean SNR, dB", "SNR at which all succeed, dB", "checks of the gradient"]
    without, behind = published.TASR
    return f"""## An attacker who knows the enhancer (figure 3)

Carlini and Wagner's attack on enhancer and recogniser together, {plan.steps} steps. The SNR at which all attacks of
{PAPER} succeed is {without} dB without an enhancer and {behind} dB with U-Net_At. The last column says what our checks
for misleading gradients found.

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
        for row in results.of(Timing(results.plan))
    ]
    head = ["recordings", "at once, s", "one by one, s", "one by one ÷ at once", "generations of NSGA-II per second"]
    note = f"""Seconds per second of audio for {TIMED_STEPS} steps of Carlini and Wagner's attack, on recordings of
similar length and two threads."""
    return f"## Cost of targeted attacks\n\n{note}\n\n{table(head, rows)}"


def _title(system: str) -> str:
    return system or "nothing"


def _titles(systems: Sequence[str]) -> list[str]:
    return [_title(system) for system in systems]
