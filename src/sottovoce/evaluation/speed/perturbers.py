"""The generator that hides the speaker: streamed on one core, and beside optimisation of the same utterance."""

from functools import partial

import torch
from torch import Tensor

from benchmarks.rows import Row
from sottovoce.attacks import PGD
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.evaluation.speed.timing import batch, take_turns
from sottovoce.models.speakers import Similarity, load_speaker_encoder
from sottovoce.perturbers import SSED, Stream
from sottovoce.threats.objectives.speakers import AwayFrom

GENERATOR, ENCODER = "ssed-ecapa-tdnn", "ecapa-tdnn"
CHUNKS = (20, 100, 1000)
"""Milliseconds."""
PGD_STEPS = 100


def streamed() -> list[Row]:
    """Real-time factor and latency in milliseconds by chunk."""
    network, speech = SSED.load(GENERATOR), batch().flatten()
    seconds = len(speech) / MODEL_RATE
    times = take_turns({str(chunk): partial(play, network, speech, chunk) for chunk in CHUNKS})
    lookahead = 1000 * Stream(network.generator, network).lookahead / MODEL_RATE
    rows: list[Row] = []
    for chunk in CHUNKS:
        factor = times[str(chunk)] / seconds
        latency = chunk + lookahead + factor * chunk
        rows.append({"chunk": float(chunk), "factor": factor, "lookahead": lookahead, "latency": latency})
    return rows


@torch.no_grad()
def play(network: SSED, speech: Tensor, milliseconds: int) -> Tensor:
    """`speech (samples,)` through the generator in chunks, the chunks end to end again."""
    stream, size = Stream(network.generator, network), milliseconds * MODEL_RATE // 1000
    chunks = [stream.push(speech[start : start + size]) for start in range(0, len(speech), size)]
    return torch.cat([*chunks, stream.flush()])


def beside_pgd() -> list[Row]:
    """Milliseconds of one pass of the generator and of `PGD_STEPS` steps of PGD on one utterance."""
    network, encoder, speech = SSED.load(GENERATOR), load_speaker_encoder(ENCODER), batch()[:1]
    with torch.no_grad():
        similarity = Similarity(encoder, encoder(speech))
    attack = PGD(step=1e-4, steps=PGD_STEPS)
    times = take_turns(
        {"pass": partial(one_pass, network, speech), "pgd": partial(attack, similarity, speech, AwayFrom())}
    )
    return [{"pass": 1000 * times["pass"], "pgd": 1000 * times["pgd"]}]


@torch.no_grad()
def one_pass(network: SSED, waveforms: Tensor) -> Tensor:
    """The generator on a batch as a whole."""
    perturbed: Tensor = network(waveforms)
    return perturbed
