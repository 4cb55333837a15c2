"""Times of the generator of `protect voice`: streamed, and compared with optimisation."""

from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from sottovoce.attacks import PGD
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.models.speakers import Similarity, load_speaker_encoder
from sottovoce.perturbers import SSED, Stream
from sottovoce.speed.timing import batch, take_turns
from sottovoce.threats.objectives.speakers import AwayFrom

GENERATOR, ENCODER = "ssed-ecapa-tdnn", "ecapa-tdnn"
CHUNKS = (20, 100, 1000)
"""Lengths of the chunks in milliseconds."""
PGD_STEPS = 100


class Streamed(NamedTuple):
    """Real-time factor, and chunk, look-ahead and latency in milliseconds."""

    chunk: float
    factor: float
    lookahead: float
    latency: float


def streamed() -> list[Streamed]:
    """The generator in chunks of each length."""
    network, speech = SSED.load(GENERATOR), batch().flatten()
    seconds = len(speech) / MODEL_RATE
    times = take_turns({str(chunk): partial(play, network, speech, chunk) for chunk in CHUNKS})
    lookahead = 1000 * Stream(network.generator, network).lookahead / MODEL_RATE
    factors = {chunk: times[str(chunk)] / seconds for chunk in CHUNKS}
    return [Streamed(chunk, factor, lookahead, chunk + lookahead + factor * chunk) for chunk, factor in factors.items()]


@torch.no_grad()
def play(network: SSED, speech: Tensor, milliseconds: int) -> Tensor:
    """`speech (samples,)` through the generator in chunks, concatenated."""
    stream, size = Stream(network.generator, network), milliseconds * MODEL_RATE // 1000
    chunks = [stream.push(speech[start : start + size]) for start in range(0, len(speech), size)]
    return torch.cat([*chunks, stream.flush()])


def compared() -> tuple[float, float]:
    """Milliseconds of one pass of the generator, and of `PGD_STEPS` steps of PGD, on one utterance."""
    network, encoder, speech = SSED.load(GENERATOR), load_speaker_encoder(ENCODER), batch()[:1]
    with torch.no_grad():
        similarity = Similarity(encoder, encoder(speech))
    attack = PGD(step=1e-4, steps=PGD_STEPS)
    times = take_turns(
        {"pass": partial(one_pass, network, speech), "pgd": partial(attack, similarity, speech, AwayFrom())}
    )
    return 1000 * times["pass"], 1000 * times["pgd"]


@torch.no_grad()
def one_pass(network: SSED, waveforms: Tensor) -> Tensor:
    """The generator on a whole batch."""
    perturbed: Tensor = network(waveforms)
    return perturbed
