"""What attacking a recogniser costs: many recordings at once beside one by one, and generations of the search."""

import time
from dataclasses import dataclass
from functools import partial

import torch

from sottovoce.attacks import CarliniWagner, Evolutionary
from sottovoce.audio.batch import pad
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.benchmarks.mixtures import SHORTEST
from sottovoce.benchmarks.recognition.plan import TARGET, Plan
from sottovoce.benchmarks.recordings import corpus, waveform
from sottovoce.benchmarks.rows import Row
from sottovoce.benchmarks.speed.timing import take_turns
from sottovoce.threats.transcriptions import Transcribe
from sottovoce.victims.recognizers import load_recognizer

STEPS, GENERATIONS, AT_ONCE = 5, 10, 32


@dataclass(frozen=True)
class Timing:
    """Measures times; to be run when nothing else runs."""

    plan: Plan
    name: str = "timing"


def time_attacks(job: Timing) -> list[Row]:
    """Seconds for a second of audio, recordings of about one length at once and one by one; generations a second."""
    torch.set_num_threads(2)
    recognizer = load_recognizer(job.plan.recognizer)
    spoken = [waveform(utterance) for utterance in corpus(job.plan.data, "an4") if utterance.split == "test"]
    long_enough = sorted((speech for speech in spoken if len(speech) >= SHORTEST * MODEL_RATE), key=len)
    clean, lengths = pad(long_enough[:AT_ONCE])
    objective, attack = Transcribe([TARGET], recognizer), CarliniWagner(steps=STEPS)

    def one_by_one() -> None:
        for row, length in enumerate(lengths.tolist()):
            attack(recognizer, clean[row : row + 1, :length], objective)

    times = take_turns(
        {"at once": partial(attack, recognizer, clean, objective, lengths=lengths), "one by one": one_by_one}
    )
    start = time.perf_counter()
    Evolutionary(generations=GENERATIONS)(recognizer, clean[:1, : int(lengths[0])], objective)
    seconds = time.perf_counter() - start
    audio = float(lengths.sum()) / MODEL_RATE
    return [
        {
            "at once": times["at once"] / audio,
            "one by one": times["one by one"] / audio,
            "generations": GENERATIONS / seconds,
        }
    ]
