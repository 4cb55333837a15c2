"""The time of attacks on a recogniser: many recordings at once or one by one, and generations of NSGA-II."""

import time
from functools import partial

import torch
from torch import Tensor

from benchmarks.mixtures import SHORTEST
from benchmarks.recordings import corpus, waveform
from benchmarks.rows import Row
from benchmarks.yang2020.plan import TARGET, TIMED_STEPS, Timing
from sottovoce.attacks import CarliniWagner, Evolutionary
from sottovoce.audio.batch import pad
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.models.recognizers import DifferentiableRecognizer, load_ctc_recognizer
from sottovoce.speed.timing import take_turns
from sottovoce.threats.objectives.recognizers import Transcribe

GENERATIONS = 10
AT_ONCE = 8, 32
"""Numbers of recordings."""


def time_attacks(job: Timing) -> list[Row]:
    """Seconds per second of audio, for each number of recordings of similar length, and generations per second."""
    torch.set_num_threads(2)
    recognizer = load_ctc_recognizer(job.plan.recognizer)
    spoken = [waveform(utterance) for utterance in corpus(job.plan.data, "an4") if utterance.split == "test"]
    long_enough = sorted((speech for speech in spoken if len(speech) >= SHORTEST * MODEL_RATE), key=len)
    generations = _generations_per_second(recognizer, long_enough[0])
    return [_timed(recognizer, long_enough[:count]) | {"generations": generations} for count in AT_ONCE]


def _timed(recognizer: DifferentiableRecognizer, spoken: list[Tensor]) -> Row:
    clean, lengths = pad(spoken)
    objective, attack = Transcribe([TARGET], recognizer), CarliniWagner(steps=TIMED_STEPS)

    def one_by_one() -> None:
        for speech in spoken:
            attack(recognizer, speech[None], objective)

    times = take_turns(
        {"at once": partial(attack, recognizer, clean, objective, lengths=lengths), "one by one": one_by_one}
    )
    audio = float(lengths.sum()) / MODEL_RATE
    return {"recordings": float(len(spoken)), **{name: seconds / audio for name, seconds in times.items()}}


def _generations_per_second(recognizer: DifferentiableRecognizer, speech: Tensor) -> float:
    start = time.perf_counter()
    Evolutionary(generations=GENERATIONS)(recognizer, speech[None], Transcribe([TARGET], recognizer))
    return GENERATIONS / (time.perf_counter() - start)
