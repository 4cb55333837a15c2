"""What attacking a recogniser costs: many recordings at once beside one by one, and generations of the search."""

import time
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from benchmarks.mixtures import SHORTEST
from benchmarks.recordings import corpus, waveform
from benchmarks.rows import Row
from benchmarks.yang2020.plan import TARGET, Plan
from sottovoce.attacks import CarliniWagner, Evolutionary
from sottovoce.audio.batch import pad
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.evaluation.speed.timing import take_turns
from sottovoce.models.recognizers import DifferentiableRecognizer, load_recognizer
from sottovoce.threats.objectives.recognizers import Transcribe

STEPS, GENERATIONS = 5, 10
AT_ONCE = 8, 32


@dataclass(frozen=True)
class Timing:
    """Measures times; to be run when nothing else runs."""

    plan: Plan
    name: str = "timing"


def time_attacks(job: Timing) -> list[Row]:
    """Seconds for a second of audio, recordings of about one length at once and one by one, for each number of them;
    and generations a second.
    """
    torch.set_num_threads(2)
    recognizer = load_recognizer(job.plan.recognizer)
    spoken = [waveform(utterance) for utterance in corpus(job.plan.data, "an4") if utterance.split == "test"]
    long_enough = sorted((speech for speech in spoken if len(speech) >= SHORTEST * MODEL_RATE), key=len)
    generations = _generations_a_second(recognizer, long_enough[0])
    return [_timed(recognizer, long_enough[:count]) | {"generations": generations} for count in AT_ONCE]


def _timed(recognizer: DifferentiableRecognizer, spoken: list[Tensor]) -> Row:
    clean, lengths = pad(spoken)
    objective, attack = Transcribe([TARGET], recognizer), CarliniWagner(steps=STEPS)

    def one_by_one() -> None:
        for speech in spoken:
            attack(recognizer, speech[None], objective)

    times = take_turns(
        {"at once": partial(attack, recognizer, clean, objective, lengths=lengths), "one by one": one_by_one}
    )
    audio = float(lengths.sum()) / MODEL_RATE
    return {"recordings": float(len(spoken)), **{name: seconds / audio for name, seconds in times.items()}}


def _generations_a_second(recognizer: DifferentiableRecognizer, speech: Tensor) -> float:
    start = time.perf_counter()
    Evolutionary(generations=GENERATIONS)(recognizer, speech[None], Transcribe([TARGET], recognizer))
    return GENERATIONS / (time.perf_counter() - start)
